// @ts-check
// Sending: a form by script instead of by the browser, once, with a sign that it is on its way, and a word if it hangs.
import * as actionlinks from "./actionlinks.js";
import { answerForm, isControl, near } from "./dom.js";
import * as draft from "./draft.js";
import { flash } from "./flash.js";
import { RequestIds } from "./requestids.js";
import * as screen from "./screen.js";
import * as scripts from "./scripts.js";
import * as server from "./server.js";
import { asksTheSame, current, word } from "./state.js";
import { CancelledRequest, HungRequest } from "./transport.js";
import * as uploads from "./uploads.js";
import * as validate from "./validate.js";

const SPINNER_AFTER = 300; // ms; most answers come sooner, and a flicker is worse than nothing
const ids = new RequestIds(() => crypto.randomUUID());
let sending = false;
/** What is being sent is an action of the page: the answer is still to come. */
let isActing = false;
/** The screen from which it is sent. @type {object | null} */
let sentFrom = null;
/** What was pressed meanwhile, and on which screen. @type {{ page: object, press: () => void } | null} */
let pressedMeanwhile = null;
/** What was sent last and got no answer: it may have taken effect all the same. @type {{ page: object, id: string } | null} */
let hung = null;
/** Sends again what led to a message instead of a screen. @type {(() => Promise<Reply | Response>) | null} */
let failing = null;

/**
 * What was answered at each step, for when Back took it back and the browser goes forward.
 * @type {Map<number, { key: string, data: [string, FormDataEntryValue][], button: { name: string, value: string } | null }>}
 */
const answered = new Map();

/** @typedef {HTMLButtonElement | HTMLInputElement} Button */
/** @typedef {import("./server.js").Reply} Reply */

/** Show that the form is on its way. @param {HTMLFormElement} form @param {Button | null} button @returns {() => void} ends it */
function busy(form, button) {
  const spin = setTimeout(() => {
    button?.classList.add("busy");
    button?.setAttribute("aria-busy", "true");
  }, SPINNER_AFTER);
  form.setAttribute("aria-busy", "true");
  document.getElementById("hung")?.remove();
  return () => {
    clearTimeout(spin);
    form.removeAttribute("aria-busy");
    button?.classList.remove("busy");
    button?.removeAttribute("aria-busy");
  };
}

/** Say beside the button that nothing came back. @param {HTMLFormElement} form @param {Button | null} button */
function sayHung(form, button) {
  const box = document.createElement("div");
  box.id = "hung";
  box.className = "alert alert-warning";
  box.setAttribute("role", "alert");
  box.textContent = word("no answer");
  const actions = button?.closest(".actions") ?? form.querySelector(".actions");
  if (actions) actions.before(box);
  else form.append(box);
  button?.focus();
}

/** What goes out: what the browser would send, under an id that stays while the content stays. @param {HTMLFormElement} form @param {Button | null} button @param {FormData | null} [again] instead of what the form holds */
function outgoing(form, button, again = null) {
  const data = again ?? new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const id = ids.of(data);
  data.set(":request", id);
  return { id, data, body: encoded(form, data) };
}

/** Keep what was sent from `page`. @param {import("./state.js").Page} page @param {FormData} data @param {Button | null} button */
function keep(page, data, button) {
  if (typeof page.step !== "number") return;
  const names = button ? { name: button.name, value: button.value } : null;
  answered.set(page.step, { key: JSON.stringify(page.key), data: [...data], button: names });
}

/** Answer the screen that stands as it was answered before Back: with what was sent then, or what is typed now. */
async function answerAgain() {
  const page = current();
  const kept = answered.get(page.step ?? -1);
  const form = answerForm();
  if (!form || sending || kept?.key !== JSON.stringify(page.key)) return false;
  if (!draft.take()?.values.size) {
    const data = new FormData();
    for (const [name, value] of kept.data) data.append(name, value);
    for (const [name, value] of new FormData(form)) if ([":csrf", ":session", ":token", ":request"].includes(name)) data.set(name, value);
    return send(form, null, data);
  }
  const button = [...form.elements].find(
    (one) => one instanceof HTMLButtonElement && one.name === (kept.button?.name ?? "") && one.value === (kept.button?.value ?? ""),
  );
  return validate.form(form) && send(form, button instanceof HTMLButtonElement ? button : null);
}

/** @param {HTMLFormElement} form @param {FormData} data */
function encoded(form, data) {
  const files = [...form.elements].some((one) => one instanceof HTMLInputElement && one.type === "file" && one.files?.length);
  if (form.enctype === "multipart/form-data" || files) return data;
  return new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
}

/**
 * An answer got none and was then mended: if the first one took effect, the mended one would be for a screen that is gone.
 * Then the next screen is put up, and the user told where the first answer can be changed.
 */
async function overtaken() {
  const reply = await server.askAgain();
  if (reply instanceof Response || !reply.page || reply.page.message || reply.page.step === current().step) return false;
  await screen.show(reply);
  flash(word("arrived"), "info");
  return true;
}

/** @param {HTMLFormElement} form @param {Button | null} button @param {FormData | null} [again] what to send instead of what the form holds @returns {Promise<boolean>} whether it went out */
async function send(form, button, again = null) {
  const page = current();
  if (sending) {
    // A second press of what is being sent is one too many. An answer given while an action runs is not, nor what is pressed on the screen
    // that has come of it, which stands before its author's scripts are there.
    const answers = isActing && form.id === "answer" && button?.name !== ":action";
    if (page !== sentFrom || answers) pressedMeanwhile = { page, press: () => pressAgain(form, button) };
    return false;
  }
  sending = true;
  sentFrom = page;
  isActing = button?.name === ":action";
  const done = busy(form, button);
  const { id, data, body } = outgoing(form, button, again);
  const upload = uploads.begin(form, body);
  let stands = false;
  try {
    const isMended = hung?.page === page && hung.id !== id && form.id === "answer" && button?.name !== ":action";
    if (isMended && (await overtaken())) return true;
    const reply = await server.ask(form.action, { method: "POST", body, recognised: true, ...upload.how });
    if (form.id === "answer" && !isActing) keep(page, data, button);
    stands = isActing && !(reply instanceof Response) && asksTheSame(reply.page ?? {});
    await screen.follow(reply, { again: isActing });
    failing = failed(reply) ? () => server.ask(form.action, { method: "POST", body, recognised: true }) : null;
  } catch (error) {
    const isCancelled = error instanceof CancelledRequest;
    if (!isCancelled && !(error instanceof HungRequest)) throw error;
    if (hung?.page !== page) hung = { page, id };
    if (isCancelled) button?.focus();
    else sayHung(form, button);
  } finally {
    upload.end();
    done();
    free(stands);
  }
  return true;
}

/** @param {Reply | Response} reply */
const failed = (reply) => !(reply instanceof Response) && Boolean(reply.page?.message);

/** The interview has another version: send again what failed of the last one, or else show the screen anew. @returns {Promise<boolean>} false: something is on its way */
export async function renew() {
  if (sending) return false;
  if (!failing) await screen.renew();
  else await screen.follow(await failing());
  return true;
}

/** Whatever was sent has come to its end: now what was pressed meanwhile. @param {boolean} stands the same question does */
function free(stands) {
  const pressed = pressedMeanwhile;
  sending = isActing = false;
  sentFrom = pressedMeanwhile = null;
  if (pressed && (stands || pressed.page === current())) pressed.press();
}

/**
 * Press this button, or the one that stands in its place: the screen may have been put up anew, with what had been typed.
 * @param {HTMLFormElement} form @param {Button | null} button
 */
function pressAgain(form, button) {
  if (form.isConnected) {
    form.requestSubmit(button);
    return;
  }
  const now = answerForm();
  const anew = [...(now?.elements ?? [])].find(
    (one) => one instanceof HTMLButtonElement && one.type === "submit" && one.name === (button?.name ?? "") && one.value === (button?.value ?? ""),
  );
  if (anew instanceof HTMLButtonElement) now?.requestSubmit(anew);
}

/** Run an action and put up what comes of it: one at a time, as with the buttons of a form. @param {string} action @param {unknown} args */
export async function perform(action, args) {
  const page = current();
  if (sending) {
    if (page !== sentFrom) pressedMeanwhile = { page, press: () => void perform(action, args) };
    return;
  }
  sending = isActing = true;
  sentFrom = page;
  document.body.setAttribute("aria-busy", "true");
  let stands = false;
  try {
    const reply = await server.perform(action, args);
    stands = !(reply instanceof Response) && asksTheSame(reply.page ?? {});
    await screen.follow(reply, { again: true });
    failing = failed(reply) ? () => server.perform(action, args) : null;
  } catch (error) {
    if (!(error instanceof HungRequest)) throw error;
    flash(word("no answer"), "warning");
  } finally {
    document.body.removeAttribute("aria-busy");
    free(stands);
  }
}

/** A link with an action is sent as a POST: links must not change things, and the page need not be loaded again. @param {MouseEvent} event */
function followLink(event) {
  const link = near(event, "a[href]");
  const modified = event.button || event.metaKey || event.ctrlKey || event.shiftKey;
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || modified || (link.target && link.target !== "_self")) return;
  const address = new URL(link.href, location.href);
  if (address.origin !== location.origin || address.pathname !== "/interview") return;
  const asked = actionlinks.decode(address.searchParams.get("action") ?? "");
  const other = address.searchParams.get("session");
  const named = address.searchParams.get("i");
  if (!asked || (other && other !== current().session) || (named && named !== current().interview)) return;
  event.preventDefault();
  if (link.dataset.confirm && !confirm(link.dataset.confirm)) return;
  void perform(asked.action, asked.arguments);
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const form = event.target;
  const button = event.submitter instanceof HTMLButtonElement || isControl(event.submitter) ? /** @type {Button} */ (event.submitter) : null;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || new URL(form.action).pathname !== "/interview") return;
  event.preventDefault();
  const unchecked = button?.formNoValidate || form.id !== "answer";
  if (unchecked || validate.form(form)) void send(form, button);
}

export function start() {
  screen.onForward(answerAgain);
  screen.onScreen((page) => {
    if (!page.message) failing = null;
  });
  document.addEventListener("submit", submitted);
  document.addEventListener("click", followLink);
  document.addEventListener("click", (event) => {
    const name = near(event, "button[data-script]")?.dataset.script;
    const script = name && current().button_scripts?.[name];
    if (script) scripts.run(script);
  });
}
