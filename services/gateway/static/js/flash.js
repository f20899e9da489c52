// @ts-check
// Messages at the top of the screen (functions.md flash()): read out by screen readers, and they stay until dismissed.
import { current, word } from "./state.js";

/** ms that a message is there at least: one that came while the next screen was on its way goes with that one. */
const SEEN_AFTER = 1500;
/** The screen on which each message came, and when. @type {Map<Element, { page: object, at: number }>} */
const came = new Map();
const GOES_AFTER = 3000; // ms, for success (functions.md)

/** @param {string | null} [message] HTML @param {string} [priority] a colour of Bootstrap @param {boolean} [clear] take away the others @param {boolean} [keep] until dismissed, not only as long as this screen stands (Parley's own) */
export function flash(message, priority = "info", clear = false, keep = false) {
  const area = document.getElementById("announcements");
  if (!area) return;
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
  if (!keep) came.set(box, { page: current(), at: Date.now() });
  if (priority === "success") setTimeout(() => box.remove(), GOES_AFTER);
}

/** Another screen takes the place of the one that stands: its messages go with it. */
export function settle() {
  for (const [box, { page, at }] of came) {
    if (page === current() && Date.now() - at < SEEN_AFTER) continue;
    box.remove();
    came.delete(box);
  }
}

/**
 * Say what an interview said by log() (functions.md): on the screen, in the console, or by running it.
 * @param {{ message: string, priority: string }[]} messages @param {{ run: (text: string) => void, console: { log: (text: string) => void } }} by
 */
export function say(messages, by) {
  for (const { message, priority } of messages) {
    if (priority === "console") by.console.log(message);
    else if (priority === "javascript") by.run(message);
    else flash(escaped(message), priority);
  }
}

/** What is no HTML, as HTML: it may hold answers. @param {string} text */
function escaped(text) {
  const holder = document.createElement("div");
  holder.textContent = text;
  return holder.innerHTML;
}

/** The banner while the server cannot be reached. @param {boolean} there */
export function connection(there) {
  const banner = document.getElementById("offline");
  if (there) {
    banner?.remove();
  } else if (!banner) {
    const made = document.createElement("div");
    made.id = "offline";
    made.className = "offline";
    made.setAttribute("role", "status");
    made.textContent = word("offline");
    document.body.prepend(made);
  }
}
