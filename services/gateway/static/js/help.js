// @ts-check
// Menus, help and definitions that open over the page.
import { all, near } from "./dom.js";

const MARGIN = 8; // px between a definition and the edge of the window
const GAP = 6; // px between a definition and its term

/** Put a definition beside the term that opened it. @param {Event} event */
function place(event) {
  const popover = event.target;
  if (!(popover instanceof HTMLElement) || /** @type {any} */ (event).newState !== "open" || !popover.classList.contains("definition")) return;
  const opens = `[popovertarget="${CSS.escape(popover.id)}"]`;
  const opener = document.querySelector(`${opens}:focus`) ?? document.querySelector(opens);
  if (!opener) return;
  popover.classList.add("placed");
  const at = opener.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const left = Math.min(Math.max(MARGIN, at.left), innerWidth - size.width - MARGIN);
  const below = at.bottom + GAP + size.height < innerHeight || at.top < size.height + 2 * GAP;
  popover.style.left = `${left}px`;
  popover.style.top = `${below ? at.bottom + GAP : at.top - size.height - GAP}px`;
}

/** Everything that works on every page, screen or not. */
export function start() {
  document.addEventListener("toggle", place, true);
  document.addEventListener("click", (event) => {
    for (const menu of all(document, "details.menu[open]", HTMLDetailsElement)) {
      if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    }
    const help = document.getElementById("help");
    if (!near(event, 'a[href="#help"]') || !help?.showPopover) return;
    event.preventDefault();
    help.showPopover();
  });
}
