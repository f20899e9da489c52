// @ts-check
// What the server says about the screen that stands. Knows nothing of the page, the network or time.

/**
 * web/screens.py, `_page_data`. Empty on pages that are no screen.
 * @typedef {object} Page
 * @property {string} [interview]
 * @property {string} [session]
 * @property {string} [token] of this screen: what an answer to it must carry
 * @property {unknown[]} [key] screens with the same key ask for the same things
 * @property {number} [version] of the session
 * @property {number} [step] how many screens were answered before
 * @property {string} [heard] the id of the last event that the server had sent when it made the page
 * @property {string} [csrf]
 * @property {string} [url] the address of the interview
 * @property {string | null} [check_in] the action that check-ins run
 * @property {number} [check_in_seconds] between check-ins; 0: never
 * @property {number} [answer_seconds] the longest that the server itself takes for one answer
 * @property {number | null} [reload] seconds after which a waiting screen looks again
 * @property {string[]} [waits] of a waiting screen: the background tasks that had not ended
 * @property {import("./waiting.js").Waiting | null} [waiting] what to say over the screen that stands, which stays
 * @property {string} [language]
 * @property {string} [direction] ltr or rtl
 * @property {string} [body_class]
 * @property {boolean} [author_code] the interview brings scripts of its own
 * @property {string[]} [scripts] addresses
 * @property {string[]} [styles] addresses
 * @property {string[]} [datatypes] scripts of the author's datatypes
 * @property {import("./scripts.js").Script[]} [inline] the author's scripts of this screen
 * @property {Record<string, string>} [button_scripts] what buttons run, by their data-script
 * @property {import("./conditions.js").JsCondition[]} [conditions]
 * @property {string} [title] of the window, without a word of errors
 * @property {boolean} [rejected] the same screen again, because an answer was refused
 * @property {{ message: string, priority: string }[]} [messages] what the interview says by log(), once
 * @property {Record<string, string | Record<string, string>>} [words] the page's words in its language; of those that depend on a number, one for each category of plurals
 * @property {boolean} [message] not a screen, but an error or a word of the server
 * @property {number | null} [retry] of a message: seconds after which to look again
 */

/** @type {Page} */
let page = {};

/** The page that stands. It is a new object for every screen, so that `===` tells whether another one came. */
export const current = () => page;

/** @param {Page} next */
export function become(next) {
  page = next;
}

/** A message stands in place of the screen: it neither checks in nor reloads, but still knows its session. */
export function becomeMessage() {
  page = { ...page, check_in: null, reload: null, message: true };
}

/** Whether `other` asks for the same things as the page that stands, so that what is being typed may stay. @param {Page} other */
export const asksTheSame = (other) => Boolean(other.key) && JSON.stringify(other.key) === JSON.stringify(page.key);

/**
 * One of the page's own words, in its language; `{0}`, `{1}` … are filled in.
 * @param {string} key @param {...(string | number)} values
 */
export const word = (key, ...values) =>
  said(page.words?.[key] ?? key, values[0]).replace(/\{(\d)\}/g, (whole, number) => String(values[Number(number)] ?? whole));

/** @param {string | Record<string, string>} known @param {string | number | undefined} count */
function said(known, count) {
  if (typeof known === "string") return known;
  const category = new Intl.PluralRules((page.language || "en").replace("_", "-")).select(Number(count));
  return known[category] ?? known.other ?? "";
}
