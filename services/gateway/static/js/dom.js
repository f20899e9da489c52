// @ts-check
// Finding elements, with their types.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/**
 * The elements below `root` that `selector` names and that are of `type`.
 * @template {Element} T
 * @param {ParentNode} root @param {string} selector @param {new () => T} type
 * @returns {T[]}
 */
export const all = (root, selector, type) =>
  [...root.querySelectorAll(selector)].filter((one) => one instanceof type).map((one) => /** @type {T} */ (one));

/**
 * @template {Element} T
 * @param {ParentNode} root @param {string} selector @param {new () => T} type
 * @returns {T | null}
 */
export const first = (root, selector, type) => all(root, selector, type)[0] ?? null;

/** @param {unknown} element @returns {element is Control} */
export const isControl = (element) =>
  element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement;

/** The controls below `root`. @param {ParentNode} root @param {string} [selector] @returns {Control[]} */
export const controlsIn = (root, selector = "input, select, textarea") => [...root.querySelectorAll(selector)].filter(isControl);

/** The nearest element around (or at) where an event happened. @param {Event} event @param {string} selector @returns {HTMLElement | null} */
export function near(event, selector) {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/** The form that answers the screen. @returns {HTMLFormElement | null} */
export const answerForm = () => /** @type {HTMLFormElement | null} */ (document.getElementById("answer"));

/** The text of a label without the star of required fields. @param {Element | null} label */
export const labelText = (label) => (label?.textContent ?? "").replace(/\*\s*$/, "").trim();
