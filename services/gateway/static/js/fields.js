// @ts-check
// Fields of the screen by the name of their variable, as functions.md "Javascript functions" describes them.
import { all, answerForm, first, isControl } from "./dom.js";

/** @typedef {import("./dom.js").Control} Control */
/** @typedef {string | boolean | null | string[]} Value */

/** Where a name as the author wrote it is looked for first: an item of a list that is collected on this screen. @type {HTMLElement | null} */
let item = null;

/** Look with `read` from a field, whose neighbours in the same item have its names. @template T @param {Element} box @param {() => T} read @returns {T} */
export function from(box, read) {
  const found = box.closest(".collect-item");
  item = found instanceof HTMLElement ? found : null;
  try {
    return read();
  } finally {
    item = null;
  }
}

/**
 * The variable behind a name: the name itself, or what it stands for on this screen if it is as the question has it
 * (`x.name`, `people[i].age`; fields.md "js show if").
 * @param {string} name
 */
function variable(name) {
  const form = answerForm();
  const { added, item: number } = item?.dataset ?? {};
  const list = item?.closest("[data-collect]")?.getAttribute("data-collect");
  // A script of the author's with the index in it is that of the item which this one was made of.
  if (added && name.startsWith(`${list}[${added}]`)) return `${list}[${number}]${name.slice(`${list}[${added}]`.length)}`;
  if (!form || !/(^x\b|\[[ijklmn]\])/.test(name)) return name;
  for (const root of item ? [item, form] : [form]) {
    const holder = all(root, "[data-written]", HTMLElement).find((one) => one.dataset.written === name);
    if (holder) return holder.dataset.field ?? holder.dataset.variable ?? name;
  }
  return name;
}

/** @param {string} written @returns {Control[]} */
function controls(written) {
  const name = variable(written);
  const form = answerForm();
  const found = form ? [...form.elements].filter(isControl) : [];
  return found.filter((one) => one.name === name && !(one.type === "hidden" && !one.dataset.variable));
}

/** The element around the field called `written`. @param {string} written */
export function container(written) {
  const name = variable(written);
  return all(document, "#answer [data-field]", HTMLElement).find((one) => one.dataset.field === name) ?? null;
}

/** @param {HTMLElement | null} holder */
const isBoxes = (holder) => Boolean(holder?.classList.contains("kind-checkboxes"));

/** @param {HTMLElement} holder @param {string} [more] */
const boxesOf = (holder, more = "") => all(holder, `input[type=checkbox]${more}`, HTMLInputElement);

/** The box that `favorite_fruits['apple']`, `favorite_fruits["apple"]` or `favorite_fruits[nota]` names. @param {string} name */
function part(name) {
  const match = /^(.*)\[(?:'([^']*)'|"([^"]*)"|(nota|aota))\]$/.exec(name);
  const holder = match ? container(match[1] ?? "") : null;
  if (!match || !holder || !isBoxes(holder)) return null;
  const exclusive = match[4];
  return boxesOf(holder).find((one) => (exclusive ? one.dataset.exclusive === exclusive : one.value === (match[2] ?? match[3]))) ?? null;
}

/** @param {Control} element */
const hidden = (element) => element.disabled || Boolean(element.closest("[data-field]")?.hasAttribute("hidden"));

/** @param {Control} element @returns {element is HTMLInputElement} */
const isBox = (element) => element instanceof HTMLInputElement && (element.type === "checkbox" || element.type === "radio");

/** @param {string} text @param {boolean} maybe whether a third answer is possible @returns {string | boolean | null} */
function truth(text, maybe) {
  if (text === "True") return true;
  if (text === "False") return false;
  return maybe ? text : text === "" ? null : text;
}

const YES_NO = /field-container-datatype-(boolean|threestate|yesno|noyes)/;

/** What a field holds; null if it is not there or hidden. @param {string} name @returns {Value} */
export function val(name) {
  const box = part(name);
  if (box) return hidden(box) ? null : box.checked;
  const found = controls(name).filter((one) => !hidden(one));
  const holder = container(name);
  const one = found[0];
  if (!one) return holder && isBoxes(holder) && !holder.hidden ? [] : null;
  const yesno = holder && YES_NO.test(holder.className);
  if (isBoxes(holder)) return found.filter((each) => isBox(each) && each.checked).map((each) => each.value);
  if (isBox(one) && one.type === "checkbox") return one.checked ? one.value === "True" : one.value !== "True";
  if (isBox(one)) {
    const on = found.find((each) => isBox(each) && each.checked);
    if (!on) return null;
    return yesno ? truth(on.value, true) : on.value;
  }
  if (one instanceof HTMLSelectElement && one.multiple) return [...one.selectedOptions].map((each) => each.value);
  return yesno && one instanceof HTMLSelectElement ? truth(one.value, false) : one.value;
}

/** The element of a field, of groups the fieldset; null if it is not there or hidden. @param {string} name @returns {Element | null} */
export function getField(name) {
  const box = part(name);
  if (box) return hidden(box) ? null : box;
  const found = controls(name).filter((one) => !hidden(one));
  const one = found[0];
  if (!one) {
    const group = container(name);
    return group && !group.hidden ? group.querySelector("fieldset") : null;
  }
  return one.type === "radio" || (one.type === "checkbox" && found.length > 1) ? one.closest("fieldset") : one;
}

/** @param {Control} element */
function announce(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {HTMLInputElement} element @param {boolean} on */
function check(element, on) {
  if (element.checked === on) return;
  element.checked = on;
  announce(element);
}

/** As a form would send it. @param {unknown} value */
const text = (value) => (value === true ? "True" : value === false ? "False" : value === null || value === undefined ? "" : String(value));
/** @param {unknown} value */
const yes = (value) => value === true || value === "True" || value === "true" || value === 1;

/** @param {HTMLElement} holder @param {any} value a list of what is checked, or an object of value -> yes or no */
function setBoxes(holder, value) {
  const wanted = Array.isArray(value) ? value.map(String) : Object.keys(value || {}).filter((key) => yes(value[key]));
  for (const one of boxesOf(holder, ":not([data-exclusive])")) check(one, wanted.includes(one.value));
}

/** @param {HTMLSelectElement} select @param {unknown} value @returns {boolean} whether that changed anything */
function setOptions(select, value) {
  const wanted = (Array.isArray(value) ? value : [value]).map(text);
  let changed = false;
  for (const one of select.options) {
    const on = wanted.includes(one.value);
    changed ||= one.selected !== on;
    one.selected = on;
  }
  return changed;
}

/** Put `value` into a field. Only a value that differs causes `input` and `change`. @param {string} name @param {unknown} value */
export function setField(name, value) {
  const box = part(name);
  const holder = container(name);
  const found = controls(name);
  const one = found[0];
  if (box) {
    check(box, yes(value));
  } else if (holder && isBoxes(holder)) {
    setBoxes(holder, value);
  } else if (one && isBox(one)) {
    if (one.type === "checkbox") {
      check(one, text(yes(value)) === one.value);
    } else {
      const on = found.find((each) => each.value === text(value)) ?? (value === null ? found.find((each) => each.value === "None") : undefined);
      if (on && isBox(on)) check(on, true);
    }
  } else if (one instanceof HTMLSelectElement && one.multiple) {
    if (setOptions(one, value)) announce(one);
  } else if (one) {
    const before = one.value;
    one.value = text(value);
    if (one.value !== before) announce(one);
  }
}

/**
 * Choices in any documented form, as pairs of value and label (background.md): a list of texts, an object of
 * value -> label, a list of objects with one item, or a list of [value, label].
 * @param {unknown} choices @returns {[unknown, unknown][]}
 */
export function pairs(choices) {
  if (!Array.isArray(choices)) return Object.entries(choices || {});
  return choices.flatMap((one) => {
    if (Array.isArray(one)) return [[one[0], one[1] ?? one[0]]];
    return one && typeof one === "object" ? Object.entries(one).slice(0, 1) : [[one, one]];
  });
}

/** What a choice of a list looks like, for when all of them are gone. @type {WeakMap<HTMLElement, HTMLElement>} */
const patterns = new WeakMap();

/** Other choices for radio buttons or checkboxes, made like the first that is there. @param {HTMLElement} list @param {[unknown, unknown][]} choices */
function setListed(list, choices) {
  const old = all(list, ".choice:not(.choice-exclusive)", HTMLElement);
  const like = patterns.get(list) ?? old[0];
  const chosen = old.flatMap((one) => all(one, "input:checked", HTMLInputElement).map((each) => each.value));
  if (!like) return;
  patterns.set(list, like);
  const base = first(like, "input", HTMLInputElement)?.id.replace(/\d+$/, "") ?? "";
  const made = choices.map(([value, label], at) => {
    const one = /** @type {HTMLElement} */ (like.cloneNode(true));
    const input = first(one, "input", HTMLInputElement);
    for (const extra of all(one, ".choice-image, .help-button, .definition", HTMLElement)) extra.remove();
    if (input) {
      input.id = `${base}${at}-sent`;
      input.value = text(value);
      input.defaultChecked = false;
      input.checked = chosen.includes(input.value);
    }
    const holder = first(one, "label", HTMLLabelElement);
    const words = first(one, "label > span", HTMLElement);
    if (holder) holder.htmlFor = input?.id ?? "";
    if (words) words.textContent = text(label);
    one.hidden = false;
    return one;
  });
  for (const one of old) one.remove();
  list.prepend(...made);
}

/** Give a field other choices; what was chosen stays if it is among them. @param {string} name @param {unknown} choices */
export function setChoices(name, choices) {
  const holder = container(name);
  const boxes = holder?.matches(".kind-radio, .kind-checkboxes") ? first(holder, ".choices", HTMLElement) : null;
  if (boxes) {
    setListed(boxes, pairs(choices));
    return;
  }
  const one = controls(name)[0];
  const list = one instanceof HTMLSelectElement ? one : one?.closest(".combobox")?.querySelector("datalist") ?? (one instanceof HTMLInputElement ? one.list : null);
  if (!list) return;
  const chosen = one instanceof HTMLSelectElement ? [...one.selectedOptions].map((each) => each.value) : [];
  const placeholder = one instanceof HTMLSelectElement && !one.multiple && one.options[0]?.value === "" ? [one.options[0]] : [];
  list.replaceChildren(...placeholder, ...pairs(choices).map(([value, label]) => new Option(text(label), text(value))));
  if (one instanceof HTMLSelectElement) for (const each of one.options) each.selected = chosen.includes(each.value);
}

/** The names of the screen's fields; of checkboxes also each box. @returns {string[]} */
export function getFields() {
  /** @type {string[]} */
  const names = [];
  for (const holder of all(document, "#answer [data-field]", HTMLElement)) {
    const name = holder.dataset.field;
    if (!name || names.includes(name)) continue;
    names.push(name);
    if (isBoxes(holder)) for (const one of boxesOf(holder, ":not([data-exclusive])")) names.push(`${name}["${one.value}"]`);
  }
  for (const one of all(document, "#answer input[type=hidden][data-variable]", HTMLInputElement)) {
    if (!names.includes(one.name)) names.push(one.name);
  }
  return names;
}

/** What a check-in reports: the strings a form would send, lists as JSON text (docs/http.md "Check-in"). @returns {Record<string, string>} */
export function report() {
  /** @type {Record<string, string>} */
  const values = {};
  if (!answerForm()) return values;
  for (const name of getFields()) {
    if (part(name)) continue;
    const found = val(name);
    if (found !== null) {
      values[name] = Array.isArray(found) ? JSON.stringify(found) : text(found);
      continue;
    }
    const holder = container(name);
    if (holder && !holder.hidden && first(holder, "input[type=radio]:not(:disabled)", HTMLInputElement)) values[name] = "";
  }
  return values;
}
