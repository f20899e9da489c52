// @ts-check
// What is wrong with an answer, by the facts about its control: no page needed. The server checks everything again.

/**
 * @typedef {object} Facts about one control
 * @property {string} value
 * @property {string} type of the input; "select" for lists
 * @property {boolean} required
 * @property {{ name: string, type: string }[]} [files] those that are chosen, of a file input
 * @property {string} [accept] what kinds of files it takes
 * @property {boolean} [unreadable] the browser cannot read what was typed
 * @property {boolean} [tooLow]
 * @property {boolean} [tooHigh]
 * @property {string | undefined} [number] "number" or "integer": typed as text, with separators
 * @property {string | undefined} [min]
 * @property {string | undefined} [max]
 * @property {string | undefined} [step]
 * @property {string | null} [minlength]
 * @property {string | null} [maxlength]
 */

/**
 * @typedef {object} GroupFacts about a group of radio buttons or boxes; disabled ones do not count
 * @property {"radio" | "checkbox"} type
 * @property {boolean} required
 * @property {number} count how many are on, without "none of the above" and "all of the above"
 * @property {boolean} any one is on, whichever
 * @property {boolean} none "none of the above" is on
 * @property {boolean} canSayNone the group has "none of the above"
 * @property {number} [low]
 * @property {number} [high]
 */

/** @typedef {[rule: string, word: string, ...values: string[]]} Problem the rule (of the author's messages), our word for it, and what to fill in */

/** @typedef {"choice" | "combobox" | "checkboxes" | "multiselect" | "file" | "date" | "other"} Kind */

/** @type {Record<string, Partial<Record<Kind, string>>>} */
const NAMED = {
  required: { choice: "multiple choice required", combobox: "combobox required", checkboxes: "checkboxes required", file: "file" },
  min: { date: "date min" },
  max: { date: "date max" },
  minlength: { checkboxes: "checkbox minlength", multiselect: "multiselect minlength" },
  maxlength: { checkboxes: "checkbox maxlength", multiselect: "multiselect maxlength" },
  "datetime-local": { date: "datetime" },
};

/** @type {Partial<Record<Kind, string>>} the names of a message for a lower and an upper limit at once */
const BOTH = { date: "date minmax", checkboxes: "checkbox minmaxlength", multiselect: "multiselect minmaxlength" };

/**
 * The author's message for a rule, with its values filled in: for both limits where both are set (of boxes: and are the same), then for the one.
 * @param {Record<string, string | undefined>} messages @param {string} rule @param {Kind} kind @param {string[]} values @param {string[]} limits the lower and the upper one
 */
export function own(messages, rule, kind, values, limits) {
  const limited = /^(min|max)/.test(rule) && limits.length === 2 && limits.every(Boolean) && (kind === "date" || limits[0] === limits[1]);
  const both = limited ? BOTH[kind] : undefined;
  const forBoth = both && (messages[both] || messages[both.split(" ")[1] ?? ""]);
  if (forBoth) return filled(forBoth, limits);
  const found = codes(rule, kind).map((code) => messages[code]).find(Boolean);
  return found ? filled(found, values) : undefined;
}

/** The names under which the author may have a message for a rule, the nearest first (initial.md "Custom validation messages"). @param {string} rule @param {Kind} kind */
export function codes(rule, kind) {
  const named = NAMED[rule]?.[kind];
  return named ? [named, rule] : [rule];
}

/** A message of the author's with the values that its `%s` stand for. @param {string} text @param {string[]} values */
export const filled = (text, values) => values.reduce((made, value) => made.replace("%s", () => value), text);

/** As people write numbers: separators of thousands do not count. @param {string} text */
export const number = (text) => Number(text.replace(/[,\s\u00a0']/g, ""));

/** @param {Facts} facts @returns {Problem | null} */
function numberProblem({ value, number: kind, min, max, step }) {
  const found = number(value);
  if (Number.isNaN(found)) return ["number", "error number"];
  if (kind === "integer" && !Number.isInteger(found)) return ["integer", "error integer"];
  if (min && found < number(min)) return ["min", "error min", min];
  if (max && found > number(max)) return ["max", "error max", max];
  if (step && Number(step)) {
    const steps = found / Number(step);
    // Binary fractions: 0.3 is not three times 0.1.
    if (Math.abs(steps - Math.round(steps)) > 1e-6) return ["step", "error step", step];
  }
  return null;
}

/** Whether a file is of a kind that the attribute `accept` names: endings, or MIME types. @param {string} accept @param {{ name: string, type: string }} file */
export function accepts(accept, { name, type }) {
  const kinds = accept.toLowerCase().split(/[\s,|]+/).filter(Boolean);
  // A browser that does not know the kind of a file says nothing of it.
  const fits = (/** @type {string} */ kind) => (kind.startsWith(".") ? name.toLowerCase().endsWith(kind) : !type || kind === "*/*" || (kind.endsWith("/*") ? type.startsWith(kind.slice(0, -1)) : type === kind));
  return kinds.length === 0 || kinds.some(fits);
}

/** @param {Facts} facts @returns {Problem | null} */
export function problem(facts) {
  const { value, type, required } = facts;
  if (type === "file") {
    if (required && !facts.files?.length) return ["required", "error required"];
    return facts.files?.every((file) => accepts(facts.accept ?? "", file)) ?? true ? null : ["accept", "error accept"];
  }
  if (facts.unreadable) return [type, type === "time" ? "error time" : "error date"];
  if (required && value.trim() === "") return ["required", type === "select" ? "error choose" : "error required"];
  if (value === "") return null;
  const wrong = facts.number ? numberProblem(facts) : null;
  if (wrong) return wrong;
  if (type === "email" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value)) return ["email", "error email"];
  if (type === "url" && !/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value)) return ["url", "error url"];
  if (facts.tooLow) return ["min", "error min", facts.min ?? ""];
  if (facts.tooHigh) return ["max", "error max", facts.max ?? ""];
  if (facts.minlength && value.length < Number(facts.minlength)) return ["minlength", "error minlength", facts.minlength];
  if (facts.maxlength && value.length > Number(facts.maxlength)) return ["maxlength", "error maxlength", facts.maxlength];
  return null;
}

/** @param {GroupFacts} facts @returns {Problem | null} */
export function groupProblem({ type, required, count, any, none, canSayNone, low = 0, high = 0 }) {
  if (type === "radio") return required && !any ? ["required", "error choose"] : null;
  if (none) return null;
  if (low && count < low) return ["minlength", "error checkmin", String(low)];
  if (high && count > high) return ["maxlength", "error checkmax", String(high)];
  if (!count && canSayNone && required) return ["required", "error choose"];
  return null;
}
