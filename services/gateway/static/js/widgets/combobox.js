// @ts-check
// A text box with a list of choices to pick from: of the page's own (combobox) or of an action's (ajax).
//
// The keys, and what screen readers are told of them, are @github/combobox-nav's, after the ARIA pattern "editable
// combobox with list autocomplete". Ours are the list, and that the value of a choice is sent while its label is shown.
import Combobox from "../../vendor/combobox_nav/index.js";
import { all, first, labelText } from "../dom.js";
import { pairs } from "../fields.js";
import * as server from "../server.js";
import { word } from "../state.js";

/** @typedef {[value: string, label: string]} Choice */
/** @typedef {(typed: string) => Promise<Choice[] | null>} Source null: nothing to offer yet */

const MOST = 200; // choices shown at once
const PAUSE = 300; // ms without a key before an action is asked
const LEAST_LETTERS = 4; // fields.md "trigger at"

/** @param {HTMLInputElement} input */
function listFor(input) {
  const list = document.createElement("ul");
  list.className = "combobox-list";
  list.id = `${input.id}-options`;
  list.role = "listbox";
  list.hidden = true;
  const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
  list.setAttribute("aria-label", labelText(label) || input.getAttribute("aria-label") || "");
  // The list lies over the page; the focus stays in the box while the mouse is in it.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  return list;
}

/** @param {HTMLElement} list @param {Choice} choice @param {number} number */
function optionFor(list, [value, text], number) {
  const item = document.createElement("li");
  item.role = "option";
  item.id = `${list.id}-${number}`;
  item.dataset.value = value;
  item.textContent = text;
  return item;
}

/** Says how many choices there are, to those who do not see the list. */
function statusLine() {
  const line = document.createElement("div");
  line.className = "visually-hidden";
  line.setAttribute("role", "status");
  return line;
}

class Suggestions {
  /** @param {HTMLElement} box @param {HTMLInputElement} input @param {Source} source */
  constructor(box, input, source) {
    this.input = input;
    this.source = source;
    this.list = listFor(input);
    this.status = statusLine();
    box.append(this.list, this.status);
    this.keys = new Combobox(input, this.list, { tabInsertsSuggestions: false });
    this.list.addEventListener("combobox-commit", (event) => {
      if (event.target instanceof HTMLElement) this.pick(event.target);
    });
  }

  get open() {
    return !this.list.hidden;
  }

  close() {
    if (!this.open) return;
    this.keys.stop();
    this.list.hidden = true;
    this.status.textContent = "";
  }

  /** @param {HTMLElement} option */
  pick(option) {
    this.input.value = option.textContent ?? "";
    this.input.dataset.value = option.dataset.value ?? "";
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Show what fits to `typed`; the first or last of them active if `toward` says so. @param {string} typed @param {1 | -1 | 0} [toward] */
  async show(typed, toward = 0) {
    const found = await this.source(typed);
    this.close();
    if (found === null || document.activeElement !== this.input) return;
    this.list.replaceChildren(...found.slice(0, MOST).map((choice, number) => optionFor(this.list, choice, number)));
    this.status.textContent = found.length ? word("matches", found.length) : word("no matches");
    if (!found.length) return;
    this.list.hidden = false;
    this.keys.start();
    if (toward) this.keys.navigate(toward);
  }
}

/** @param {HTMLElement} box @param {HTMLInputElement} input @param {Source} source @param {number} pause ms */
function suggest(box, input, source, pause) {
  input.removeAttribute("list");
  const suggestions = new Suggestions(box, input, source);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  input.addEventListener("input", (event) => {
    if (!event.isTrusted) return; // set by a script, for what it holds rather than to search
    clearTimeout(timer);
    timer = setTimeout(() => void suggestions.show(input.value), pause);
  });
  input.addEventListener("keydown", (event) => {
    if (!suggestions.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      void suggestions.show(input.value, event.key === "ArrowDown" ? 1 : -1);
    } else if (suggestions.open && event.key === "Escape") {
      event.preventDefault();
      suggestions.close();
    }
  });
  input.addEventListener("blur", () => suggestions.close());
  return suggestions;
}

/**
 * What is sent is the value of a choice, or what was typed; what is shown is its label. A script that sets the field
 * sets what is sent, and the label follows.
 * @param {HTMLInputElement} input @param {() => Choice[]} choices those known now
 */
function sendsValue(input, choices) {
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = input.name;
  hidden.dataset.variable = input.name;
  input.after(hidden);
  input.removeAttribute("name");
  const sync = () => {
    // A label that was typed to the end means its choice as well as one that was picked.
    const named = choices().find(([, label]) => label === input.value.trim());
    hidden.value = input.dataset.value ?? (named ? named[0] : input.value);
  };
  /** @param {string} value */
  const show = (value) => {
    const known = choices().find((one) => one[0] === value);
    if (known) input.dataset.value = value;
    else delete input.dataset.value;
    input.value = known ? known[1] : value;
  };
  input.addEventListener("input", () => {
    delete input.dataset.value;
    sync();
  });
  input.addEventListener("change", sync);
  hidden.addEventListener("input", () => show(hidden.value));
  show(input.value);
  sync();
  return { show };
}

/** @param {HTMLInputElement} input @param {Suggestions} suggestions */
function toggleFor(input, suggestions) {
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "combobox-toggle";
  toggle.tabIndex = -1; // the arrow keys do the same
  toggle.textContent = "▾";
  toggle.setAttribute("aria-label", word("show list"));
  toggle.addEventListener("mousedown", (event) => event.preventDefault());
  toggle.addEventListener("click", () => {
    input.focus();
    if (suggestions.open) suggestions.close();
    else void suggestions.show("");
  });
  return toggle;
}

/** A combobox whose choices are on the page, in a datalist. @param {HTMLElement} box */
export function local(box) {
  const input = first(box, "input", HTMLInputElement);
  if (!input) return;
  /** @returns {Choice[]} read each time: a check-in may put others there */
  const choices = () => all(box, "datalist option", HTMLOptionElement).map((one) => [one.value, one.textContent || one.value]);
  sendsValue(input, choices);
  /** @type {Source} */
  const source = async (typed) => choices().filter(([, label]) => label.toLowerCase().includes(typed.trim().toLowerCase()));
  box.append(toggleFor(input, suggest(box, input, source, 0)));
}

/** One whose choices an action finds (fields.md "ajax"). @param {HTMLElement} box */
export function remote(box) {
  const input = first(box, "input", HTMLInputElement);
  if (!input) return;
  const least = Number(input.dataset.trigger || LEAST_LETTERS);
  /** @type {Choice[]} */
  let known = [];
  /** @param {string} wordstart @returns {Promise<Choice[]>} */
  const find = async (wordstart) => {
    const found = pairs(await server.call(input.dataset.action ?? "", { wordstart }));
    return (known = found.map(([value, label]) => [String(value), String(label)]));
  };
  const initial = input.value;
  const { show } = sendsValue(input, () => known);
  if (initial) {
    void find(initial).then((found) => {
      if (input.value !== initial) return;
      if (!found.some(([value]) => value === initial) && found[0]) known = [[initial, found[0][1]]];
      show(initial);
    });
  }
  suggest(box, input, async (typed) => (typed.length < least ? null : find(typed)), PAUSE);
}
