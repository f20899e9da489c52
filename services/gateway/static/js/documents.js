// @ts-check
// Documents of a screen: one that takes long to be made shows a bar until it is there; how large they are, once that is known.
import { all, near } from "./dom.js";
import { current, word } from "./state.js";

const PAUSE = 1000; // milliseconds between two looks at a document that is being made

/** @param {number} milliseconds */
const passing = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param {number} bytes in words of the page's language */
export function sized(bytes, language = current().language || "en") {
  const [unit, count] = bytes < 1e6 ? ["kilobyte", Math.max(1, Math.round(bytes / 1e3))] : ["megabyte", Math.round(bytes / 1e5) / 10];
  return new Intl.NumberFormat(language.replace("_", "-"), { style: "unit", unit: String(unit) }).format(Number(count));
}

/**
 * Wait until what stands at `address` is made; what the server says of it then, or null if it cannot be reached.
 * @param {string} address @param {() => void} [later] called when it takes long
 */
async function made(address, later) {
  for (;;) {
    const response = await fetch(address, { method: "HEAD" }).catch(() => null);
    if (response?.status !== 202) return response;
    later?.();
    await passing(PAUSE);
  }
}

/** @param {HTMLAnchorElement} link @param {Response | null} response */
function tellSize(link, response) {
  const bytes = Number(response?.headers.get("Content-Length"));
  if (!response?.ok || !bytes || link.querySelector(".document-size")) return;
  const said = document.createElement("span");
  said.className = "document-size";
  said.textContent = sized(bytes);
  link.append(" ", said);
}

/** A bar below the buttons, while one document is being made. @param {HTMLAnchorElement} link */
function bar(link) {
  const progress = document.createElement("progress");
  progress.className = "document-progress";
  progress.setAttribute("aria-label", `${word("please wait")} ${link.textContent?.trim() ?? ""}`);
  (link.closest(".document-text") ?? link.parentElement)?.append(progress);
  return progress;
}

/** @param {HTMLAnchorElement} link */
async function fetched(link) {
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  /** @type {Element[]} */
  const bars = [];
  try {
    const response = await made(link.href, () => void (bars.length || bars.push(bar(link))));
    tellSize(link, response);
    location.assign(link.href); // a download, or the page that says what is wrong
  } finally {
    for (const one of bars) one.remove();
    link.removeAttribute("aria-busy");
  }
}

/** A picture that is being made comes later; with it the size of its document. @param {HTMLImageElement} picture */
async function follow(picture) {
  const response = await made(picture.src);
  if (!response?.ok || !picture.isConnected) return;
  if (!picture.naturalWidth) picture.src = `${picture.src}&again=1`;
  const link = picture.closest(".document")?.querySelector("a[data-kind=pdf]");
  if (link instanceof HTMLAnchorElement) tellSize(link, await made(link.href));
}

/**
 * Who points at a button, or comes to it by the keyboard, sees how large the file is, and need not wait for it any more.
 * @param {Event} event
 */
function ask(event) {
  const link = near(event, "a[data-document][data-kind]");
  if (!(link instanceof HTMLAnchorElement) || link.dataset.asked) return;
  link.dataset.asked = "yes";
  void made(link.href).then((response) => tellSize(link, response));
}

/** Begin with the documents of the screen that was just put up. */
export function enhance() {
  for (const picture of all(document, "img.document-picture", HTMLImageElement)) {
    const go = () => void follow(picture);
    if (picture.complete && picture.naturalWidth) go();
    else for (const event of ["load", "error"]) picture.addEventListener(event, go, { once: true });
  }
}

export function start() {
  for (const event of ["pointerover", "focusin"]) document.addEventListener(event, ask);
  document.addEventListener("click", (event) => {
    const link = near(event, "a[data-document]");
    if (!(link instanceof HTMLAnchorElement) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void fetched(link);
  });
}
