// @ts-check
// One request to the server: with a time limit, and again while the connection or a service is away.
//
// A request is sent again only if the server recognises it: a GET, or a POST that carries a request id. The same bytes
// go out each time, the id with them, so it takes effect once. What hangs ends with `HungRequest`; whoever sent it may
// send it again.

/** Milliseconds between tries while the connection or a service is away. */
export const PAUSES = [1000, 2000, 4000, 8000, 15000];
/** Seconds for a request when the page does not say how long the server itself may take. */
export const ANSWER_SECONDS = 60;
/** Bytes in a second that a slow upload still moves; its time limit grows by its size. */
const SLOW_UPLOAD = 16 * 1024;
/** What gateways in between answer while the one behind them is away. */
const AWAY = [502, 503, 504];

/** The server took the request (or not), and said nothing within the time limit. */
export class HungRequest extends Error {}

/** The user stopped it; the server may have taken it all the same. */
export class CancelledRequest extends Error {}

/**
 * @typedef {object} Outgoing
 * @property {"GET" | "POST"} [method]
 * @property {Record<string, string>} [headers]
 * @property {BodyInit} [body]
 * @property {boolean} [recognised] the server knows the request by its id, so it may go out again; GET always may
 * @property {(sent: number, total: number) => void} [progress] called while `body` leaves, in bytes
 * @property {AbortSignal} [signal] the user stops it
 * @property {number} [seconds] time limit of one try, instead of the transport's
 */

/**
 * @typedef {object} Surroundings
 * @property {typeof fetch} fetch
 * @property {(address: string, outgoing: Outgoing & { signal: AbortSignal }) => Promise<Response>} [upload] instead of `fetch` where `progress` is asked for
 * @property {() => number} seconds time limit of one try
 * @property {(there: boolean) => void} [connection] told when the server cannot be reached, and when it can again
 * @property {readonly number[]} [pauses] milliseconds
 * @property {EventTarget | null} [window] whose `online` event ends a pause
 */

/** @param {BodyInit | undefined} body @returns {number} bytes of files in it */
function filesIn(body) {
  if (!(body instanceof FormData)) return 0;
  return [...body.values()].reduce((sum, one) => sum + (typeof one === "string" ? 0 : one.size), 0);
}

export class Transport {
  /** @param {Surroundings} surroundings */
  constructor({ fetch: fetching, upload, seconds, connection = () => undefined, pauses = PAUSES, window: around = null }) {
    this.fetch = fetching;
    this.upload = upload;
    this.seconds = seconds;
    this.connection = connection;
    this.pauses = pauses;
    this.window = around;
  }

  /**
   * The response, its body already here. Raises `HungRequest`; what is not recognised raises also when the server is away.
   * @param {string} address @param {Outgoing} [outgoing]
   * @returns {Promise<Response>}
   */
  async send(address, outgoing = {}) {
    const again = outgoing.recognised || (outgoing.method ?? "GET") === "GET";
    for (let attempt = 0; ; attempt++) {
      const found = await this.#once(address, outgoing).catch((error) => {
        if (error instanceof HungRequest || error instanceof CancelledRequest || !again) throw error;
        return null;
      });
      if (found && !(again && AWAY.includes(found.status) && attempt < this.pauses.length)) {
        this.connection(true);
        return found;
      }
      // A server that answers 503 is there; without any answer the page is offline.
      if (!found) this.connection(false);
      await this.#pause(attempt);
    }
  }

  /** @param {string} address @param {Outgoing} outgoing @returns {Promise<Response>} */
  async #once(address, { method = "GET", headers = {}, body, progress, signal, seconds = this.seconds() }) {
    const limit = new AbortController();
    const hung = new HungRequest(`no answer from ${address.split("?")[0]}`);
    let timer = setTimeout(() => limit.abort(hung), (seconds + filesIn(body) / SLOW_UPLOAD) * 1000);
    const goesOn = () => {
      clearTimeout(timer);
      timer = setTimeout(() => limit.abort(hung), seconds * 1000);
    };
    const cancel = () => limit.abort(new CancelledRequest());
    signal?.addEventListener("abort", cancel);
    try {
      if (signal?.aborted) cancel();
      if (progress && this.upload) return await this.upload(address, { method, headers, body, progress, signal: limit.signal });
      const fetching = this.fetch;
      const response = await fetching(address, { method, headers, body, credentials: "same-origin", signal: limit.signal });
      return await buffered(response, goesOn);
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** @param {number} attempt @returns {Promise<void>} */
  #pause(attempt) {
    return new Promise((done) => {
      const wake = () => {
        clearTimeout(timer);
        this.window?.removeEventListener("online", wake);
        done();
      };
      const timer = setTimeout(wake, this.pauses[Math.min(attempt, this.pauses.length - 1)]);
      this.window?.addEventListener("online", wake);
    });
  }
}

/**
 * The response with its whole body read: a body can hang as well as a head. `goesOn` is called for every piece.
 * @param {Response} response @param {() => void} goesOn
 */
async function buffered(response, goesOn) {
  const { status, statusText, headers } = response;
  if (!response.body) return new Response(null, { status, statusText, headers });
  const reader = response.body.getReader();
  const pieces = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    goesOn();
    pieces.push(value);
  }
  return new Response(new Blob(pieces), { status, statusText, headers });
}
