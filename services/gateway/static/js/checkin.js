// @ts-check
// When to check in, and with what: one at a time, and nothing that happens meanwhile is forgotten. What a reply does to
// the page is commands.js'.

/**
 * @typedef {object} Command of a reply (docs/http.md "Check-in")
 * @property {string} [extra]
 * @property {any} [value]
 * @property {string} [priority]
 * @property {boolean} [failed] a task failed, and nothing else says so
 * @property {string} [task] the task it comes from; it comes again until that is acknowledged
 */

/** @typedef {{ version?: number, commands?: Command[], ended?: string[], progress?: import("./progress.js").Progress[] }} Reply
 * `ended`, `progress`: of the tasks that the page waits for */
/** @typedef {{ initial?: boolean, changed?: string | null }} Why */
/** @typedef {import("./state.js").Page} Page */

/**
 * @typedef {object} Surroundings
 * @property {() => Page} page the one that stands
 * @property {(body: object) => Promise<Response>} send
 * @property {() => Record<string, string>} report the fields of the page
 * @property {() => number} moment see typing.js
 * @property {(command: Command, since: number) => unknown} obey `since`: the moment of the report
 * @property {Acknowledgements} acks
 * @property {(told: import("./progress.js").Progress) => void} progress
 * @property {() => void} look again: something that the page waits for has ended
 * @property {(text: string) => void} tell the author
 * @property {() => void} gone the session is: it was deleted, or left in another window
 */

/** @typedef {{ page: Page, initial: boolean, changed: string[], users: boolean }} Next `users`: the user caused some of it */

const GONE = 410; // docs/http.md: NoSession

/** Check-ins in a row that only answered to the commands of the one before; then the next waits for its time. */
const IN_A_ROW = 3;

/** The tasks whose commands were obeyed here and whose server does not know it yet. Kept across loads of the page. */
export class Acknowledgements {
  static #KEY = "parley-acks";
  static #MOST = 50;

  /** @param {Pick<Storage, "getItem" | "setItem">} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /** @returns {string[]} */
  all() {
    return JSON.parse(this.storage.getItem(Acknowledgements.#KEY) ?? "[]");
  }

  /** @param {string} task */
  add(task) {
    this.#keep([...this.all(), task]);
  }

  /** @param {string[]} told */
  remove(told) {
    this.#keep(this.all().filter((one) => !told.includes(one)));
  }

  /** @param {string[]} tasks */
  #keep(tasks) {
    this.storage.setItem(Acknowledgements.#KEY, JSON.stringify(tasks.slice(-Acknowledgements.#MOST)));
  }
}

export class CheckIns {
  /** @type {Promise<void> | null} */
  #running = null;
  /** @type {Next | null} what is to be told next */
  #next = null;
  #obeying = false;
  /** @type {(string | null)[]} the fields that the commands of the reply changed */
  #effects = [];
  #caused = 0;
  #due = false;
  #told = false;
  /** The session that is gone: it is asked nothing more. */
  #gone = "";

  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.around = surroundings;
  }

  /**
   * Check in now, or after the check-in that is under way. The names of fields that changed meanwhile are told one by one.
   * @param {Why} [why]
   */
  ask(why = {}) {
    if (this.#obeying) {
      this.#effects.push(why.changed ?? null);
      return;
    }
    this.#caused = 0;
    this.#note(why, true);
    this.#go();
  }

  /** A period has passed. */
  tick() {
    this.#due = true;
    this.#note({});
    this.#go();
  }

  /** @param {Why} why @param {boolean} [users] */
  #note({ initial = false, changed = null }, users = false) {
    const page = this.around.page();
    // What changed on an earlier screen is nothing to tell on this one.
    const next = this.#next?.page === page ? this.#next : { page, initial: false, changed: [], users };
    next.initial ||= initial;
    next.users ||= users;
    if (changed && !next.changed.includes(changed)) next.changed.push(changed);
    this.#next = next;
  }

  #go() {
    if (this.#running || !this.#next || this.#waits()) return;
    this.#due = false;
    const { page, initial, changed, users } = this.#next;
    const [name = null, ...later] = changed;
    this.#next = later.length ? { page, initial: false, changed: later, users } : null;
    if (users) this.#caused = 0;
    this.#running = this.#once(page, { initial, changed: name })
      .catch((error) => this.around.tell(`check-in: ${error.message}`))
      .finally(() => {
        this.#running = null;
        this.#go();
      });
  }

  /** Whether the page would go on talking to itself: fields set by check-ins cause check-ins that set fields. */
  #waits() {
    if (this.#caused < IN_A_ROW || this.#due || this.#next?.users) return false;
    if (!this.#told) this.around.tell("check-in: what it sets causes the next check-in, again and again; they now wait for `checkin interval`");
    this.#told = true;
    return true;
  }

  /** @param {Page} page @param {Why} why */
  async #once(page, { initial, changed }) {
    const { acks } = this.around;
    if (page !== this.around.page() || !page.session || page.session === this.#gone || page.message) return;
    const since = this.around.moment();
    const ack = acks.all();
    const values = page.check_in ? this.around.report() : {};
    const action = page.check_in ?? null;
    const { session, token, waits } = page;
    const response = await this.around.send({ session, token, action, initial, changed, ack, values, ...(waits?.length ? { waits } : {}) });
    if (response.status === GONE) {
      this.#gone = session;
      if (page === this.around.page()) this.around.gone();
      return;
    }
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    /** @type {Reply} */
    const reply = await response.json();
    acks.remove(ack);
    if (page !== this.around.page()) {
      // Another screen stands by now: what a task had to say is said there.
      this.#note({});
      return;
    }
    if (typeof reply.version === "number" && page.check_in) page.version = reply.version;
    await this.#obey(reply.commands ?? [], ack, since);
    if (acks.all().length) this.#note({});
    reply.progress?.forEach(this.around.progress);
    if (reply.ended?.length && page === this.around.page()) this.around.look();
  }

  /** @param {Command[]} commands @param {string[]} ack @param {number} since */
  async #obey(commands, ack, since) {
    const { acks } = this.around;
    this.#effects = [];
    for (const command of commands) {
      if (command.task) {
        if (acks.all().includes(command.task) || ack.includes(command.task)) continue;
        acks.add(command.task);
      }
      this.#obeying = true;
      try {
        // Only what happens at once is the command's doing: while it waits for the server, the user goes on.
        const later = this.around.obey(command, since);
        this.#obeying = false;
        await later;
      } finally {
        this.#obeying = false;
      }
    }
    const effects = [...new Set(this.#effects)];
    this.#caused = effects.length ? this.#caused + 1 : 0;
    // What a reply changed is told at once, not field by field.
    if (effects.length) this.#note({ changed: effects.length === 1 ? effects[0] : null });
  }
}
