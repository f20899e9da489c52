// @ts-check
// `input type: date parts`: three boxes for a date that people know by heart, such as that of a birth. The browser's own input stays behind them
// and holds the date; without script it is the one that is there.
import { first } from "../dom.js";

/** @typedef {"day" | "month" | "year"} Part */
/** @type {Record<Part, { digits: number, autocomplete: string }>} */
const PARTS = { day: { digits: 2, autocomplete: "bday-day" }, month: { digits: 2, autocomplete: "bday-month" }, year: { digits: 4, autocomplete: "bday-year" } };

/** The parts in the order of a language, with its names for them. @param {string} language @returns {[Part, string][]} */
function parts(language) {
  const names = new Intl.DisplayNames(language || "en", { type: "dateTimeField" });
  const order = new Intl.DateTimeFormat(language || "en", { dateStyle: "short" }).formatToParts(new Date()).map((one) => one.type);
  const known = /** @type {Part[]} */ (order.filter((one) => one in PARTS));
  return known.map((one) => [one, capital(names.of(one) ?? one)]);
}

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {number} year @param {number} month @param {number} day @returns {string} ISO; empty if there is no such day */
export function isoOf(year, month, day) {
  const made = new Date(Date.UTC(2000, 0, 1));
  made.setUTCFullYear(year, month - 1, day);
  const exists = year >= 1 && year <= 9999 && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
  return exists ? made.toISOString().slice(0, 10) : "";
}

/** @param {HTMLInputElement} input */
export function dateParts(input) {
  const group = document.createElement("div");
  group.className = "date-parts";
  group.setAttribute("role", "group");
  const label = first(input.closest(".field") ?? document, `label[for="${CSS.escape(input.id)}"]`, HTMLLabelElement);
  if (label) {
    label.id ||= `${input.id}-label`;
    group.setAttribute("aria-labelledby", label.id);
  }
  /** @type {Map<Part, HTMLInputElement>} */
  const boxes = new Map();
  for (const [name, title] of parts(document.documentElement.lang)) {
    const holder = document.createElement("div");
    const box = document.createElement("input");
    Object.assign(box, { id: `${input.id}-${name}`, className: "form-control", type: "text", inputMode: "numeric", maxLength: PARTS[name].digits });
    box.setAttribute("autocomplete", input.getAttribute("autocomplete") === "bday" ? PARTS[name].autocomplete : "off");
    box.dataset.part = name;
    box.disabled = input.disabled;
    const text = document.createElement("label");
    text.className = "form-text";
    text.htmlFor = box.id;
    text.textContent = title;
    holder.append(text, box);
    group.append(holder);
    boxes.set(name, box);
  }
  /** @param {Part} name */
  const text = (name) => boxes.get(name)?.value.trim() ?? "";
  let own = false;
  const read = () => {
    const empty = !text("day") && !text("month") && !text("year");
    const whole = text("year").length === 4 && [...boxes.values()].every((one) => /^\d+$/.test(one.value.trim()));
    input.value = whole ? isoOf(Number(text("year")), Number(text("month")), Number(text("day"))) : "";
    input.setCustomValidity(empty || input.value ? "" : "not a date");
    own = true;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    own = false;
  };
  const show = () => {
    const [year = "", month = "", day = ""] = input.value.split("-");
    for (const [name, value] of /** @type {[Part, string][]} */ ([["year", year], ["month", month], ["day", day]])) {
      const box = boxes.get(name);
      if (box) box.value = value.replace(/^0+(?=\d)/, name === "year" ? "$&" : "");
    }
  };
  group.addEventListener("input", (event) => {
    event.stopPropagation();
    read();
  });
  group.addEventListener("change", (event) => {
    event.stopPropagation();
    // Told when the date is left, not when one of its boxes is.
    setTimeout(() => group.contains(document.activeElement) || input.dispatchEvent(new Event("change", { bubbles: true })));
  });
  input.addEventListener("input", () => own || show());
  show();
  input.hidden = true;
  input.focus = (how) => [...boxes.values()][0]?.focus(how);
  label?.addEventListener("click", () => input.focus());
  input.after(group);
}
