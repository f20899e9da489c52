// What happens while a screen stands: the event stream, check-ins, reloading a waiting screen.
import { apply } from "./conditions.js";
import { report, setChoices, setField } from "./fields.js";
import { flash } from "./flash.js";
import * as page from "./page.js";

const LEAST_RELOAD = 4; // seconds; modifiers.md "reload"

let stream = null;
let streamFor = "";
let streamAlive = false;
let checkTimer = 0;
let reloadTimer = 0;
let checking = null;
let again = false;
let unseen = false; // news came while no waiting screen stood: the one that is on its way may be out of date
let ticks = 0;
const SELDOM = 10; // with the stream alive, only every tenth period: nothing should have been missed

// ---------------------------------------------------------------- event stream

function listen() {
  const session = page.state.session;
  if (stream && streamFor === session && stream.readyState !== EventSource.CLOSED) return;
  if (stream) stream.close();
  if (!session || !window.EventSource) return;
  streamFor = session;
  // From where the server stood when it made this page: what happened since then is told.
  stream = new EventSource(`/events?session=${encodeURIComponent(session)}&last=${encodeURIComponent(page.state.heard || "")}`);
  stream.onopen = () => { streamAlive = true; };
  stream.onerror = () => { streamAlive = false; };
  stream.addEventListener("task", (event) => heard(JSON.parse(event.data)));
  stream.addEventListener("changed", (event) => changed(JSON.parse(event.data)));
  stream.addEventListener("resync", () => heard({ resync: true }));
  stream.addEventListener("closed", () => { stream.close(); });
  stream.addEventListener("end", () => { stream.close(); });
}

// A background task ended. A screen that waits for it looks at once; every screen checks in for what the task wants shown.
function heard(news) {
  if (page.state.reload) page.refresh({ keep: true });
  else {
    unseen = true;
    if (news.ui || page.state.check_in || news.resync) checkIn({ news: true });
  }
}

// Somebody else changed the session. What is being typed is never taken away: only a screen without fields is renewed.
function changed(news) {
  if (typeof news.version === "number" && news.version <= page.state.version) return;
  if (page.state.reload) page.refresh({ keep: true });
  else unseen = true;
}

// ---------------------------------------------------------------- check-in

const acknowledged = () => JSON.parse(sessionStorage.getItem("parley-acks") || "[]");
const setAcknowledged = (list) => sessionStorage.setItem("parley-acks", JSON.stringify(list.slice(-50)));

export function checkIn({ initial = false, changed: name = null, news = false } = {}) {
  if (checking) {
    again = again || news || Boolean(name);
    return checking;
  }
  checking = go({ initial, name }).catch((error) => console.warn("check-in:", error.message)).finally(() => {
    checking = null;
    if (again) {
      again = false;
      checkIn({});
    }
  });
  return checking;
}

async function go({ initial, name }) {
  const state = page.state;
  if (!state.session || state.message) return;
  const ack = acknowledged();
  const body = { session: state.session, token: state.token, action: state.check_in || null, initial, changed: name, ack };
  body.values = state.check_in ? report() : {};
  const response = await fetch("/checkin", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": state.csrf },
    body: JSON.stringify(body),
  });
  if (!response.ok) return;
  const reply = await response.json();
  setAcknowledged(acknowledged().filter((id) => !ack.includes(id)));
  if (state !== page.state) {
    again = true; // another screen stands by now: what a task had to say is said there
    return;
  }
  if (typeof reply.version === "number" && state.check_in) state.version = reply.version;
  for (const command of reply.commands || []) {
    if (command.task) {
      const done = acknowledged();
      if (done.includes(command.task) || ack.includes(command.task)) continue;
      setAcknowledged([...done, command.task]);
    }
    await obey(command);
  }
  if (acknowledged().length) checkIn({});
}

// background.md "Updating the screen"
async function obey(command) {
  const value = command.value;
  switch (command.extra) {
    case "flash":
      flash(typeof value === "string" ? value : String(value ?? ""), command.priority || "info");
      break;
    case "refresh":
      await page.refresh({ keep: true });
      break;
    case "javascript":
      await page.runScript(String(value ?? ""));
      break;
    case "fields":
      setFields(value || {});
      break;
    default:
      targets(value);
      document.dispatchEvent(new CustomEvent("daCheckIn", { detail: value, bubbles: true }));
  }
}

function setFields(values) {
  for (const [name, value] of Object.entries(values)) {
    if (value && typeof value === "object" && !Array.isArray(value) && "choices" in value) {
      setChoices(name, value.choices);
      if ("value" in value) setField(name, value.value);
    } else {
      setField(name, value);
    }
  }
  apply();
}

function targets(value) {
  for (const one of Array.isArray(value) ? value : [value]) {
    if (!one || typeof one !== "object" || one.target === undefined) continue;
    for (const place of document.getElementsByClassName(`datarget${one.target}`)) place.innerHTML = one.content ?? "";
  }
}

function schedule() {
  clearInterval(checkTimer);
  const seconds = Number(page.state.check_in_seconds) || 0;
  if (!seconds || page.state.message) return;
  checkTimer = setInterval(() => {
    if (document.hidden) return;
    ticks += 1;
    if (page.state.check_in || !streamAlive || ticks % SELDOM === 0) checkIn({});
  }, seconds * 1000);
}

// ---------------------------------------------------------------- reload

function scheduleReload() {
  clearTimeout(reloadTimer);
  const seconds = Number(page.state.reload);
  if (!seconds) return;
  reloadTimer = setTimeout(() => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => page.refresh({ keep: true }), { once: true });
      return;
    }
    page.refresh({ keep: true });
  }, Math.max(LEAST_RELOAD, seconds) * 1000);
}

// ---------------------------------------------------------------- actions by script

export async function callAction(action, args, { readOnly = false } = {}) {
  const response = await page.ask(page.state.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.state.csrf, "X-Parley-Call": readOnly ? "read-only" : "1" },
    body: JSON.stringify({ session: page.state.session, action, arguments: args || {}, request_id: crypto.randomUUID(), read_only: readOnly }),
  });
  if (!(response instanceof Response)) return response;
  const type = response.headers.get("Content-Type") || "";
  return type.includes("json") ? response.json() : response.text();
}

export function start() {
  page.onScreen((state, first) => {
    listen();
    schedule();
    scheduleReload();
    if (state.reload && unseen) {
      unseen = false;
      page.refresh({ keep: true });
      return;
    }
    unseen = false;
    if (state.check_in) checkIn({ initial: true });
    else if (first) checkIn({ initial: true });
  });
  document.addEventListener("change", (event) => {
    if (!page.state.check_in || !event.target.closest || !event.target.closest("#answer")) return;
    const holder = event.target.closest("[data-field]");
    checkIn({ changed: holder ? holder.dataset.field : event.target.name || null });
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && page.state.session) {
      listen();
      if (!streamAlive) checkIn({});
    }
  });
  window.addEventListener("online", () => page.state.session && listen());
}
