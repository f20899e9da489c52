// @ts-check
// What was typed into a form and not sent, taken from one form and put into the next: for a screen that is renewed
// while somebody types (a waiting screen that looks again, a refresh, an action).
import { answerForm, first, isControl } from "./dom.js";

/** @typedef {import("./dom.js").Control} Control */
/** @typedef {{ values: Map<string, string | boolean | string[]>, focus: string, caret: [number, number] | null }} Draft */

/** @param {Control} element @returns {element is HTMLInputElement} */
const isTick = (element) => element instanceof HTMLInputElement && (element.type === "checkbox" || element.type === "radio");
/** What a combobox sends stands beside what it shows (widgets/combobox.js). @param {Control} element @returns {HTMLInputElement | null} */
const sentFor = (element) => (element.name ? null : first(element.parentElement ?? element, ":scope > input[type=hidden][data-variable]", HTMLInputElement));
/** @param {Control} element */
const keyOf = (element) => `${sentFor(element)?.name ?? element.name}\n${isTick(element) ? element.value : ""}`;

/** @param {Control} element @returns {string | boolean | string[] | null} what it holds, null if that is what the server gave it */
function typed(element) {
  if (isTick(element)) return element.checked === element.defaultChecked ? null : element.checked;
  if (element instanceof HTMLSelectElement) {
    const touched = [...element.options].some((one) => one.selected !== one.defaultSelected);
    return touched ? [...element.selectedOptions].map((one) => one.value) : null;
  }
  return (sentFor(element) ?? element).value === element.defaultValue ? null : element.value;
}

/** @returns {Draft | null} */
export function take() {
  const form = answerForm();
  if (!form) return null;
  const values = new Map();
  for (const element of form.elements) {
    if (!isControl(element) || !(element.name || sentFor(element)) || ["hidden", "file", "submit"].includes(element.type)) continue;
    const value = typed(element);
    if (value !== null) values.set(keyOf(element), value);
  }
  const at = document.activeElement;
  const start = at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement ? at.selectionStart : null;
  return { values, focus: at?.id ?? "", caret: start === null ? null : [start, /** @type {any} */ (at).selectionEnd ?? start] };
}

/** @param {Draft} draft */
export function putBack({ values, focus, caret }) {
  const form = answerForm();
  if (!form) return;
  for (const element of form.elements) {
    if (!isControl(element) || !element.name) continue;
    const value = values.get(keyOf(element));
    if (value === undefined) continue;
    if (isTick(element)) element.checked = value === true;
    else if (element instanceof HTMLSelectElement) for (const one of element.options) one.selected = Array.isArray(value) && value.includes(one.value);
    else element.value = String(value);
  }
  const focused = focus ? document.getElementById(focus) : null;
  focused?.focus({ preventScroll: true });
  try {
    if (caret && (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement)) focused.setSelectionRange(...caret);
  } catch (error) {
    // number, date and kin have no caret to set
  }
}
