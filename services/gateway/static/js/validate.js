// Checks before a form is sent, with the message beside the field. The server checks everything again.
import { state, word } from "./page.js";

const fill = (key, ...values) => word(key).replace(/\{(\d)\}/g, (_, number) => values[number]);
const number = (text) => Number(String(text).replace(/[,\s\u00a0']/g, ""));

function messages(element) {
  const holder = element.closest("[data-messages]") || element;
  try {
    return JSON.parse(holder.dataset.messages || "{}");
  } catch (error) {
    return {};
  }
}

const say = (element, rule, key, ...values) => messages(element)[rule] || fill(key, ...values);

function problem(element) {
  const value = element.value;
  if (element.type === "file") {
    if (element.required && !element.files.length) return say(element, "required", "error required");
    return "";
  }
  if (element.required && value.trim() === "") return say(element, "required", element.options ? "error choose" : "error required");
  if (element.validity.badInput) return say(element, element.type, element.type === "time" ? "error time" : "error date");
  if (value === "") return "";
  if (element.dataset.number) {
    const found = number(value);
    if (Number.isNaN(found)) return say(element, "number", "error number");
    if (element.dataset.number === "integer" && !Number.isInteger(found)) return say(element, "integer", "error integer");
    if (element.dataset.min && found < number(element.dataset.min)) return say(element, "min", "error min", element.dataset.min);
    if (element.dataset.max && found > number(element.dataset.max)) return say(element, "max", "error max", element.dataset.max);
    if (element.dataset.step && Number(element.dataset.step)) {
      const steps = found / Number(element.dataset.step);
      if (Math.abs(steps - Math.round(steps)) > 1e-6) return say(element, "step", "error step", element.dataset.step);
    }
  }
  if (element.type === "email" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value)) return say(element, "email", "error email");
  if (element.type === "url" && !/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value)) return say(element, "url", "error url");
  if (element.validity.rangeUnderflow) return say(element, "min", "error min", element.min);
  if (element.validity.rangeOverflow) return say(element, "max", "error max", element.max);
  const short = element.getAttribute("minlength");
  const long = element.getAttribute("maxlength");
  if (short && value.length < Number(short)) return say(element, "minlength", "error minlength", short);
  if (long && value.length > Number(long)) return say(element, "maxlength", "error maxlength", long);
  for (const rule of (element.dataset.rules || "").split(" ").filter(Boolean)) {
    const test = window.jQuery && window.jQuery.validator && window.jQuery.validator.methods[rule];
    if (test && !test.call({ optional: () => value === "" }, value, element, true)) return say(element, rule, "error other");
  }
  return "";
}

function groupProblem(group) {
  const inputs = [...group.querySelectorAll("input[type=radio], input[type=checkbox]")].filter((one) => !one.disabled);
  if (!inputs.length) return "";
  const on = inputs.filter((one) => one.checked);
  if (inputs[0].type === "radio") return inputs[0].required && !on.length ? say(group, "required", "error choose") : "";
  const count = on.filter((one) => !one.dataset.exclusive).length;
  const low = Number(group.dataset.minlength || 0);
  const high = Number(group.dataset.maxlength || 0);
  if (on.some((one) => one.dataset.exclusive === "nota")) return "";
  if (low && count < low) return say(group, "minlength", "error checkmin", low);
  if (high && count > high) return say(group, "maxlength", "error checkmax", high);
  if (!count && inputs.some((one) => one.dataset.exclusive === "nota") && group.dataset.required) return say(group, "required", "error choose");
  return "";
}

export function mark(box, element, text) {
  box.classList.toggle("has-error", Boolean(text));
  element.classList.toggle("is-invalid", Boolean(text) && element.matches(".form-control, .form-select"));
  let note = box.querySelector(":scope .field-error");
  if (!text) {
    if (note) note.remove();
    element.removeAttribute("aria-invalid");
    return;
  }
  if (!note) {
    note = document.createElement("p");
    note.className = "field-error";
    const before = element.closest(".input-group, .combobox, .range-row, .choice, .signature") || element;
    const place = element.matches("fieldset") ? element.querySelector(".choices") : before;
    place.before(note);
  }
  note.id = `${element.id}-error`;
  note.classList.remove("settled");
  note.textContent = text;
  const described = new Set((element.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  described.add(note.id);
  element.setAttribute("aria-describedby", [...described].join(" "));
  element.setAttribute("aria-invalid", "true");
}

export function form(target) {
  const found = [];
  const seen = new Set();
  for (const box of target.querySelectorAll(".field[data-field]")) {
    if (box.hidden || box.parentElement.closest(".field[hidden]")) continue;
    const group = box.querySelector("fieldset");
    const pad = box.querySelector("canvas.signature-pad");
    const element = group || pad || box.querySelector("input:not([type=hidden]), select, textarea");
    if (!element || seen.has(element) || element.disabled) continue;
    seen.add(element);
    const text = group ? groupProblem(group)
      : pad ? (box.querySelector("[data-signature-value]").value ? "" : say(pad, "required", "error required"))
      : problem(element);
    mark(box, element, text);
    if (text) found.push([box, element, text]);
  }
  summary(target, found);
  return found.length === 0;
}

function summary(target, found) {
  const old = document.getElementById("errors");
  if (old) old.remove();
  if (!found.length) return;
  const box = document.createElement("div");
  box.className = "error-summary";
  box.id = "errors";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  const heading = document.createElement("h2");
  heading.textContent = word("problem");
  const items = document.createElement("ul");
  for (const [holder, element, text] of found) {
    const link = document.createElement("a");
    link.href = `#${element.id}`;
    const label = holder.querySelector("legend, label");
    const name = label ? label.textContent.replace(/\*$/, "").trim() : "";
    link.textContent = name ? `${name}: ${text}` : text;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const first = element.matches("fieldset") ? element.querySelector("input:not([type=hidden])") : element;
      (first || element).focus();
    });
    const item = document.createElement("li");
    item.append(link);
    items.append(item);
  }
  box.append(heading, items);
  const top = document.querySelector("#question .heading") || target;
  top.before(box);
  box.focus();
}

// Once a field was refused, its message goes as soon as it is right; a field is not scolded while it is first typed in.
document.addEventListener("change", (event) => {
  const box = event.target.closest && event.target.closest(".field.has-error");
  if (!box || !state.session) return;
  const group = box.querySelector("fieldset");
  const element = group || event.target;
  const text = group ? groupProblem(group) : problem(element);
  if (text) {
    mark(box, element, text);
    return;
  }
  // The message leaves its place empty: a page that moves while the mouse is on its way to Continue makes it miss.
  const note = box.querySelector(".field-error");
  if (note) note.classList.add("settled");
  box.classList.remove("has-error");
  element.classList.remove("is-invalid");
  element.removeAttribute("aria-invalid");
});
