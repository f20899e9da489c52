// @ts-check
// How far the work is that the screen waits for, and about how long the likes of it take.
import { current, word } from "./state.js";

/** @typedef {{ task: string, fraction?: number | null, text?: string, usual?: number | null }} Progress */

/** @param {number} seconds in words of the page's language */
function lasting(seconds) {
  const [unit, count] = seconds < 90 ? ["second", Math.max(1, Math.round(seconds))] : ["minute", Math.round(seconds / 60)];
  return new Intl.NumberFormat(current().language || "en", { style: "unit", unit: String(unit), unitDisplay: "long" }).format(Number(count));
}

/** The place for it: over the screen that stays, or below the heading of the waiting screen. */
function place() {
  const known = document.getElementById("wait-progress");
  if (known) return known;
  const made = document.createElement("div");
  made.id = "wait-progress";
  const words = document.querySelector(".wait-words");
  if (words) words.append(made);
  else document.querySelector(".waiting-bar")?.after(made);
  return made;
}

/** @param {Progress} told */
export function show({ task, fraction, text, usual }) {
  if (!current().waits?.includes(task)) return;
  const holder = place();
  const parts = [];
  if (typeof fraction === "number") {
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = fraction;
    bar.setAttribute("aria-label", word("progress"));
    parts.push(bar);
  }
  for (const line of [text, usual ? word("usually", lasting(usual)) : ""]) {
    if (!line) continue;
    const said = document.createElement("p");
    said.textContent = line;
    parts.push(said);
  }
  holder.replaceChildren(...parts);
}
