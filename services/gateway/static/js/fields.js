// Fields of the screen by the name of their variable, as functions.md "Javascript functions" describes them.

const form = () => document.getElementById("answer");

function controls(name) {
  const all = form() ? [...form().elements] : [];
  return all.filter((one) => one.name === name && one.type !== "submit" && !(one.type === "hidden" && !one.dataset.variable));
}

export const container = (name) => [...document.querySelectorAll("#answer [data-field]")].find((one) => one.dataset.field === name) || null;

// favorite_fruits['apple'], favorite_fruits["apple"], favorite_fruits[nota]
function part(name) {
  const match = /^(.*)\[(?:'([^']*)'|"([^"]*)"|(nota|aota))\]$/.exec(name);
  if (!match) return null;
  const box = container(match[1]);
  if (!box || !box.classList.contains("kind-checkboxes")) return null;
  const exclusive = match[4];
  const inputs = [...box.querySelectorAll("input[type=checkbox]")];
  return inputs.find((one) => (exclusive ? one.dataset.exclusive === exclusive : one.value === (match[2] ?? match[3]))) || null;
}

const hidden = (element) => element.disabled || (element.closest(".field") && element.closest(".field").hidden);

function truth(text, maybe) {
  if (text === "True") return true;
  if (text === "False") return false;
  return maybe ? text : text === "" ? null : text;
}

const YES_NO = /field-container-datatype-(boolean|threestate|yesno|noyes)/;

export function val(name) {
  const box = part(name);
  if (box) return hidden(box) ? null : box.checked;
  const found = controls(name).filter((one) => !hidden(one));
  if (!found.length) {
    const group = container(name);
    return group && group.classList.contains("kind-checkboxes") && !group.hidden ? [] : null;
  }
  const holder = container(name);
  const first = found[0];
  const yesno = holder && YES_NO.test(holder.className);
  if (holder && holder.classList.contains("kind-checkboxes")) return found.filter((one) => one.checked).map((one) => one.value);
  if (first.type === "checkbox") return first.checked ? first.value === "True" : first.value !== "True";
  if (first.type === "radio") {
    const on = found.find((one) => one.checked);
    if (!on) return null;
    return yesno ? truth(on.value, true) : on.value;
  }
  if (first.multiple && first.options) return [...first.selectedOptions].map((one) => one.value);
  if (yesno && first.options) return truth(first.value, false);
  return first.value;
}

export function getField(name) {
  const box = part(name);
  if (box) return hidden(box) ? null : box;
  const found = controls(name).filter((one) => !hidden(one));
  if (!found.length) {
    const group = container(name);
    return group && !group.hidden ? group.querySelector("fieldset") : null;
  }
  return found[0].type === "radio" || (found[0].type === "checkbox" && found.length > 1) ? found[0].closest("fieldset") : found[0];
}

function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function check(element, on) {
  if (element.checked === on) return;
  element.checked = on;
  changed(element);
}

const text = (value) => (value === true ? "True" : value === false ? "False" : value === null || value === undefined ? "" : String(value));
const yes = (value) => value === true || value === "True" || value === "true" || value === 1;

export function setField(name, value) {
  const box = part(name);
  if (box) return check(box, yes(value));
  const holder = container(name);
  if (holder && holder.classList.contains("kind-checkboxes")) {
    const wanted = Array.isArray(value) ? value.map(String) : Object.keys(value || {}).filter((key) => yes(value[key]));
    for (const one of holder.querySelectorAll("input[type=checkbox]:not([data-exclusive])")) check(one, wanted.includes(one.value));
    return undefined;
  }
  const found = controls(name);
  if (!found.length) return undefined;
  const first = found[0];
  if (first.type === "checkbox") return check(first, text(yes(value)) === first.value);
  if (first.type === "radio") {
    const on = found.find((one) => one.value === text(value)) || (value === null && found.find((one) => one.value === "None"));
    return on ? check(on, true) : undefined;
  }
  if (first.multiple && first.options) {
    const wanted = (Array.isArray(value) ? value : [value]).map(text);
    for (const one of first.options) one.selected = wanted.includes(one.value);
  } else {
    first.value = text(value);
  }
  changed(first);
  return undefined;
}

// choices: a list of texts, an object value -> label, a list of one-item objects, or a list of [value, label] (background.md)
export function pairs(choices) {
  if (!Array.isArray(choices)) return Object.entries(choices || {});
  return choices.map((one) => (Array.isArray(one) ? [one[0], one[1] ?? one[0]] : one && typeof one === "object" ? Object.entries(one)[0] : [one, one]));
}

export function setChoices(name, choices) {
  const first = controls(name)[0];
  const list = first && (first.options ? first : first.list);
  if (!list) return;
  const before = first.options ? first.value : null;
  const placeholder = first.options && first.options[0] && first.options[0].value === "" ? first.options[0] : null;
  list.replaceChildren(...(placeholder ? [placeholder] : []), ...pairs(choices).map(([value, label]) => new Option(text(label), text(value))));
  if (before !== null && [...first.options].some((one) => one.value === before)) first.value = before;
}

export function getFields() {
  const names = [];
  for (const holder of document.querySelectorAll("#answer [data-field]")) {
    const name = holder.dataset.field;
    if (!name || names.includes(name)) continue;
    names.push(name);
    if (holder.classList.contains("kind-checkboxes")) {
      for (const one of holder.querySelectorAll("input[type=checkbox]:not([data-exclusive])")) names.push(`${name}["${one.value}"]`);
    }
  }
  for (const one of document.querySelectorAll("#answer input[type=hidden][data-variable]")) names.push(one.name);
  return names;
}

// What a check-in reports: the strings a form would send, lists as JSON text (docs/http.md "Check-in").
export function report() {
  const values = {};
  if (!form()) return values;
  for (const name of getFields()) {
    if (/\["[^"]*"\]$/.test(name) && part(name)) continue;
    const found = val(name);
    if (found === null) {
      const holder = container(name);
      if (holder && !holder.hidden && holder.querySelector("input[type=radio]:not(:disabled)")) values[name] = "";
      continue;
    }
    values[name] = Array.isArray(found) ? JSON.stringify(found) : text(found);
  }
  return values;
}
