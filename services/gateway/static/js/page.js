// The screen that is shown: sending its form without loading a page, and putting the next screen in its place.
import * as conditions from "./conditions.js";
import * as validate from "./validate.js";
import * as widgets from "./widgets.js";

const SPINNER_AFTER = 300; // ms; most answers come sooner, and a flicker is worse than nothing
const RETRIES = [1000, 2000, 4000, 8000, 15000]; // ms between tries while the connection or a service is away
const listeners = new Set();

export let state = {}; // what the server says about this screen (printing.py, _page_data)
let nonce = "";
let sending = false;
let popping = false;

export const word = (key) => (state.words && state.words[key]) || key;

export function onScreen(listener) {
  listeners.add(listener);
}

// ---------------------------------------------------------------- scripts of authors

// Content security policy lets only elements with this response's nonce run; see security.py.
export function runScript(text, source, type) {
  return new Promise((done) => {
    const element = document.createElement("script");
    element.nonce = nonce;
    if (type) element.type = type;
    if (source) {
      element.src = source;
      element.async = false;
      element.onload = element.onerror = () => done();
      document.head.append(element);
    } else {
      element.textContent = text;
      document.head.append(element);
      element.remove();
      done();
    }
  });
}

async function runScriptsOf(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  for (const script of template.content.querySelectorAll("script")) {
    await runScript(script.textContent, script.getAttribute("src"), script.getAttribute("type"));
  }
}

const loaded = new Set();

async function authorCode() {
  for (const address of state.styles || []) {
    if (document.head.querySelector(`link[href="${CSS.escape(address)}"]`)) continue;
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    document.head.append(link);
  }
  if (state.author_code && !window.jQuery) {
    const base = new URL("../", import.meta.url);
    for (const name of ["jquery.min.js", "popper.min.js", "bootstrap.min.js"]) await runScript("", new URL(name, base).href);
  }
  if (window.jQuery && !window.jQuery.validator) {
    // Authors' datatypes add rules to a validation plugin (fields.md "Custom data types"); validate.js asks them.
    window.jQuery.validator = { methods: {}, messages: {}, addMethod(name, method, message) { this.methods[name] = method; if (message) this.messages[name] = message; } };
  }
  if (window.jQuery) {
    // jQuery's handlers hear the events of the page anyway; they are promised what a check-in brought as their argument.
    window.jQuery.event.special.daCheckIn = { handle(event) { return event.handleObj.handler.call(this, event, event.originalEvent && event.originalEvent.detail); } };
  }
  for (const text of state.datatypes || []) {
    if (loaded.has(text)) continue;
    loaded.add(text);
    await runScript(text);
  }
  for (const address of state.scripts || []) {
    if (loaded.has(address)) continue;
    loaded.add(address);
    await runScript("", address);
  }
  // Scripts in fields of kind html, raw html and script; not those in texts, where nobody is promised that they run.
  for (const block of document.querySelectorAll("script[data-author]")) await runScript(block.textContent, block.getAttribute("src"));
  if (state.script) await runScriptsOf(state.script);
}

// ---------------------------------------------------------------- showing

async function ready(first) {
  widgets.enhance(document.getElementById("page"));
  conditions.start(state.conditions || []);
  await authorCode();
  for (const listener of listeners) listener(state, first);
  document.dispatchEvent(new CustomEvent("daPageLoad", { bubbles: true }));
}

function announceTitle(reply) {
  document.title = reply.title || document.title;
}

// Keeps the text that is being typed when only the surroundings change (reload of a waiting screen, refresh).
export function draft() {
  const form = document.getElementById("answer");
  if (!form) return null;
  const kept = new Map();
  for (const element of form.elements) {
    if (!element.name || element.type === "hidden" || element.type === "file" || element.type === "submit") continue;
    const on = element.type === "checkbox" || element.type === "radio";
    const touched = on ? element.checked !== element.defaultChecked
      : element.options ? [...element.options].some((one) => one.selected !== one.defaultSelected)
      : element.value !== element.defaultValue;
    if (touched) kept.set(`${element.name}\n${on ? element.value : ""}`, on ? element.checked : element.options ? [...element.selectedOptions].map((one) => one.value) : element.value);
  }
  const at = document.activeElement;
  return { kept, focus: at && at.id, caret: at && at.selectionStart !== undefined ? [at.selectionStart, at.selectionEnd] : null };
}

function putBack(kept) {
  const form = document.getElementById("answer");
  if (!form || !kept) return;
  for (const element of form.elements) {
    const on = element.type === "checkbox" || element.type === "radio";
    const key = `${element.name}\n${on ? element.value : ""}`;
    if (!element.name || !kept.kept.has(key)) continue;
    const value = kept.kept.get(key);
    if (on) element.checked = value;
    else if (element.options) for (const one of element.options) one.selected = value.includes(one.value);
    else element.value = value;
  }
  const focused = kept.focus && document.getElementById(kept.focus);
  if (!focused) return;
  focused.focus({ preventScroll: true });
  try {
    if (kept.caret && kept.caret[0] !== null) focused.setSelectionRange(...kept.caret);
  } catch (error) {
    // number, date and kin have no caret to set
  }
}

export async function show(reply, { quiet = false, kept = null } = {}) {
  if (reply.go) {
    location.assign(reply.go);
    return;
  }
  const earlier = state;
  const root = document.getElementById("page");
  root.innerHTML = reply.html;
  announceTitle(reply);
  if (reply.page.message) {
    state = { ...earlier, check_in: null, reload: null, message: true };
    if (reply.page.retry) setTimeout(() => refresh(), reply.page.retry * 1000);
  } else {
    state = reply.page;
    document.documentElement.lang = state.language;
    document.documentElement.dir = state.direction;
    document.body.className = state.body_class;
    if (reply.css) document.head.insertAdjacentHTML("beforeend", reply.css);
    if (!quiet && !state.rejected && !popping && state.step !== earlier.step) history.pushState({ step: state.step }, "", state.url);
    else history.replaceState({ step: state.step }, "", state.url);
  }
  popping = false;
  if (kept) putBack(kept);
  await ready(false);
  if (quiet) return;
  const target = document.getElementById("errors") || document.getElementById("heading") || document.getElementById("question");
  window.scrollTo(0, 0);
  if (target) target.focus({ preventScroll: true });
}

// After an action, a reload or a refresh: if the same question stands, what was being typed stays, and so does the focus.
async function showAgain(reply, { quiet }) {
  const same = Boolean(reply.page && reply.page.key && JSON.stringify(reply.page.key) === JSON.stringify(state.key));
  const typing = document.activeElement && document.activeElement.matches("#answer :is(input, textarea, select)");
  await show(reply, { quiet: same && (quiet || typing), kept: same ? draft() : null });
}

export async function refresh({ keep = false } = {}) {
  const reply = await ask(state.url || location.href, {});
  if (reply instanceof Response) return;
  if (keep) await showAgain(reply, { quiet: true });
  else await show(reply);
}

// ---------------------------------------------------------------- asking the server

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function offline(on) {
  let banner = document.getElementById("offline");
  if (on && !banner) {
    banner = document.createElement("div");
    banner.id = "offline";
    banner.className = "offline";
    banner.setAttribute("role", "status");
    banner.textContent = word("offline");
    document.body.prepend(banner);
  } else if (!on && banner) {
    banner.remove();
  }
}

// Tries again while the connection or a service is away: the request carries an id, so it takes effect once.
export async function ask(address, options) {
  const headers = { "X-Parley": "1", ...(options.headers || {}) };
  for (let attempt = 0; ; attempt++) {
    let response = null;
    try {
      response = await fetch(address, { credentials: "same-origin", ...options, headers });
    } catch (error) {
      offline(true);
    }
    const away = !response || [502, 503, 504].includes(response.status);
    if (!away || (response && attempt >= RETRIES.length)) {
      offline(false);
      if (response.headers.get("X-Parley-Response")) return response;
      if (!(response.headers.get("Content-Type") || "").includes("json")) return response;
      return response.json();
    }
    await pause(RETRIES[Math.min(attempt, RETRIES.length - 1)]);
  }
}

async function openContent(response) {
  const blob = await response.blob();
  location.assign(URL.createObjectURL(blob));
}

async function send(form, button) {
  if (sending) return;
  sending = true;
  const data = new FormData(form);
  if (button && button.name) data.append(button.name, button.value);
  const spin = setTimeout(() => button && (button.classList.add("busy"), button.setAttribute("aria-busy", "true")), SPINNER_AFTER);
  form.setAttribute("aria-busy", "true");
  try {
    const files = [...form.elements].some((one) => one.type === "file" && one.files.length);
    const body = form.enctype === "multipart/form-data" || files ? data : new URLSearchParams(data);
    const reply = await ask(form.action, { method: "POST", body });
    if (reply instanceof Response) await openContent(reply);
    else if (button && button.name === ":action") await showAgain(reply, { quiet: false });
    else await show(reply);
  } finally {
    sending = false;
    clearTimeout(spin);
    form.removeAttribute("aria-busy");
    if (button) button.classList.remove("busy"), button.removeAttribute("aria-busy");
  }
}

export async function perform(action, args) {
  const data = new URLSearchParams({ ":csrf": state.csrf, ":session": state.session, ":token": state.token, ":request": crypto.randomUUID() });
  data.set(":action", JSON.stringify({ action, arguments: args || {} }));
  const reply = await ask(state.url, { method: "POST", body: data });
  if (reply instanceof Response) return openContent(reply);
  return showAgain(reply, { quiet: false });
}

export function decodeAction(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return null;
  }
}

// A link with an action is sent as a POST: links must not change things, and the page need not be loaded again.
function followLink(event) {
  const link = event.target.closest && event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || (link.target && link.target !== "_self")) return;
  const address = new URL(link.href, location.href);
  if (address.origin !== location.origin || address.pathname !== "/interview" || !address.searchParams.get("action")) return;
  const asked = decodeAction(address.searchParams.get("action"));
  const other = address.searchParams.get("session");
  const named = address.searchParams.get("i");
  if (!asked || !asked.action || (other && other !== state.session) || (named && named !== state.interview)) return;
  event.preventDefault();
  perform(asked.action, asked.arguments);
}

export function start() {
  const own = document.querySelector("script[nonce]");
  nonce = own ? own.nonce : "";
  const data = document.getElementById("parley-page");
  document.addEventListener("click", closeMenu);
  if (!data) return;
  state = JSON.parse(data.textContent);
  history.replaceState({ step: state.step }, "", location.href);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.method !== "post" || new URL(form.action).pathname !== "/interview") return;
    event.preventDefault();
    const unchecked = (button && button.formNoValidate) || form.id !== "answer";
    if (unchecked || validate.form(form)) send(form, button);
  });
  document.addEventListener("click", followLink);
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href="#help"]');
    const help = document.getElementById("help");
    if (!link || !help || !help.showPopover) return;
    event.preventDefault();
    help.showPopover();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button[data-script]");
    if (button) runScript(button.dataset.script);
  });
  window.addEventListener("popstate", (event) => {
    const wanted = event.state && event.state.step;
    if (typeof wanted !== "number" || typeof state.step !== "number" || wanted >= state.step) return;
    popping = true;
    const back = document.querySelector("form.back");
    if (back) back.requestSubmit(back.querySelector("button"));
    else refresh();
  });
  ready(true);
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
}

function closeMenu(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
}
