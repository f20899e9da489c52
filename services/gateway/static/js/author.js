// @ts-check
// What an interview brings with it: libraries it was promised, its style sheets, its scripts, those of its datatypes.
import * as scripts from "./scripts.js";
import { current } from "./state.js";

const LIBRARIES = ["jquery.min.js", "popper.min.js", "bootstrap.min.js"];
/** @type {Set<string>} addresses and texts of scripts that run once, not with every screen */
const loaded = new Set();

/** jQuery and Bootstrap's scripts, which functions.md promises to authors' code. */
async function libraries() {
  const page = /** @type {any} */ (window);
  if (current().author_code && !page.jQuery) {
    const base = new URL("../", import.meta.url);
    for (const name of LIBRARIES) await scripts.load(new URL(name, base).href);
  }
  if (!page.jQuery) return;
  // Authors' datatypes add rules to a validation plugin (fields.md "Custom data types"); validate.js asks them.
  page.jQuery.validator ??= {
    methods: {},
    messages: {},
    /** @param {string} name @param {Function} method @param {string} [message] */
    addMethod(name, method, message) {
      this.methods[name] = method;
      if (message) this.messages[name] = message;
    },
  };
  // jQuery's handlers hear the events of the page anyway; they are promised what a check-in brought as their argument.
  page.jQuery.event.special.daCheckIn = {
    /** @this {unknown} @param {any} event */
    handle(event) {
      return event.handleObj.handler.call(this, event, event.originalEvent?.detail);
    },
  };
}

function styles() {
  for (const address of current().styles ?? []) {
    if (document.head.querySelector(`link[href="${CSS.escape(address)}"]`)) continue;
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    document.head.append(link);
  }
}

/** @param {string[]} list @param {(one: string) => unknown} each */
async function once(list, each) {
  for (const one of list) {
    if (loaded.has(one)) continue;
    loaded.add(one);
    await each(one);
  }
}

/** Everything the screen that has just been put up brings, in the documented order. */
export async function run() {
  const { datatypes = [], scripts: files = [], inline = [] } = current();
  styles();
  await libraries();
  await once(datatypes, (text) => scripts.run(text));
  await once(files, (address) => scripts.load(address));
  // Those of fields of HTML, then the screen's own. None is looked for in the page: whatever stands there may be somebody else's.
  await scripts.runAll(inline);
}
