// @ts-check
// What stands over the screen while the interview waits: the screen stays, cannot be answered, and says so (functions.md, command('wait')).

/** @typedef {{ heading: string, text: string }} Waiting HTML */

/** Whether there is a screen that can stay. */
export const canStay = () => Boolean(document.querySelector("main#question:not(.message)"));

/** Say over the screen what is waited for. @param {Waiting} said */
export function cover({ heading, text }) {
  const main = document.querySelector("main#question");
  if (!(main instanceof HTMLElement)) return;
  for (const part of main.children) if (!part.classList.contains("wait-cover")) part.toggleAttribute("inert", true);
  const made = main.querySelector(".wait-cover") ?? main.appendChild(document.createElement("div"));
  const first = !made.hasChildNodes();
  made.className = "wait-cover";
  made.setAttribute("role", "status");
  const box = document.createElement("div");
  box.className = "wait-box";
  box.innerHTML = `<span class="waiting" aria-hidden="true"></span><div class="wait-words"><p class="wait-heading" tabindex="-1">${heading}</p>${text}</div>`;
  made.replaceChildren(box);
  if (first) /** @type {HTMLElement | null} */ (box.querySelector(".wait-heading"))?.focus({ preventScroll: true });
}
