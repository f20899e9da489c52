// @ts-check
// show if, hide if, enable if, disable if and their js kin (fields.md). A hidden field is disabled: it is not sent.
import { all, controlsIn } from "./dom.js";
import { container, from, val } from "./fields.js";

/** @typedef {import("./fields.js").Value} Value */

/**
 * @typedef {object} PlainCondition
 * @property {string} variable
 * @property {unknown} [is] what the variable must be; without it, anything that is not false or empty
 * @property {boolean} [sign] false: the opposite
 * @property {boolean} [disable] enables and disables instead of showing and hiding
 */

/**
 * @typedef {object} JsCondition
 * @property {number} number of the field it is for
 * @property {string} js an expression
 * @property {boolean} [sign]
 * @property {boolean} [disable]
 */

/** @typedef {{ value: Value, hidden: boolean }} Source what the variable of a condition holds, and whether its field is hidden */

/** @param {Value} found @param {unknown} wanted */
function same(found, wanted) {
  if (Array.isArray(found)) return found.includes(String(wanted));
  if (typeof wanted === "boolean") return found === wanted || String(found) === (wanted ? "True" : "False");
  if (wanted === null) return found === null || found === "None" || found === "";
  return String(found) === String(wanted);
}

/**
 * Whether a condition on a variable holds. A field that is not there fulfils no condition, whichever way it is asked,
 * unless it is asked for the opposite (fields.md "show if").
 * @param {PlainCondition} condition @param {Source} source
 */
export function holds(condition, { value, hidden }) {
  const there = !hidden && value !== null;
  const truthy = value === true || (typeof value === "string" && value !== "" && value !== "False");
  const result = there && ("is" in condition ? same(value, condition.is) : truthy);
  return condition.sign === false ? !result : result;
}

/** @type {Map<string, () => unknown>} the compiled js conditions, by field number and place */
const compiled = new Map();
/** @type {(JsCondition & { index: number })[]} */
let scripted = [];

/** @param {JsCondition & { index: number }} condition @param {HTMLElement} box what it is about */
function holdsByScript(condition, box) {
  let result = false;
  try {
    result = Boolean(from(box, () => compiled.get(`${condition.number}/${condition.index}`)?.()));
  } catch (error) {
    console.error("js show if:", error);
  }
  return condition.sign === false ? !result : result;
}

/** @param {PlainCondition} condition */
const holdsHere = (condition) => holds(condition, { value: val(condition.variable), hidden: Boolean(container(condition.variable)?.hidden) });

/** What keeps a control disabled beside its own conditions: fields that "disable others". @type {WeakMap<Element, Set<Element>>} */
const holders = new WeakMap();
/** Whether the conditions of a control let it be used. @type {WeakMap<Element, boolean>} */
const allowed = new WeakMap();

/** @param {import("./dom.js").Control | HTMLButtonElement} element */
function settle(element) {
  element.dataset.own ??= element.disabled ? "1" : "";
  element.disabled = element.dataset.own === "1" || allowed.get(element) === false || Boolean(holders.get(element)?.size);
}

/** `by` disables a control, or does so no more. @param {import("./dom.js").Control} element @param {Element} by @param {boolean} on */
export function hold(element, by, on) {
  const held = holders.get(element) ?? new Set();
  holders.set(element, held);
  if (on) held.add(by);
  else held.delete(by);
  settle(element);
}

/** @param {HTMLElement} box @param {boolean} shown @param {boolean} enabled */
function set(box, shown, enabled) {
  const was = box.hidden;
  box.hidden = !shown;
  const inside = [...controlsIn(box), ...all(box, "button:not(.help-button)", HTMLButtonElement)];
  for (const element of inside) {
    allowed.set(element, shown && enabled);
    settle(element);
  }
  if (was !== box.hidden) box.dispatchEvent(new CustomEvent(shown ? "daShow" : "daHide", { bubbles: true }));
}

/** @param {HTMLElement} box @returns {{ shown: boolean, enabled: boolean }} */
function outcome(box) {
  /** @type {PlainCondition[]} */
  const plain = JSON.parse(box.dataset.conditions ?? "[]");
  const number = box.dataset.jsConditions;
  const found = [
    ...plain.map((one) => ({ disable: one.disable, holds: holdsHere(one) })),
    ...scripted.filter((one) => String(one.number) === number).map((one) => ({ disable: one.disable, holds: holdsByScript(one, box) })),
  ];
  return { shown: found.every((one) => one.disable || one.holds), enabled: found.every((one) => !one.disable || one.holds) };
}

/** Show and hide what is to be shown and hidden now. */
export function apply() {
  const boxes = all(document, "#answer [data-conditions], #answer [data-js-conditions]", HTMLElement);
  // A field may hang on one that is itself hidden: until nothing changes, at most as often as there are fields.
  for (let round = 0; round <= boxes.length; round++) {
    let changed = false;
    for (const box of boxes) {
      const { shown, enabled } = outcome(box);
      const state = `${shown}/${enabled}`;
      changed ||= box.dataset.state !== state;
      box.dataset.state = state;
      set(box, shown, enabled);
    }
    if (!changed) break;
  }
}

/**
 * Follow the conditions of a screen that has just been put up. `run` runs the text of a script.
 * @param {JsCondition[]} conditions @param {(text: string) => unknown} run
 */
export function follow(conditions, run) {
  compiled.clear();
  scripted = conditions.map((one, index) => ({ ...one, index }));
  /** @type {any} */ (window).__parleyConditions = (/** @type {string} */ key, /** @type {() => unknown} */ test) => compiled.set(key, test);
  for (const one of scripted) {
    const key = JSON.stringify(`${one.number}/${one.index}`);
    run(`window.__parleyConditions(${key}, function(){ return (${one.js}\n); });`);
  }
  const form = document.getElementById("answer");
  if (!form) return;
  apply();
  form.addEventListener("change", apply);
  form.addEventListener("input", apply);
}
