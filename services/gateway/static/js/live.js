// @ts-check
// What happens while a screen stands: news of the event stream, the times to check in, a waiting screen that looks again.
import { near } from "./dom.js";
import * as progress from "./progress.js";
import * as screen from "./screen.js";
import { eventsAddress } from "./server.js";
import { current } from "./state.js";

/** @typedef {import("./checkin.js").CheckIns} CheckIns */
/** @typedef {import("./stream.js").EventStream} EventStream */
/** @typedef {import("./state.js").Page} Page */

const LEAST_RELOAD = 4; // seconds; modifiers.md "reload"

export class Live {
  /** News came while no waiting screen stood: the one that is on its way may be out of date. */
  #unseen = false;
  /** A look that mails caused is under way; another is wanted after it. */
  #looking = false;
  #wanted = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #checks;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reload;

  /** @param {CheckIns} checkIns @param {EventStream} stream @param {import("./otherwindows.js").OtherWindows} windows */
  constructor(checkIns, stream, windows) {
    this.windows = windows;
    this.checkIns = checkIns;
    this.stream = stream;
  }

  /** From the event stream. @param {string} event @param {any} data */
  hear(event, data) {
    if (event === "task") this.#ended(data);
    else if (event === "progress") progress.show(data);
    else if (event === "changed") this.#changed(data);
    else if (event === "mail") this.#mail();
    else if (event === "broadcast") document.dispatchEvent(new CustomEvent("daBroadcast", { detail: data }));
    else if (event === "resync") this.#ended({ resync: true });
    else if (event === "closed") this.#closed();
  }

  /** A background task ended. A screen that waits for it looks at once; every screen checks in for what the task wants shown. @param {{ ui?: unknown, resync?: boolean }} news */
  #ended({ ui, resync }) {
    if (current().reload) {
      void this.#look();
    } else {
      this.#unseen = true;
      if (ui || current().check_in || resync) this.checkIns.ask();
    }
  }

  /**
   * Somebody else went on in the session. What is being typed is never taken away: only a screen that waits is renewed, any other offers to follow.
   * @param {{ version?: number, step?: number }} news
   */
  #changed({ version, step }) {
    if (typeof version === "number" && version <= (current().version ?? -1)) return;
    if (current().reload) {
      void this.#look();
      return;
    }
    this.#unseen = true;
    this.windows.hear({ session: current().session, version, step });
  }

  /** Something has ended that the screen waits for. */
  moveOn() {
    if (current().reload) void this.#look();
  }

  /** A mail came for the session, or has been dealt with. A screen on which nothing is to be filled in shows it at once. */
  #mail() {
    const filledIn = document.querySelector("#answer :is(input:not([type=hidden]), textarea, select)");
    if (filledIn && !current().reload) this.#unseen = true;
    else void this.#lookOnce();
  }

  /** The session was deleted: nobody would hear what this page still says. A screen that waits shows it as it looks again. */
  #closed() {
    clearInterval(this.#checks);
    if (current().reload) void this.#look();
    else this.windows.ended();
  }

  /** One look after the other, however many mails come: the last sees all of them, and none that began before it ends after it. */
  async #lookOnce() {
    this.#wanted = true;
    if (this.#looking) return;
    this.#looking = true;
    while (this.#wanted) {
      this.#wanted = false;
      await this.#look();
    }
    this.#looking = false;
  }

  /** Look again. If nothing comes back the screen still waits, so it looks once more in its time. */
  async #look() {
    const page = current();
    await screen.refresh({ keep: true }).catch((error) => console.warn("refresh:", error.message));
    if (page === current()) this.#scheduleReload(page);
  }

  /** @param {Page} page @param {boolean} first */
  #put(page, first) {
    this.#listen();
    this.windows.tell(page);
    this.#scheduleCheckIns(page);
    this.#scheduleReload(page);
    const stale = page.reload && this.#unseen;
    this.#unseen = false;
    if (stale) void this.#look();
    else if (page.check_in || page.waits?.length || first) this.checkIns.ask({ initial: true });
  }

  #listen() {
    const { session, heard = "" } = current();
    // From where the server stood when it made this page: what happened since then is told.
    if (session) this.stream.listen(eventsAddress(session), heard);
  }

  /** @param {Page} page */
  #scheduleCheckIns({ check_in_seconds: seconds = 0, message }) {
    clearInterval(this.#checks);
    if (!seconds || message) return;
    this.#checks = setInterval(() => {
      if (document.hidden) return;
      // A screen without `check in` has nothing to ask while the stream tells it everything; one that waits asks whether it still has to, for
      // a stream may have died without a word.
      if (current().check_in || current().waits?.length || !this.stream.alive) this.checkIns.tick();
    }, seconds * 1000);
  }

  /** @param {Page} page */
  #scheduleReload({ reload, waiting }) {
    clearTimeout(this.#reload);
    if (!reload) return;
    this.#reload = setTimeout(() => {
      if (document.hidden) document.addEventListener("visibilitychange", () => void this.#look(), { once: true });
      else void this.#look();
    }, Math.max(waiting ? 1 : LEAST_RELOAD, Number(reload)) * 1000);
  }

  start() {
    screen.onScreen((page, first) => this.#put(page, first));
    document.addEventListener("change", (event) => {
      if (!current().check_in || !near(event, "#answer")) return;
      const name = near(event, "[data-field]")?.dataset.field ?? /** @type {HTMLInputElement} */ (event.target).name;
      this.checkIns.ask({ changed: name || null });
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden || !current().session) return;
      this.stream.nudge();
      if (!this.stream.alive) this.checkIns.ask();
    });
    window.addEventListener("online", () => this.stream.nudge());
  }
}
