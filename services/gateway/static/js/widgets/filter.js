// @ts-check
// A box above a long list of choices that leaves those in sight which hold what is typed there. What is ticked stays in sight.
import { all, first } from "../dom.js";
import { word } from "../state.js";

/** Lists that are shorter are read faster than searched. */
const LEAST = 13;

/** @param {string} text */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** @param {HTMLFieldSetElement} group */
export function filtering(group) {
  const list = first(group, ".choices", HTMLElement);
  if (!list || all(list, ".choice", HTMLElement).length < LEAST) return;
  const box = document.createElement("div");
  box.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  input.className = "form-control";
  input.id = `${group.id}-filter`;
  input.autocomplete = "off";
  const label = document.createElement("label");
  label.className = "form-text";
  label.htmlFor = input.id;
  label.textContent = word("filter");
  const count = document.createElement("p");
  count.className = "visually-hidden";
  count.setAttribute("role", "status");
  const show = () => {
    const wanted = folded(input.value.trim());
    let left = 0;
    for (const one of all(list, ".choice", HTMLElement)) {
      const stays = folded(one.textContent ?? "").includes(wanted) || first(one, "input", HTMLInputElement)?.checked;
      one.hidden = !stays;
      left += stays ? 1 : 0;
    }
    count.textContent = left ? word("matches", left) : word("no matches");
  };
  for (const name of ["input", "change"]) input.addEventListener(name, (event) => event.stopPropagation()); // it is no answer
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  box.append(label, input, count);
  list.before(box);
}
