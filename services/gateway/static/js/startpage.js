// @ts-check
// The list of interviews: a search over titles and descriptions.
import { all, first } from "./dom.js";

/** @param {string} text */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function start() {
  const input = first(document, "input[data-search]", HTMLInputElement);
  const said = document.getElementById("found");
  if (!input || !said) return;
  const show = () => {
    const wanted = folded(input.value).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const section of all(document, ".start-section", HTMLElement)) {
      const group = folded(section.querySelector("h2")?.textContent ?? "");
      let some = false;
      for (const item of all(section, "li", HTMLElement)) {
        const text = `${group} ${folded(item.textContent ?? "")}`;
        item.hidden = !wanted.every((one) => text.includes(one));
        some ||= !item.hidden;
        left += item.hidden ? 0 : 1;
      }
      section.hidden = !some;
    }
    const { search = "", searchNone = "" } = input.dataset;
    said.textContent = !wanted.length ? "" : left ? search.replace("{0}", String(left)) : searchNone;
  };
  input.addEventListener("input", show);
  show(); // the browser may have put back what stood there
}
