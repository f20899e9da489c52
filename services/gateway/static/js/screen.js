// @ts-check
// The screen that stands: putting the next one in its place, with title, focus and the browser's history.
import * as author from "./author.js";
import * as conditions from "./conditions.js";
import * as draft from "./draft.js";
import { flash, say, settle } from "./flash.js";
import * as scripts from "./scripts.js";
import * as server from "./server.js";
import { asksTheSame, become, becomeMessage, current, word } from "./state.js";
import * as waiting from "./waiting.js";
import { enhance } from "./widgets/index.js";

/** @typedef {import("./server.js").Reply} Reply */
/** @typedef {import("./state.js").Page} Page */

/** @type {Set<(page: Page, first: boolean) => void>} */
const listeners = new Set();
/** The browser's history has moved already: the screen that comes takes the place of the entry that it stands at. */
let moving = false;
/** Answers again what Back took back. @type {() => Promise<boolean>} */
let answerAgain = async () => false;

/** Who answers a screen once more when the browser goes forward to what came of it. @param {() => Promise<boolean>} answer false: it cannot */
export function onForward(answer) {
  answerAgain = answer;
}

/** Hear of every screen that is put up. @param {(page: Page, first: boolean) => void} listener `first`: it came with the document */
export function onScreen(listener) {
  listeners.add(listener);
}

/** @param {boolean} first */
async function ready(first) {
  enhance(document.getElementById("page") ?? document.body);
  conditions.follow(current().conditions ?? [], scripts.run);
  await author.run();
  say(current().messages ?? [], { run: scripts.run, console });
  for (const listener of listeners) listener(current(), first);
  document.dispatchEvent(new CustomEvent("daPageLoad", { bubbles: true }));
}

/** @param {Reply} reply @param {boolean} quiet */
function take(reply, quiet) {
  const earlier = current();
  const page = reply.page ?? {};
  if (page.message) {
    becomeMessage();
    if (page.retry) setTimeout(() => void refresh(), page.retry * 1000);
    return;
  }
  become(page);
  document.documentElement.lang = page.language ?? "";
  document.documentElement.dir = page.direction ?? "";
  document.body.className = page.body_class ?? "";
  if (reply.css) document.head.insertAdjacentHTML("beforeend", reply.css);
  const other = !quiet && !page.rejected && !moving && page.step !== earlier.step;
  // The page's own Back is the browser's: so that forward leads on from there.
  if (other && history.state?.previous === page.step) history.back();
  else if (other) history.pushState({ step: page.step, previous: earlier.step }, "", page.url);
  else history.replaceState({ ...history.state, step: page.step }, "", page.url);
}

/** The interview waits: the screen that stands goes on standing. @param {Page} page @param {waiting.Waiting} said */
function stay(page, said) {
  const { step } = current();
  become(page);
  if (page.step !== step) history.pushState({ step: page.step, previous: step }, "", page.url);
  waiting.cover(said);
  for (const listener of listeners) listener(page, false);
}

/**
 * Put up what the server sent. `quiet` leaves scrolling and focus alone; `kept` is put back into the form.
 * @param {Reply} reply @param {{ quiet?: boolean, kept?: draft.Draft | null }} [how]
 */
export async function show(reply, { quiet = false, kept = null } = {}) {
  if (reply.go) {
    location.assign(reply.go);
    return;
  }
  const root = document.getElementById("page");
  if (!root) return;
  if (reply.page?.waiting && waiting.canStay()) {
    stay(reply.page, reply.page.waiting);
    return;
  }
  if (!asksTheSame(reply.page ?? {})) settle();
  root.innerHTML = reply.html ?? "";
  document.title = reply.title || document.title;
  take(reply, quiet);
  moving = false;
  if (kept) draft.putBack(kept);
  if (!quiet) window.scrollTo(0, 0);
  await ready(false);
  // An author's scripts may have taken a while: whoever has begun with the screen meanwhile is not taken away from there.
  if (quiet || root.contains(document.activeElement)) return;
  const target = document.getElementById("errors") ?? document.getElementById("heading") ?? document.getElementById("question");
  target?.focus({ preventScroll: true });
}

/**
 * After an action, a reload or a refresh: if the same question stands, what was being typed stays, and so does the focus.
 * @param {Reply} reply @param {{ quiet: boolean }} how
 */
export async function showAgain(reply, { quiet }) {
  const same = asksTheSame(reply.page ?? {});
  const typing = Boolean(document.activeElement?.matches("#answer :is(input, textarea, select)"));
  await show(reply, { quiet: same && (quiet || typing), kept: same ? draft.take() : null });
}

/** @param {Response} response */
async function openContent(response) {
  location.assign(URL.createObjectURL(await response.blob()));
}

/** Put up what an answer or an action led to, whatever that is. @param {Reply | Response} reply @param {{ again?: boolean }} [how] `again`: the same question may stand */
export async function follow(reply, { again = false } = {}) {
  if (reply instanceof Response) await openContent(reply);
  else if (again) await showAgain(reply, { quiet: false });
  else await show(reply);
}

/** Look again at what stands now. Raises like transport.js. @param {{ keep?: boolean }} [how] `keep`: without moving anything */
export async function refresh({ keep = false } = {}) {
  const reply = await server.askAgain();
  if (reply instanceof Response) return;
  if (keep) await showAgain(reply, { quiet: true });
  else await show(reply);
}

/** What was being typed when an author's mistake took the screen away. @type {draft.Draft | null} */
let typedBefore = null;

/** The interview has another version: show it. What was being typed stays wherever its fields do, also over a version that does not load. */
export async function renew() {
  const kept = draft.take() ?? typedBefore;
  const reply = await server.askAgain();
  if (reply instanceof Response) return;
  typedBefore = reply.page?.message ? kept : null;
  await show(reply, { quiet: asksTheSame(reply.page ?? {}), kept });
}

/** The browser goes forward, to what Back took back: it is answered again, or if that cannot be the user is told what to press. @param {number} back */
async function forward(back) {
  if (await answerAgain()) return;
  moving = false;
  history.go(back);
  flash(word("forward"), "info");
}

/** @param {PopStateEvent} event */
function popped(event) {
  const wanted = event.state?.step;
  const { step } = current();
  if (typeof wanted !== "number" || typeof step !== "number" || wanted === step) return;
  moving = true;
  if (wanted > step) {
    void forward(step - wanted);
    return;
  }
  const back = document.querySelector("form.back");
  if (current().waiting) void server.back().then((reply) => follow(reply));
  else if (back instanceof HTMLFormElement) back.requestSubmit(back.querySelector("button"));
  else void refresh();
}

/** Take over the screen that came with the document, if it is one. @returns {boolean} */
export function start() {
  // A script element: nobody's text can hold one, but anybody's an element with that id.
  const data = document.querySelector("script#parley-page");
  if (!data) return false;
  become(JSON.parse(data.textContent ?? "{}"));
  history.replaceState({ step: current().step }, "", location.href);
  window.addEventListener("popstate", popped);
  void ready(true);
  document.getElementById("errors")?.focus();
  return true;
}
