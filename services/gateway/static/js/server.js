// @ts-check
// What the page says to the server, beyond loading: asking for the next screen, calling an action, checking in.
// The addresses and shapes are those of docs/http.md.
import { current } from "./state.js";

/** @typedef {import("./transport.js").Transport} Transport */
/** @typedef {import("./transport.js").Outgoing} Outgoing */
/** @typedef {import("./state.js").Page} Page */

/**
 * The next screen (or a message), as web/screens.py sends it to the page's own script.
 * @typedef {object} Reply
 * @property {string} [go] leave for this address instead
 * @property {string} [html]
 * @property {Page} [page]
 * @property {string} [title]
 * @property {string} [css]
 */

/** @type {Transport} */
let transport;

/** Whom to send with. @param {Transport} chosen */
export function start(chosen) {
  transport = chosen;
}

/**
 * Ask for a screen. What is no screen but something of the author's own (response()) comes as the response that it is.
 * @param {string} address @param {Outgoing} [outgoing]
 * @returns {Promise<Reply | Response>}
 */
export async function ask(address, outgoing = {}) {
  const response = await transport.send(address, { ...outgoing, headers: { "X-Parley": "1", ...outgoing.headers } });
  const ours = !response.headers.get("X-Parley-Response") && (response.headers.get("Content-Type") ?? "").includes("json");
  return ours ? response.json() : response;
}

/** The screen that stands now. */
export const askAgain = () => ask(current().url ?? location.href);

/** Run an action for what it shows (action_perform, links). @param {string} action @param {unknown} args */
export function perform(action, args) {
  const { url = "", csrf = "", session = "", token = "" } = current();
  const body = new URLSearchParams({ ":csrf": csrf, ":session": session, ":token": token, ":request": crypto.randomUUID() });
  body.set(":action", JSON.stringify({ action, arguments: args ?? {} }));
  return ask(url, { method: "POST", body, recognised: true });
}

/** Undo the newest step, also where no button stands for that: over a screen that stays while the interview waits. */
export function back() {
  const { url = "", csrf = "", session = "" } = current();
  const body = new URLSearchParams({ ":csrf": csrf, ":session": session, ":request": crypto.randomUUID(), ":do": "back" });
  return ask(url, { method: "POST", body, recognised: true });
}

/** Run an action for what it returns (action_call). @param {string} action @param {unknown} args @param {{ readOnly?: boolean }} [how] */
export async function call(action, args, { readOnly = false } = {}) {
  const { url = "", csrf = "", session = "" } = current();
  const response = await transport.send(url, {
    method: "POST",
    headers: { "X-Parley": "1", "Content-Type": "application/json", "X-CSRF-Token": csrf, "X-Parley-Call": "1" },
    body: JSON.stringify({ session, action, arguments: args ?? {}, request_id: crypto.randomUUID(), read_only: readOnly }),
    recognised: true,
  });
  const type = response.headers.get("Content-Type") ?? "";
  return type.includes("json") ? response.json() : response.text();
}

/** All variables of the interview (get_interview_variables). @returns {Promise<any>} */
export async function variables() {
  const response = await transport.send(`/variables?session=${encodeURIComponent(current().session ?? "")}`);
  return response.ok ? response.json() : { success: false };
}

/** Report to the server (checkin.js). It has no id of its own, so it goes out once. @param {unknown} body @returns {Promise<Response>} */
export const checkIn = (body) =>
  transport.send("/checkin", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": current().csrf ?? "" },
    body: JSON.stringify(body),
  });

/** The address of the events of a session. @param {string} session */
export const eventsAddress = (session) => `/events?session=${encodeURIComponent(session)}`;
