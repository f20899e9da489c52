// Messages at the top of the screen (functions.md flash()): read out by screen readers, and they stay until dismissed.
import { word } from "./page.js";

const GOES_AFTER = 3000; // ms, for success (functions.md)

export function flash(message, priority = "info", clear = false) {
  const area = document.getElementById("announcements");
  if (clear) area.replaceChildren();
  if (message === null || message === undefined) return;
  const box = document.createElement("div");
  box.className = `alert alert-${/^[a-z]+$/.test(priority || "") ? priority : "info"}`;
  const text = document.createElement("div");
  text.innerHTML = message;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", word("dismiss"));
  close.addEventListener("click", () => box.remove());
  box.append(text, close);
  area.append(box);
  if (priority === "success") setTimeout(() => box.remove(), GOES_AFTER);
}
