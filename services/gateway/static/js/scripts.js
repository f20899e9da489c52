// @ts-check
// Running scripts that authors wrote. The content security policy lets only elements with this response's nonce run
// (security.py), so text becomes a script element; nothing is evaluated.

let nonce = "";

/** Take the nonce of the page, from a script of ours. */
export function start() {
  const own = document.querySelector("script[nonce]");
  nonce = own instanceof HTMLElement ? (own.nonce ?? "") : "";
}

/** @param {string} type @returns {HTMLScriptElement} */
function element(type) {
  const made = document.createElement("script");
  made.nonce = nonce;
  if (type) made.type = type;
  return made;
}

/** Run a text, at once. @param {string} text @param {string} [type] */
export function run(text, type = "") {
  const made = element(type);
  made.textContent = text;
  document.head.append(made);
  made.remove();
}

/** Load a script; done when it has run or could not be loaded. @param {string} address @param {string} [type] @returns {Promise<void>} */
export function load(address, type = "") {
  return new Promise((done) => {
    const made = element(type);
    made.src = address;
    made.async = false;
    made.onload = made.onerror = () => done();
    document.head.append(made);
  });
}

/** @typedef {{ src?: string, type?: string, text?: string }} Script an author's script element, as the server read it */

/** One after the other. @param {Iterable<Script>} inline */
export async function runAll(inline) {
  for (const { src, type = "", text = "" } of inline) {
    if (src) await load(src, type);
    else run(text, type);
  }
}
