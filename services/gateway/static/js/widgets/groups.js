// @ts-check
// Boxes that depend on each other: none and all of the above, and yes/no fields that check, uncheck or disable others.
import { hold } from "../conditions.js";
import { all, answerForm, controlsIn } from "../dom.js";

/** "None of the above" and "all of the above" of a group of boxes. @param {HTMLElement} box */
export function exclusives(box) {
  box.addEventListener("change", (event) => {
    // Asked for anew: a check-in may have brought others.
    const boxes = all(box, "input[type=checkbox]", HTMLInputElement);
    const plain = boxes.filter((one) => !one.dataset.exclusive);
    const none = boxes.find((one) => one.dataset.exclusive === "nota");
    const every = boxes.find((one) => one.dataset.exclusive === "aota");
    if (none?.checked && event.target === none) {
      for (const one of plain) one.checked = false;
      if (every) every.checked = false;
    } else if (every && event.target === every) {
      for (const one of plain) one.checked = every.checked;
    }
    if (none && plain.some((one) => one.checked)) none.checked = false;
    if (every && event.target !== every) every.checked = plain.every((one) => one.checked);
  });
}

/** The fields that `element` governs: those it names, or all others. @param {HTMLElement} element @param {string} key */
function others(element, key) {
  const given = JSON.parse(element.dataset[key] ?? "null");
  const named = Array.isArray(given) ? given : null;
  const item = element.closest(".collect-item");
  // A name as the author wrote it (`people[i].age`) is that of the same item.
  const isNamed = (/** @type {HTMLElement} */ one) => named?.includes(one.dataset.field) || (named?.includes(one.dataset.written) && one.closest(".collect-item") === item);
  return all(document, "#answer .field[data-field]", HTMLElement).filter((one) => !one.contains(element) && (!named || isNamed(one)));
}

/** @param {HTMLElement} element @param {string} key */
const ticks = (element, key) => others(element, key).flatMap((one) => all(one, ".choice-single input[type=checkbox]", HTMLInputElement));

/** `uncheck others` @param {HTMLInputElement} element @param {HTMLFormElement} form */
function unchecks(element, form) {
  element.addEventListener("change", () => {
    if (element.checked) for (const one of ticks(element, "uncheckOthers")) one.checked = false;
  });
  form.addEventListener("change", (event) => {
    if (event.target !== element && ticks(element, "uncheckOthers").some((one) => one.checked)) element.checked = false;
  });
}

/** `check others` @param {HTMLInputElement} element @param {HTMLFormElement} form */
function checks(element, form) {
  element.addEventListener("change", () => {
    for (const one of ticks(element, "checkOthers")) one.checked = element.checked;
  });
  form.addEventListener("change", (event) => {
    if (event.target !== element) element.checked = ticks(element, "checkOthers").every((one) => one.checked);
  });
}

/** `disable others` @param {HTMLElement} element */
function disables(element) {
  const holder = element.closest(".field");
  if (!(holder instanceof HTMLElement)) return;
  const sync = () => {
    const chosen = all(holder, "input:checked", HTMLInputElement).some((one) => one.value !== "") || all(holder, "option:checked", HTMLOptionElement).some((one) => one.value !== "");
    const written = controlsIn(holder, "input:not([type=radio]):not([type=checkbox]):not([type=hidden]), textarea").some((one) => one.value !== "");
    for (const box of others(element, "disableOthers")) for (const one of controlsIn(box)) hold(one, element, chosen || written);
  };
  holder.addEventListener("input", sync);
  holder.addEventListener("change", sync);
  sync();
}

/** The fields below `root` that govern others (fields.md). @param {ParentNode} root */
export function governing(root) {
  const form = answerForm();
  if (!form) return;
  for (const one of all(root, "[data-uncheck-others]", HTMLInputElement)) unchecks(one, form);
  for (const one of all(root, "[data-check-others]", HTMLInputElement)) checks(one, form);
  for (const one of all(root, "[data-disable-others]", HTMLElement)) disables(one);
}
