// @ts-check
// Several windows on one session: one that was left behind says so, and offers to follow. Windows of the same browser tell each
// other what they show; of other people's the server tells (live.js).
import { current, word } from "./state.js";

/** @typedef {{ session?: string, version?: number, step?: number }} Shown */

/** ms: the answer that this window itself has sent may be on its way back. */
const PATIENCE = 700;

export class OtherWindows {
  /**
   * @param {BroadcastChannel | null} channel @param {() => void} follow show what stands now
   * @param {(page: import("./state.js").Page) => void} anew begin the interview of the page again
   */
  constructor(channel, follow, anew) {
    this.channel = channel;
    this.follow = follow;
    this.anew = anew;
    if (channel) channel.onmessage = ({ data }) => this.hear(data);
  }

  /** Tell them what this window shows. @param {Shown} page */
  tell({ session, version, step }) {
    if (session) this.channel?.postMessage({ session, version, step });
  }

  /** @param {Shown} shown elsewhere */
  hear({ session, version, step }) {
    const page = current();
    const isOurs = session && session === page.session && !page.message;
    if (!isOurs || typeof step !== "number" || step === page.step || (version ?? 0) <= (page.version ?? 0)) return;
    setTimeout(() => {
      if (page === current()) this.#say(word("behind"), word("follow"), () => this.follow());
    }, PATIENCE);
  }

  /** The session was deleted, here or elsewhere. */
  ended() {
    const page = current();
    if (page.message) return;
    setTimeout(() => {
      if (page !== current()) return;
      document.getElementById("behind")?.remove();
      this.#say(`${word("ended")}. ${word("gone")}`, word("restart"), () => this.anew(page));
    }, PATIENCE);
  }

  /** @param {string} said @param {string} label @param {() => void} act */
  #say(said, label, act) {
    const main = document.querySelector("main#question");
    if (!main || document.getElementById("behind")) return;
    const box = document.createElement("div");
    box.id = "behind";
    box.className = "alert alert-warning behind";
    box.setAttribute("role", "status");
    const text = document.createElement("p");
    text.textContent = said;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary btn-sm";
    button.textContent = label;
    button.addEventListener("click", act);
    box.append(text, button);
    main.prepend(box);
  }
}
