// @ts-check
// Server-sent events that outlive the connection. The browser's EventSource comes again by itself after a connection was
// cut, but gives up for good when a gateway answers 503, and never notices a connection that died without a word; both
// are mended here.

/** Milliseconds between tries to open a stream that was refused; each is spread by half, so that pages do not come all at once. */
export const PAUSES = [1000, 2000, 5000, 10_000, 30_000, 60_000, 60_000, 60_000];
/** Milliseconds without an event after which the connection is dead. The server sends `alive` every 20 s. */
export const SILENCE = 65_000;
/** What the server sends (docs/http.md "Live events"). */
const EVENTS = ["task", "progress", "changed", "mail", "broadcast", "resync"];

/**
 * @typedef {object} Surroundings
 * @property {(address: string) => EventSource} open
 * @property {(event: string, data: any) => void} hear
 * @property {readonly number[]} [pauses] milliseconds; after the last it is given up, until `listen` or `nudge`
 * @property {number} [silence] milliseconds
 */

export class EventStream {
  /** Whether the stream is up: what happens now will be heard. */
  alive = false;
  #address = "";
  #last = "";
  #failures = 0;
  /** @type {EventSource | null} */
  #source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} until the next try */
  #pause;
  /** @type {ReturnType<typeof setTimeout> | undefined} until the connection counts as dead */
  #quiet;

  /** @param {Surroundings} surroundings */
  constructor({ open, hear, pauses = PAUSES, silence = SILENCE }) {
    this.open = open;
    this.hear = hear;
    this.pauses = pauses;
    this.silence = silence;
  }

  /** Whether it is connected, connecting, or about to try again. */
  get tries() {
    return Boolean(this.#source) || this.#pause !== undefined;
  }

  /** Listen at `address`, to what comes after the event `last`. If that is done already, it goes on. @param {string} address @param {string} last */
  listen(address, last) {
    if (address !== this.#address) {
      this.close();
      this.#address = address;
      this.#last = last;
    }
    this.nudge();
  }

  /** Do not wait any longer for the next try: the connection is back, or the page is looked at again. */
  nudge() {
    if (this.#source || !this.#address) return;
    this.#failures = 0;
    this.#connect();
  }

  close() {
    this.#stop();
    this.#address = "";
    this.#failures = 0;
  }

  #stop() {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    clearTimeout(this.#quiet);
    this.#source?.close();
    this.#source = null;
    this.alive = false;
  }

  #connect() {
    this.#stop();
    const address = this.#last ? `${this.#address}&last=${encodeURIComponent(this.#last)}` : this.#address;
    const source = (this.#source = this.open(address));
    source.onopen = () => {
      this.alive = true;
      this.#heard();
    };
    source.onerror = () => {
      this.alive = false;
      // While it is connecting, the browser tries again by itself.
      if (source.readyState === source.CLOSED) this.#later();
    };
    for (const name of EVENTS) source.addEventListener(name, (event) => this.#event(event));
    source.addEventListener("alive", () => this.#heard());
    // The server ends with an `end` also after `closed`.
    source.addEventListener("end", () => this.#source === source && this.#later());
    source.addEventListener("closed", () => {
      this.close();
      this.hear("closed", {});
    });
    this.#heard({ anything: false });
  }

  /** @param {MessageEvent} event */
  #event(event) {
    this.#heard();
    if (event.lastEventId) this.#last = event.lastEventId;
    this.hear(event.type, JSON.parse(event.data));
  }

  /** The connection lives; from now on it may be silent for so long. */
  #heard({ anything = true } = {}) {
    if (anything) this.#failures = 0;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#connect(), this.silence);
  }

  /** The server does not want it now: come again, less and less often. */
  #later() {
    this.#stop();
    const pause = this.pauses[this.#failures];
    if (pause === undefined) return;
    this.#failures += 1;
    this.#pause = setTimeout(() => this.#connect(), pause * (0.5 + Math.random()));
  }
}
