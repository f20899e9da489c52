// @ts-check
// Files on their way: how far they are, and a way to stop them.
import { word } from "./state.js";

/** @typedef {{ how: Pick<import("./transport.js").Outgoing, "progress" | "signal">, end: () => void }} Upload */

/** @param {string} text @param {AbortController} stop */
function made(text, stop) {
  const box = document.createElement("div");
  box.id = "upload";
  box.className = "upload";
  const label = document.createElement("label");
  label.htmlFor = "upload-bar";
  label.textContent = text;
  const bar = document.createElement("progress");
  bar.id = "upload-bar";
  bar.max = 100;
  const share = document.createElement("span");
  share.className = "upload-share";
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "btn btn-outline-secondary btn-sm";
  cancel.textContent = word("cancel");
  cancel.addEventListener("click", () => stop.abort());
  box.append(label, bar, share, cancel);
  return { box, bar, share };
}

/** Show it while `body` is sent from `form`, if there are files in it. @param {HTMLFormElement} form @param {BodyInit} body @returns {Upload} */
export function begin(form, body) {
  const files = body instanceof FormData && [...body.values()].some((one) => typeof one !== "string" && one.size > 0);
  if (!files) return { how: {}, end: () => undefined };
  const stop = new AbortController();
  const { box, bar, share } = made(word("uploading"), stop);
  const actions = form.querySelector(".actions");
  if (actions) actions.before(box);
  else form.append(box);
  /** @param {number} sent @param {number} total */
  const progress = (sent, total) => {
    bar.value = total ? Math.floor((100 * sent) / total) : 0;
    share.textContent = `${bar.value}%`;
  };
  return { how: { progress, signal: stop.signal }, end: () => box.remove() };
}
