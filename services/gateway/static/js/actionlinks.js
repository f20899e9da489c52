// @ts-check
// How an action is written in an address (functions.md url_action()): JSON in URL-safe base64.

/** @typedef {{ action: string, arguments: unknown }} Action */

/** @param {unknown} value @returns {string} */
export function encode(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @param {string} text @returns {Action | null} null if it is no action */
export function decode(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    const found = JSON.parse(new TextDecoder().decode(bytes));
    return found && typeof found.action === "string" && found.action ? found : null;
  } catch (error) {
    return null;
  }
}

/** With `forgetPrior`, earlier actions that still ask something are given up. @param {string} action @param {unknown} args @param {boolean} [forgetPrior] @returns {Action} */
export const prepared = (action, args, forgetPrior = false) =>
  forgetPrior
    ? { action: "_da_priority_action", arguments: { _action: action, _arguments: args || {} } }
    : { action, arguments: args || {} };
