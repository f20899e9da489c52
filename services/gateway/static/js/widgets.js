// What controls do beyond what the browser gives: comboboxes, none of the above, sliders, places of popovers.
import { container } from "./fields.js";
import { callAction } from "./live.js";
import { word } from "./page.js";
import { pad } from "./signature.js";

const all = (root, selector) => [...root.querySelectorAll(selector)];

// ---------------------------------------------------------------- combobox (ARIA 1.2 pattern, list autocomplete)

function combobox(box, source, { free }) {
  const input = box.querySelector("input");
  const list = document.createElement("ul");
  list.className = "combobox-list";
  list.id = `${input.id}-options`;
  list.role = "listbox";
  list.hidden = true;
  const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
  list.setAttribute("aria-label", label ? label.textContent.replace(/\*$/, "").trim() : input.getAttribute("aria-label") || "");
  box.append(list);
  input.removeAttribute("list");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  let active = -1;
  let timer = 0;

  const options = () => all(list, "[role=option]");
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const select = (option) => {
    input.value = option.textContent;
    input.dataset.value = option.dataset.value;
    close();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const highlight = (index) => {
    const found = options();
    active = found.length ? (index + found.length) % found.length : -1;
    found.forEach((one, number) => one.setAttribute("aria-selected", String(number === active)));
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", found[active].id);
      found[active].scrollIntoView({ block: "nearest" });
    }
  };
  const show = async (everything) => {
    const pairs = await source(everything ? "" : input.value);
    if (pairs === null) return close();
    list.replaceChildren(...pairs.slice(0, 200).map(([value, text], number) => {
      const item = document.createElement("li");
      item.role = "option";
      item.id = `${list.id}-${number}`;
      item.dataset.value = value;
      item.textContent = text;
      item.setAttribute("aria-selected", "false");
      return item;
    }));
    if (!pairs.length) {
      const nothing = document.createElement("li");
      nothing.className = "nothing";
      nothing.role = "option";
      nothing.setAttribute("aria-disabled", "true");
      nothing.textContent = word("no matches");
      if (free) return close();
      list.append(nothing);
    }
    list.hidden = false;
    active = -1;
    input.setAttribute("aria-expanded", "true");
    return undefined;
  };

  input.addEventListener("input", () => {
    delete input.dataset.value;
    clearTimeout(timer);
    timer = setTimeout(() => show(false), free ? 0 : 300);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show(false).then(() => highlight(event.key === "ArrowDown" ? 0 : -1));
      else highlight(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      select(options()[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option && !option.classList.contains("nothing")) select(option);
  });
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "combobox-toggle";
  toggle.tabIndex = -1;
  toggle.textContent = "▾";
  toggle.setAttribute("aria-label", word("show list"));
  toggle.addEventListener("click", () => {
    input.focus();
    if (list.hidden) show(true);
    else close();
  });
  if (free) box.append(toggle);
}

// What is sent is the value of a choice, or what was typed; what is shown is its label.
function sendsValue(input, hiddenName, valueOf = (typed) => typed) {
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = hiddenName;
  hidden.dataset.variable = hiddenName;
  input.after(hidden);
  input.removeAttribute("name");
  const sync = () => { hidden.value = input.dataset.value ?? valueOf(input.value); };
  input.addEventListener("input", sync);
  input.addEventListener("change", sync);
  sync();
}

function localCombobox(box) {
  const input = box.querySelector("input");
  const choices = all(box, "datalist option").map((one) => [one.value, one.textContent || one.value]);
  const current = choices.find(([value]) => value === input.value);
  if (current) [input.dataset.value, input.value] = current;
  // A label that was typed to the end means its choice as well as one that was picked.
  const named = (typed) => choices.find(([, label]) => label === typed.trim());
  sendsValue(input, input.name, (typed) => (named(typed) ? named(typed)[0] : typed));
  combobox(box, async (typed) => {
    const wanted = typed.trim().toLowerCase();
    return choices.filter(([, label]) => label.toLowerCase().includes(wanted));
  }, { free: true });
}

function remoteCombobox(box) {
  const input = box.querySelector("input");
  const least = Number(input.dataset.trigger || 4);
  const find = async (wordstart) => {
    const { pairs } = await import("./fields.js");
    return pairs(await callAction(input.dataset.action, { wordstart }));
  };
  const initial = input.value;
  sendsValue(input, input.name);
  if (initial) {
    find(initial).then((found) => {
      const hit = found.find(([value]) => String(value) === initial) || found[0];
      if (hit && input.value === initial) [input.dataset.value, input.value] = [initial, hit[1]];
    });
  }
  combobox(box, async (typed) => (typed.length < least ? null : find(typed)), { free: false });
}

// ---------------------------------------------------------------- groups of boxes

function exclusives(box) {
  const boxes = all(box, "input[type=checkbox]");
  const plain = boxes.filter((one) => !one.dataset.exclusive);
  const none = boxes.find((one) => one.dataset.exclusive === "nota");
  const every = boxes.find((one) => one.dataset.exclusive === "aota");
  box.addEventListener("change", (event) => {
    if (event.target === none && none.checked) for (const one of [...plain, every].filter(Boolean)) one.checked = false;
    else if (event.target === every) for (const one of plain) one.checked = every.checked;
    if (none && plain.some((one) => one.checked)) none.checked = false;
    if (every && event.target !== every) every.checked = plain.every((one) => one.checked);
  });
}

const others = (element, key) => {
  const given = JSON.parse(element.dataset[key]);
  const named = Array.isArray(given) ? given : null;
  return all(document, "#answer .field[data-field]").filter((one) => !one.contains(element) && (!named || named.includes(one.dataset.field)));
};

function yesNoGroups(root) {
  for (const element of all(root, "[data-uncheck-others]")) {
    const boxes = () => others(element, "uncheckOthers").flatMap((one) => all(one, ".choice-single input[type=checkbox]"));
    element.addEventListener("change", () => { if (element.checked) for (const one of boxes()) one.checked = false; });
    document.getElementById("answer").addEventListener("change", (event) => { if (event.target !== element && boxes().some((one) => one.checked)) element.checked = false; });
  }
  for (const element of all(root, "[data-check-others]")) {
    const boxes = () => others(element, "checkOthers").flatMap((one) => all(one, ".choice-single input[type=checkbox]"));
    element.addEventListener("change", () => { for (const one of boxes()) one.checked = element.checked; });
    document.getElementById("answer").addEventListener("change", (event) => { if (event.target !== element) element.checked = boxes().every((one) => one.checked); });
  }
  for (const element of all(root, "[data-disable-others]")) {
    const sync = () => {
      const holder = element.closest(".field");
      const on = all(holder, "input:checked, option:checked").some((one) => one.value !== "") || all(holder, "input:not([type=radio]):not([type=checkbox]):not([type=hidden]), textarea").some((one) => one.value !== "");
      for (const box of others(element, "disableOthers")) for (const one of all(box, "input, select, textarea")) one.disabled = on;
    };
    element.closest(".field").addEventListener("input", sync);
    element.closest(".field").addEventListener("change", sync);
    sync();
  }
}

// ---------------------------------------------------------------- list collect (groups.md)

function collecting(box) {
  const list = box.dataset.collect;
  const items = () => all(box, ":scope > .collect-item");
  const move = (item, to) => {
    const from = Number(item.dataset.item);
    for (const one of [item, ...all(item, "*")]) {
      for (const attribute of ["name", "data-field", "data-variable", "value", "data-conditions"]) {
        if (one.hasAttribute(attribute) && (attribute !== "value" || one.type === "hidden")) one.setAttribute(attribute, renumber(one.getAttribute(attribute), from, to));
      }
    }
    const label = item.querySelector(".collect-label");
    label.textContent = label.textContent.replace(String(from + 1), String(to + 1));
    item.dataset.item = String(to);
  };
  const renumber = (text, from, to) => text.replaceAll(`${list}[${from}]`, `${list}[${to}]`);
  box.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-collect-remove]");
    if (remove) {
      const item = remove.closest(".collect-item");
      if ("added" in item.dataset) {
        // The server never heard of it: the ones added after it move up.
        for (const other of items()) if (Number(other.dataset.item) > Number(item.dataset.item)) move(other, Number(other.dataset.item) - 1);
      } else {
        const gone = document.createElement("input");
        gone.type = "hidden";
        gone.name = box.dataset.delete;
        gone.value = item.dataset.item;
        box.append(gone);
      }
      const next = item.nextElementSibling;
      item.remove();
      const target = next && next.matches(".collect-item") ? next : items().at(-1);
      const focus = target ? target.querySelector("input:not([type=hidden]), select, textarea") : box.querySelector("[data-collect-add]");
      if (focus) focus.focus();
      return;
    }
    const add = event.target.closest("[data-collect-add]");
    const last = items().at(-1);
    if (!add || !last) return;
    const from = Number(last.dataset.item);
    const to = Math.max(...items().map((one) => Number(one.dataset.item)), ...all(box, `input[name="${CSS.escape(box.dataset.delete)}"]`).map((one) => Number(one.value))) + 1;
    const copy = document.createElement("template");
    copy.innerHTML = renumber(blank, blankIndex, to).replace(/(id|for|aria-describedby|popovertarget)="(f\d+)/g, `$1="c${to}$2`);
    const item = copy.content.firstElementChild;
    item.dataset.item = String(to);
    item.dataset.added = "";
    const label = item.querySelector(".collect-label");
    label.textContent = label.textContent.replace(String(blankIndex + 1), String(to + 1));
    for (const one of all(item, "input, textarea")) {
      if (one.type === "checkbox" || one.type === "radio") one.checked = false;
      else if (one.type !== "hidden") one.value = "";
    }
    for (const note of all(item, ".field-error")) note.remove();
    last.after(item);
    enhanceControls(item);
    item.querySelector("input:not([type=hidden]), select, textarea").focus();
  });
  const pattern = items().at(-1);
  const blank = pattern ? pattern.outerHTML : "";
  const blankIndex = pattern ? Number(pattern.dataset.item) : 0;
}

// ---------------------------------------------------------------- popovers, sliders, pictures

function place(event) {
  const popover = event.target;
  if (event.newState !== "open" || !popover.classList.contains("definition")) return;
  const opener = document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]:focus`) || document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`);
  if (!opener) return;
  popover.classList.add("placed");
  const at = opener.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left), innerWidth - size.width - 8);
  const below = at.bottom + 6 + size.height < innerHeight || at.top < size.height + 12;
  popover.style.left = `${left}px`;
  popover.style.top = `${below ? at.bottom + 6 : at.top - size.height - 6}px`;
}
document.addEventListener("toggle", place, true);

// maximum image size (fields.md): the browser makes the picture smaller before it is sent.
async function shrink(input) {
  const largest = Number(input.dataset.maxImage);
  const kept = new DataTransfer();
  for (const file of input.files) {
    if (!file.type.startsWith("image/") || file.type === "image/svg+xml") {
      kept.items.add(file);
      continue;
    }
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, largest / Math.max(picture.width, picture.height));
      const wanted = input.dataset.imageType ? `image/${input.dataset.imageType}` : file.type;
      if (scale === 1 && wanted === file.type) {
        kept.items.add(file);
        continue;
      }
      const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await canvas.convertToBlob({ type: wanted, quality: 0.9 });
      const stem = file.name.replace(/\.[^.]*$/, "");
      kept.items.add(new File([blob], `${stem}.${blob.type.split("/")[1].replace("jpeg", "jpg")}`, { type: blob.type }));
    } catch (error) {
      kept.items.add(file); // not a picture after all: the server decides
    }
  }
  input.files = kept.files;
}

export function enhance(root) {
  const form = document.getElementById("answer");
  if (form) form.noValidate = true;
  all(root, "[data-collect]").forEach(collecting); // first: it keeps a copy of an item as the server made it
  enhanceControls(root);
  if (form) yesNoGroups(root);
}

function enhanceControls(root) {
  all(root, "[data-combobox]").forEach(localCombobox);
  all(root, "[data-ajax]").forEach(remoteCombobox);
  all(root, ".kind-checkboxes").forEach(exclusives);
  all(root, "[data-signature]").forEach(pad);
  for (const range of all(root, "input[type=range]")) {
    const output = root.querySelector(`output[for="${CSS.escape(range.id)}"]`);
    range.addEventListener("input", () => { if (output) output.value = range.value; });
  }
  for (const input of all(root, "input[data-max-image]")) input.addEventListener("change", () => shrink(input));
  for (const link of all(root, ".error-summary a[href^='#']")) {
    link.addEventListener("click", (event) => {
      const target = document.getElementById(link.hash.slice(1));
      if (!target) return;
      event.preventDefault();
      (target.matches("fieldset") ? target.querySelector("input:not([type=hidden])") : target).focus();
    });
  }
}

export const hasField = (name) => Boolean(container(name));
