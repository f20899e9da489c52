// @ts-check
// What a check-in's reply does to the page (background.md "Updating the screen").
import * as conditions from "./conditions.js";
import { controlsIn } from "./dom.js";
import { container, setChoices, setField } from "./fields.js";
import { flash } from "./flash.js";
import * as screen from "./screen.js";
import * as scripts from "./scripts.js";
import { word } from "./state.js";
import { isTyped } from "./typing.js";

/** @typedef {import("./checkin.js").Command} Command */

/** @param {string} name @param {number} since @returns {boolean} whether the user is typing there, or has since */
function isBusy(name, since) {
  const holder = container(name.replace(/\[[^\]]*\]$/, "")) ?? container(name);
  return Boolean(holder && controlsIn(holder).some((one) => isTyped(one, since)));
}

/** @param {Record<string, any>} values @param {number} since */
function fill(values, since) {
  for (const [name, value] of Object.entries(values)) {
    const busy = isBusy(name, since);
    if (value && typeof value === "object" && !Array.isArray(value) && "choices" in value) {
      setChoices(name, value.choices);
      if ("value" in value && !busy) setField(name, value.value);
    } else if (!busy) {
      // What is being typed wins over what arrives.
      setField(name, value);
    }
  }
  conditions.apply();
}

/** @param {unknown} value a `{target, content}` or a list of them */
function targets(value) {
  for (const one of Array.isArray(value) ? value : [value]) {
    if (!one || typeof one !== "object" || one.target === undefined) continue;
    for (const place of document.getElementsByClassName(`datarget${one.target}`)) place.innerHTML = one.content ?? "";
  }
}

/** What is no text is shown as text. @param {unknown} value */
const text = (value) => (value && typeof value === "object" ? JSON.stringify(value) : String(value ?? ""));

/** Do what a command says. @param {Command} command @param {number} since the moment (typing.js) that the server knows of */
export async function obey({ extra, value, priority, failed }, since) {
  switch (extra) {
    case "flash":
      flash(failed ? word("task failed") : text(value), priority || (failed ? "danger" : "info"));
      break;
    case "refresh":
      await screen.refresh({ keep: true });
      break;
    case "javascript":
      scripts.run(text(value));
      break;
    case "fields":
      fill(value || {}, since);
      break;
    default:
      targets(value);
      document.dispatchEvent(new CustomEvent("daCheckIn", { detail: value, bubbles: true }));
  }
}
