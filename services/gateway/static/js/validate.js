// @ts-check
// Checks before a form is sent, with the message beside the field. What is wrong with an answer is rules.js'.
import { all, controlsIn, first, isControl, labelText, near } from "./dom.js";
import * as rules from "./rules.js";
import { current, word } from "./state.js";

/** @typedef {import("./dom.js").Control} Control */

/** What kind of control it is, for the names of messages. @param {HTMLElement} element @returns {import("./rules.js").Kind} */
function kindOf(element) {
  if (element instanceof HTMLFieldSetElement) return element.querySelector("input[type=checkbox]") ? "checkboxes" : "choice";
  if (element.closest(".combobox")) return "combobox";
  if (element instanceof HTMLSelectElement) return element.multiple ? "multiselect" : "choice";
  const type = element instanceof HTMLInputElement ? element.type : "";
  return type === "file" ? "file" : type === "date" || type === "datetime-local" ? "date" : "other";
}

/** The author's own message for a rule, else ours. @param {HTMLElement} element @param {import("./rules.js").Problem | null} problem */
function say(element, problem) {
  if (!problem) return "";
  const [rule, key, ...values] = problem;
  const holder = element.closest("[data-messages]") ?? element;
  try {
    const messages = JSON.parse(/** @type {HTMLElement} */ (holder).dataset.messages ?? "{}");
    const none = first(element, "[data-exclusive=nota]", HTMLElement)?.closest("label");
    const limits = element instanceof HTMLInputElement ? [element.min, element.max] : [element.dataset.minlength ?? "", element.dataset.maxlength ?? ""];
    const own = rules.own(messages, rule, kindOf(element), values.length ? values : [labelText(none ?? null)], limits);
    if (own) return own;
  } catch (error) {
    // not JSON: nothing of ours
  }
  return element instanceof HTMLInputElement && /^(date|time)/.test(element.type) && values[0] ? momentWords(element, rule, values[0]) : word(key, ...values);
}

/** What is said of a limit of a date or time, which is written as people write it. @param {HTMLInputElement} element @param {string} rule @param {string} limit */
function momentWords(element, rule, limit) {
  const moment = new Date(limit.includes("T") ? limit : `${limit}T00:00`);
  const language = document.documentElement.lang || undefined;
  const written = element.type === "time" || Number.isNaN(moment.valueOf()) ? limit : moment.toLocaleDateString(language, { dateStyle: "long" });
  return rules.filled(word(element.type === "time" ? `error time ${rule}` : `error date ${rule}`), [written]);
}

/** Rules that the author's datatypes brought (author.js). @param {Control} element @returns {import("./rules.js").Problem | null} */
function authorsProblem(element) {
  const methods = /** @type {any} */ (window).jQuery?.validator?.methods ?? {};
  for (const rule of (element.dataset.rules ?? "").split(" ").filter(Boolean)) {
    const passes = methods[rule]?.call({ optional: () => element.value === "" }, element.value, element, true);
    if (methods[rule] && !passes) return [rule, "error other"];
  }
  return null;
}

/** @param {Control} element */
function controlProblem(element) {
  const { number, min, max, step } = element.dataset;
  const input = element instanceof HTMLInputElement ? element : null;
  const found = rules.problem({
    value: element.value,
    type: element instanceof HTMLSelectElement ? "select" : element.type,
    required: element.required,
    files: [...(input?.files ?? [])],
    accept: input?.dataset.accept ?? "",
    unreadable: element.validity.badInput || element.validity.customError,
    tooLow: element.validity.rangeUnderflow,
    tooHigh: element.validity.rangeOverflow,
    number,
    min: number ? min : input?.min,
    max: number ? max : input?.max,
    step,
    minlength: element.getAttribute("minlength"),
    maxlength: element.getAttribute("maxlength"),
  });
  return say(element, found ?? (element.value === "" ? null : authorsProblem(element)));
}

/** @param {HTMLElement} group */
function groupProblem(group) {
  const inputs = all(group, "input[type=radio], input[type=checkbox]", HTMLInputElement).filter((one) => !one.disabled);
  const on = inputs.filter((one) => one.checked);
  if (!inputs[0]) return "";
  const isRadio = inputs[0].type === "radio";
  const found = rules.groupProblem({
    type: isRadio ? "radio" : "checkbox",
    required: isRadio ? inputs[0].required : Boolean(group.dataset.required),
    count: on.filter((one) => !one.dataset.exclusive).length,
    any: on.length > 0,
    none: on.some((one) => one.dataset.exclusive === "nota"),
    canSayNone: inputs.some((one) => one.dataset.exclusive === "nota"),
    low: Number(group.dataset.minlength ?? 0),
    high: Number(group.dataset.maxlength ?? 0),
  });
  return say(group, found);
}

/** Put the message (or none) beside a field. @param {HTMLElement} box @param {HTMLElement} element @param {string} text */
function mark(box, element, text) {
  box.classList.toggle("has-error", Boolean(text));
  element.classList.toggle("is-invalid", Boolean(text) && element.matches(".form-control, .form-select"));
  let note = first(box, ":scope .field-error", HTMLElement);
  if (!text) {
    note?.remove();
    element.removeAttribute("aria-invalid");
    return;
  }
  if (!note) {
    note = document.createElement("p");
    note.className = "field-error";
    const before = element.closest(".input-group, .combobox, .range-row, .choice, .signature") ?? element;
    const place = element.matches("fieldset") ? element.querySelector(".choices") : before;
    (place ?? element).before(note);
  }
  note.id = `${element.id}-error`;
  note.classList.remove("settled");
  note.textContent = text;
  const described = new Set((element.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  described.add(note.id);
  element.setAttribute("aria-describedby", [...described].join(" "));
  element.setAttribute("aria-invalid", "true");
}

/** What stands for a field when it is checked. @param {HTMLElement} box @returns {HTMLElement | null} */
const subject = (box) =>
  first(box, "fieldset", HTMLElement) ?? first(box, "canvas.signature-pad", HTMLElement) ?? controlsIn(box, "input:not([type=hidden]), select, textarea")[0] ?? null;

/** @param {HTMLElement} box @param {HTMLElement} element */
function problemOf(box, element) {
  if (element.matches("fieldset")) return groupProblem(element);
  if (element instanceof HTMLCanvasElement) {
    return first(box, "[data-signature-value]", HTMLInputElement)?.value ? "" : say(element, ["required", "error required"]);
  }
  return isControl(element) ? controlProblem(element) : "";
}

/** @typedef {{ box: HTMLElement, element: HTMLElement, text: string }} Found */

/** Whether a form may be sent; if not, its fields say why. @param {HTMLFormElement} target */
export function form(target) {
  /** @type {Found[]} */
  const found = [];
  const seen = new Set();
  for (const box of all(target, ".field[data-field]", HTMLElement)) {
    if (box.hidden || box.parentElement?.closest(".field[hidden]")) continue;
    const element = subject(box);
    if (!element || seen.has(element) || (isControl(element) && element.disabled)) continue;
    seen.add(element);
    const text = problemOf(box, element);
    mark(box, element, text);
    if (text) found.push({ box, element, text });
  }
  summary(target, found);
  const plain = current().title;
  if (plain) document.title = found.length ? word("error title", plain) : plain;
  return found.length === 0;
}

/** @param {Found} found @returns {HTMLLIElement} */
function entry({ box, element, text }) {
  const link = document.createElement("a");
  link.href = `#${element.id}`;
  const own = element.getAttribute("aria-label") ?? "";
  // The label in the box of a signature is that of the name, which may be typed instead.
  const name = element instanceof HTMLCanvasElement ? own : labelText(box.querySelector("legend, label")) || own;
  link.textContent = name ? `${name}: ${text}` : text;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    (element.matches("fieldset") ? first(element, "input:not([type=hidden])", HTMLElement) ?? element : element).focus();
  });
  const item = document.createElement("li");
  item.append(link);
  return item;
}

/** The list of what is wrong at the top of the page, which gets the focus. @param {HTMLFormElement} target @param {Found[]} found */
function summary(target, found) {
  document.getElementById("errors")?.remove();
  if (!found.length) return;
  const box = document.createElement("div");
  box.className = "error-summary";
  box.id = "errors";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  const heading = document.createElement("h2");
  heading.textContent = word("problem");
  const items = document.createElement("ul");
  items.append(...found.map(entry));
  box.append(heading, items);
  const top = document.querySelector("#question .heading") ?? target;
  top.before(box);
  box.focus();
}

/** Once a field was refused, its message goes as soon as it is right; a field is not scolded while it is first typed in. */
export function start() {
  document.addEventListener("change", (event) => {
    const box = near(event, ".field.has-error");
    if (!box || !current().session) return;
    const group = first(box, "fieldset", HTMLElement);
    const element = group ?? (event.target instanceof HTMLElement ? event.target : box);
    const text = group ? groupProblem(group) : problemOf(box, element);
    if (text) {
      mark(box, element, text);
      return;
    }
    // The message leaves its place empty: a page that moves while the mouse is on its way to Continue makes it miss.
    first(box, ".field-error", HTMLElement)?.classList.add("settled");
    box.classList.remove("has-error");
    element.classList.remove("is-invalid");
    element.removeAttribute("aria-invalid");
  });
}
