// @ts-check
// Under `parley run FILE`: what the author saves shows by itself, and what the interview's code said or failed of in this
// session stands beside the page. Any other page holds no stamp, and asks for nothing.
import { current, word } from "./state.js";

/**
 * What a run of the interview's code said (services/embedded/workshop.py).
 * @typedef {{ id: string, at: string, what: string, name: string, lines: string[], failure?: Failure }} Run
 * @typedef {{ type?: string, message?: string, file?: string, block?: string, line?: number }} Failure
 * @typedef {{ saved: string, runs: Run[] }} Told
 */

const EVERY = 1000; // ms: the page is for one person on their own machine
/** px from which there is room beside the page: a failure is shown there at once; elsewhere it is one press away. */
const WIDE = 1200;

/** @param {string} tag @param {string} css @param {string} text */
function made(tag, css, text) {
  const element = document.createElement(tag);
  element.className = css;
  element.textContent = text;
  return element;
}

/** @param {Run} run */
function entry({ at, what, name, lines, failure }) {
  const item = made("li", failure ? "workshop-failed" : "", "");
  const time = new Date(at).toLocaleTimeString(current().language || "en");
  item.append(made("p", "workshop-what", [time, word(`said ${what}`), name].filter(Boolean).join(" · ")));
  for (const line of lines) item.append(made("p", "workshop-line", line));
  if (!failure) return item;
  const { type, message, file, block, line } = failure;
  item.append(made("p", "workshop-error", [type, message].filter(Boolean).join(": ")));
  item.append(made("p", "workshop-where", [file, line ? word("line", line) : "", block].filter(Boolean).join(" · ")));
  return item;
}

export class Workshop {
  /** @type {string | null} */
  #shown = null;
  #failed = "";
  #asking = false;

  /**
   * @param {string} saved the stamp of the page
   * @param {{ ask: (session: string) => Promise<Told>, renew: () => Promise<boolean> }} around `renew`: show the new version; false: not now
   */
  constructor(saved, { ask, renew }) {
    this.saved = saved;
    this.ask = ask;
    this.renew = renew;
  }

  async look() {
    if (this.#asking || document.hidden) return;
    this.#asking = true;
    try {
      const told = await this.ask(current().message ? "" : (current().session ?? ""));
      if (told.saved !== this.saved && (await this.renew())) this.saved = told.saved;
      this.#show(told.runs);
    } finally {
      this.#asking = false;
    }
  }

  /** @param {Run[]} runs the newest first */
  #show(runs) {
    const ids = runs.map((run) => run.id).join();
    if (ids === this.#shown) return;
    this.#shown = ids;
    const known = document.getElementById("workshop");
    if (!runs.length) {
      known?.remove();
      return;
    }
    const box = known instanceof HTMLDetailsElement ? known : document.createElement("details");
    box.id = "workshop";
    box.className = "workshop";
    const failed = runs.find((run) => run.failure);
    const summary = made("summary", failed ? "workshop-failed" : "", `${word("for the author")} (${runs.length})`);
    const list = made("ol", "", "");
    list.append(...runs.map(entry));
    box.replaceChildren(summary, list);
    if (!known) document.body.append(box);
    // What failed before the page was there is no news.
    const isNews = failed && failed.id !== this.#failed && Date.parse(failed.at) > performance.timeOrigin - EVERY;
    if (isNews && innerWidth >= WIDE) box.open = true;
    this.#failed = failed?.id ?? "";
  }
}

/** @param {() => Promise<boolean>} renew */
export function start(renew) {
  const stamp = document.body.dataset.workshop;
  if (!stamp) return;
  /** @param {string} session @returns {Promise<Told>} */
  const ask = async (session) => {
    const answer = await fetch(session ? `/workshop?session=${encodeURIComponent(session)}` : "/workshop");
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.json();
  };
  const workshop = new Workshop(stamp, { ask, renew });
  // The server is away, or the session: the next look will tell.
  setInterval(() => void workshop.look().catch(() => undefined), EVERY);
}
