// @ts-check
// Lists whose items are all asked for on one screen (groups.md "list collect"): adding and removing items without the server.
import { apply } from "../conditions.js";
import { all, controlsIn, first, isControl, near } from "../dom.js";

const NUMBERED = ["name", "data-field", "data-variable", "value", "data-conditions"];
const FIELDS = "input:not([type=hidden]), select, textarea";

/** @param {HTMLElement | null | undefined} item @returns {number} */
const numberOf = (item) => Number(item?.dataset.item);

/** Text of an element, without losing the elements in it: the first `from` becomes `to`. @param {Element} element @param {string} from @param {string} to */
function reword(element, from, to) {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const was = text.textContent ?? "";
    text.textContent = was.replace(from, to);
    if (text.textContent !== was) return;
  }
}

/** A new item has no answer of the one it is made of. @param {HTMLElement} item */
function empty(item) {
  for (const one of controlsIn(item)) {
    if (one instanceof HTMLSelectElement) for (const option of one.options) option.selected = !one.multiple && option === one.options[0];
    else if (one instanceof HTMLInputElement && (one.type === "checkbox" || one.type === "radio")) one.checked = false;
    else if (one instanceof HTMLInputElement && one.type === "range") one.value = one.min;
    else if (one.type !== "hidden") one.value = "";
  }
  for (const range of all(item, "input[type=range]", HTMLInputElement)) {
    const output = first(item, `output[for="${CSS.escape(range.id)}"]`, HTMLOutputElement);
    if (output) output.value = range.value;
  }
}

class Collection {
  /** @param {HTMLElement} box @param {(item: HTMLElement) => void} enhance what makes the controls of a new item work */
  constructor(box, enhance) {
    this.box = box;
    this.enhance = enhance;
    const pattern = this.items().at(-1);
    // An item as the server made it, before anything was typed or enhanced.
    this.blank = pattern?.outerHTML ?? "";
    this.blankNumber = numberOf(pattern);
    box.addEventListener("click", (event) => {
      const item = near(event, "[data-collect-remove]")?.closest(".collect-item");
      if (item instanceof HTMLElement) this.remove(item);
      else if (near(event, "[data-collect-add]")) this.add();
    });
  }

  items() {
    return all(this.box, ":scope > .collect-item", HTMLElement);
  }

  /** @param {string} text @param {number} from @param {number} to */
  renumber(text, from, to) {
    const { collect = "" } = this.box.dataset;
    return text.replaceAll(`${collect}[${from}]`, `${collect}[${to}]`);
  }

  /** @param {HTMLElement} item @param {number} to */
  move(item, to) {
    const from = numberOf(item);
    for (const one of [item, ...all(item, "*", Element)]) {
      for (const attribute of NUMBERED) {
        const text = one.getAttribute(attribute);
        const ours = attribute !== "value" || (one instanceof HTMLInputElement && one.type === "hidden");
        if (text !== null && ours) one.setAttribute(attribute, this.renumber(text, from, to));
      }
    }
    this.label(item, from, to);
  }

  /** @param {HTMLElement} item @param {number} from @param {number} to */
  label(item, from, to) {
    const own = first(this.box, `:scope > template[data-collect-label="${to}"]`, HTMLTemplateElement);
    for (const label of all(item, ".collect-label, .collect-name", Element)) {
      if (!own) reword(label, String(from + 1), String(to + 1));
      else if (label.matches(".collect-label")) label.replaceChildren(own.content.cloneNode(true));
      else label.textContent = ` ${own.content.textContent}`;
    }
    item.dataset.item = String(to);
  }

  /** @param {HTMLElement} item */
  remove(item) {
    if ("added" in item.dataset) {
      // The server never heard of it: the ones added after it move up.
      for (const other of this.items()) if (numberOf(other) > numberOf(item)) this.move(other, numberOf(other) - 1);
    } else {
      const gone = document.createElement("input");
      gone.type = "hidden";
      gone.name = this.box.dataset.delete ?? "";
      gone.value = item.dataset.item ?? "";
      this.box.append(gone);
    }
    const next = item.nextElementSibling;
    item.remove();
    const target = next instanceof HTMLElement && next.matches(".collect-item") ? next : this.items().at(-1);
    apply();
    const focus = target ? controlsIn(target, FIELDS)[0] : first(this.box, "[data-collect-add]", HTMLElement);
    focus?.focus();
  }

  add() {
    const last = this.items().at(-1);
    if (!last) return;
    const removed = all(this.box, `input[name="${CSS.escape(this.box.dataset.delete ?? "")}"]`, HTMLInputElement);
    const to = Math.max(...this.items().map(numberOf), ...removed.map((one) => Number(one.value))) + 1;
    const copy = document.createElement("template");
    copy.innerHTML = this.renumber(this.blank, this.blankNumber, to).replace(/(id|for|list|aria-describedby|aria-labelledby|popovertarget)="([^"]*)"/g, (_, name, ids) => `${name}="${ids.replaceAll(/\bf(?=\d)/g, `c${to}f`)}"`);
    const item = copy.content.firstElementChild;
    if (!(item instanceof HTMLElement)) return;
    item.dataset.added = String(this.blankNumber);
    this.label(item, this.blankNumber, to);
    if (!("fresh" in item.dataset)) empty(item);
    for (const note of all(item, ".field-error, .kept-files", Element)) note.remove();
    for (const one of all(item, "[aria-invalid], .is-invalid, .has-error", Element)) {
      one.removeAttribute("aria-invalid");
      one.classList.remove("is-invalid", "has-error");
    }
    last.after(item);
    this.enhance(item);
    apply(); // its fields have conditions, too
    const focus = item.querySelector(FIELDS);
    if (isControl(focus)) focus.focus();
  }
}

/** @param {HTMLElement} box @param {(item: HTMLElement) => void} enhance */
export function collecting(box, enhance) {
  new Collection(box, enhance);
}
