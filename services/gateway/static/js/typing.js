// @ts-check
// What the user is typing, so that nothing that arrives takes it away.
import { isControl } from "./dom.js";

let moments = 0;
/** @type {WeakMap<Element, number>} when a control was last changed by the user, on a clock that counts such changes */
const touched = new WeakMap();
/** @type {Element | null} a control with text that was typed and not yet left */
let unfinished = null;

/** The moment now, to ask later what was typed since. */
export const moment = () => moments;

/** Whether the user is at `element`, or changed it after `since`. @param {Element} element @param {number} since */
export const isTyped = (element, since) =>
  (element === unfinished && element === document.activeElement) || (touched.get(element) ?? 0) > since;

/** Watch the user's own changes; those of scripts do not count. */
export function start() {
  document.addEventListener("input", (event) => {
    if (!event.isTrusted || !isControl(event.target)) return;
    touched.set(event.target, ++moments);
    unfinished = event.target;
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target === unfinished) unfinished = null;
  }, true);
}
