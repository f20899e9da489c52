// @ts-check
// What controls do beyond what the browser gives. Each widget is a module of its own; here they find their elements.
import { all, answerForm, first } from "../dom.js";
import { collecting } from "./collect.js";
import * as combobox from "./combobox.js";
import { dateParts } from "./dateparts.js";
import { filtering } from "./filter.js";
import { exclusives, governing } from "./groups.js";
import { shrinking } from "./pictures.js";
import { signature } from "./signature.js";

/** A slider shows where it stands. @param {ParentNode} root @param {HTMLInputElement} range */
function slider(root, range) {
  const output = first(root, `output[for="${CSS.escape(range.id)}"]`, HTMLOutputElement);
  if (output) range.addEventListener("input", () => (output.value = range.value));
}

/** A link of the list of errors leads into the field. @param {HTMLAnchorElement} link */
function errorLink(link) {
  link.addEventListener("click", (event) => {
    const target = document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    (target.matches("fieldset") ? first(target, "input:not([type=hidden])", HTMLElement) : target)?.focus();
  });
}

/** @param {HTMLElement} root */
function controls(root) {
  all(root, "[data-combobox]", HTMLElement).forEach(combobox.local);
  all(root, "[data-ajax]", HTMLElement).forEach(combobox.remote);
  all(root, ".kind-checkboxes", HTMLElement).forEach(exclusives);
  all(root, "fieldset", HTMLFieldSetElement).forEach(filtering);
  all(root, "input[data-date-parts]", HTMLInputElement).forEach(dateParts);
  all(root, "[data-signature]", HTMLElement).forEach(signature);
  all(root, "input[data-max-image]", HTMLInputElement).forEach(shrinking);
  all(root, ".error-summary a[href^='#']", HTMLAnchorElement).forEach(errorLink);
  for (const range of all(root, "input[type=range]", HTMLInputElement)) slider(root, range);
}

/** An item that was added to a list. @param {HTMLElement} item */
function further(item) {
  controls(item);
  governing(item);
}

/** Make the controls of a screen work that has just been put up. @param {HTMLElement} root */
export function enhance(root) {
  const form = answerForm();
  if (form) form.noValidate = true;
  for (const box of all(root, "[data-collect]", HTMLElement)) collecting(box, further); // first: it keeps an item as the server made it
  controls(root);
  governing(root);
}
