// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Acknowledgements, CheckIns } from "../../services/gateway/static/js/checkin.js";

/** @typedef {import("../../services/gateway/static/js/checkin.js").Command} Command */
/** @typedef {import("../../services/gateway/static/js/state.js").Page} Page */
/** @typedef {{ initial: boolean, changed: string | null, ack: string[], values: Record<string, string>, action: string | null }} Body */

/** A session storage. */
function storage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value) };
}

/** A page, and a server that answers when it is told to. */
class Stage {
  /** @type {Page} */
  page = { session: "s", token: "t", check_in: "look", version: 1 };
  /** @type {Body[]} what the server was told */
  told = [];
  /** @type {string[]} what the author was told */
  complaints = [];
  /** @type {[Command, number][]} */
  obeyed = [];
  /** @type {((response: Response) => void)[]} */
  #waiting = [];
  moment = 0;
  looks = 0;
  gone = 0;
  /** @type {string[]} */
  progress = [];
  acks = new Acknowledgements(storage());
  /** @type {(command: Command) => unknown} */
  obey = () => undefined;
  checkIns = new CheckIns({
    page: () => this.page,
    send: (body) => {
      this.told.push(/** @type {Body} */ (body));
      return new Promise((done) => this.#waiting.push(done));
    },
    report: () => ({ one: "1" }),
    moment: () => this.moment,
    obey: (command, since) => {
      this.obeyed.push([command, since]);
      return this.obey(command);
    },
    acks: this.acks,
    progress: (told) => void this.progress.push(told.task),
    look: () => void this.looks++,
    tell: (text) => this.complaints.push(text),
    gone: () => void this.gone++,
  });

  /** The server answers the check-in under way; done when the page has dealt with that. @param {object | Response} [reply] */
  async answer(reply = {}) {
    const next = this.#waiting.shift();
    assert.ok(next, "no check-in is under way");
    next(reply instanceof Response ? reply : Response.json(reply));
    await new Promise((done) => setImmediate(done));
  }

  get underWay() {
    return this.#waiting.length;
  }

  get reasons() {
    return this.told.map(({ initial, changed }) => ({ initial, changed }));
  }
}

test("a check-in says why, and what the fields hold", async () => {
  const stage = new Stage();
  stage.checkIns.ask({ initial: true });
  await stage.answer({ version: 4 });
  assert.deepEqual(stage.told, [{ session: "s", token: "t", action: "look", initial: true, changed: null, ack: [], values: { one: "1" } }]);
  assert.equal(stage.page.version, 4);
  assert.equal(stage.underWay, 0);
});

test("fields that changed during a check-in are told by the next ones, each by name and once", async () => {
  const stage = new Stage();
  stage.checkIns.ask({ initial: true });
  for (const changed of ["one", "two", "one"]) stage.checkIns.ask({ changed });
  for (let count = 0; count < 3; count++) await stage.answer();
  assert.deepEqual(stage.reasons, [{ initial: true, changed: null }, { initial: false, changed: "one" }, { initial: false, changed: "two" }]);
  assert.equal(stage.underWay, 0);
});

test("the first check-in of a screen says so also if one of the earlier screen was under way", async () => {
  const stage = new Stage();
  stage.checkIns.ask({ changed: "old" });
  stage.checkIns.ask({ changed: "older" });
  stage.page = { session: "s", token: "t2", check_in: "look" };
  stage.checkIns.ask({ initial: true });
  await stage.answer({ commands: [{ extra: "flash", value: "late" }] });
  assert.deepEqual(stage.obeyed, []);
  await stage.answer();
  assert.deepEqual(stage.reasons.slice(1), [{ initial: true, changed: null }]);
  assert.equal(stage.underWay, 0);
});

test("what a reply says is obeyed, with the moment of the report", async () => {
  const stage = new Stage();
  stage.moment = 7;
  stage.checkIns.ask();
  stage.moment = 9;
  await stage.answer({ commands: [{ extra: "fields", value: { a: 1 } }] });
  assert.deepEqual(stage.obeyed, [[{ extra: "fields", value: { a: 1 } }, 7]]);
});

test("a task's command is obeyed once and acknowledged until the server knows", async () => {
  const stage = new Stage();
  const command = { extra: "flash", value: "done", task: "t1" };
  stage.checkIns.ask();
  await stage.answer({ commands: [command] });
  assert.deepEqual(stage.told[1]?.ack, ["t1"]);
  await stage.answer({ commands: [command] });
  assert.equal(stage.obeyed.length, 1);
  assert.deepEqual(stage.acks.all(), []);
  assert.equal(stage.underWay, 0);
});

test("check-ins that cause each other wait for the interval after three, and the author is told once", async () => {
  const stage = new Stage();
  stage.obey = () => stage.checkIns.ask({ changed: "total" });
  stage.checkIns.ask({ changed: "price" });
  for (let count = 0; count < 3; count++) await stage.answer({ commands: [{ extra: "fields" }] });
  assert.equal(stage.told.length, 3);
  assert.equal(stage.underWay, 0);
  stage.checkIns.tick();
  assert.equal(stage.told.length, 4);
  assert.equal(stage.told[3]?.changed, "total");
  await stage.answer({ commands: [{ extra: "fields" }] });
  assert.equal(stage.underWay, 0);
  assert.equal(stage.complaints.length, 1);
});

test("what a reply changed is told by one check-in, by name if it was one field", async () => {
  const stage = new Stage();
  stage.obey = (command) => command.value.forEach((/** @type {string} */ changed) => stage.checkIns.ask({ changed }));
  stage.checkIns.ask({ changed: "price" });
  await stage.answer({ commands: [{ extra: "fields", value: ["net", "gross"] }] });
  await stage.answer({ commands: [{ extra: "fields", value: ["net"] }] });
  await stage.answer();
  assert.deepEqual(stage.told.map((one) => one.changed), ["price", null, "net"]);
  assert.equal(stage.underWay, 0);
});

test("what the user does is told at once also then", async () => {
  const stage = new Stage();
  stage.obey = () => stage.checkIns.ask({ changed: "total" });
  stage.checkIns.ask({ changed: "price" });
  for (let count = 0; count < 3; count++) await stage.answer({ commands: [{ extra: "fields" }] });
  stage.checkIns.ask({ changed: "price" });
  assert.deepEqual(stage.told.slice(3).map((one) => one.changed), ["total"]);
  await stage.answer();
  assert.deepEqual(stage.told.slice(4).map((one) => one.changed), ["price"]);
});

test("while an obeyed command waits for the server, what the user does is the user's", async () => {
  const stage = new Stage();
  /** @type {() => void} */
  let refreshed = () => undefined;
  stage.obey = () => new Promise((done) => (refreshed = () => done(undefined)));
  stage.checkIns.ask();
  await stage.answer({ commands: [{ extra: "refresh" }] });
  stage.checkIns.ask({ changed: "one" });
  assert.equal(stage.underWay, 0);
  refreshed();
  await new Promise((done) => setImmediate(done));
  assert.equal(stage.told[1]?.changed, "one");
});

test("an error is told to the author and ends nothing", async () => {
  const stage = new Stage();
  stage.checkIns.ask();
  await stage.answer(new Response("broken", { status: 500 }));
  assert.deepEqual(stage.complaints, ["check-in: the server answered 500"]);
  stage.checkIns.ask();
  assert.equal(stage.underWay, 1);
});

test("without a session, and on a message, nothing is asked", () => {
  const stage = new Stage();
  stage.page = {};
  stage.checkIns.ask({ initial: true });
  stage.page = { session: "s", message: true };
  stage.checkIns.ask({ initial: true });
  assert.deepEqual(stage.told, []);
});

test("a screen without `check in` reports no values", async () => {
  const stage = new Stage();
  stage.page = { session: "s", token: "t" };
  stage.checkIns.ask();
  assert.deepEqual([stage.told[0]?.action, stage.told[0]?.values], [null, {}]);
});

test("only the newest acknowledgements are kept", () => {
  const acks = new Acknowledgements(storage());
  for (let number = 0; number < 60; number++) acks.add(`t${number}`);
  assert.equal(acks.all().length, 50);
  assert.equal(acks.all()[0], "t10");
  acks.remove(["t10", "t59"]);
  assert.equal(acks.all().length, 48);
});

test("a page that waits says for what, and looks again when that has ended", async () => {
  const stage = new Stage();
  stage.page = { session: "s", token: "t", reload: 10, waits: ["t1"] };
  stage.checkIns.tick();
  assert.deepEqual(/** @type {any} */ (stage.told[0]).waits, ["t1"]);
  await stage.answer({ version: 1, commands: [], ended: [] });
  assert.equal(stage.looks, 0);
  stage.checkIns.tick();
  await stage.answer({ version: 1, commands: [], ended: ["t1"] });
  assert.equal(stage.looks, 1);
});

test("a session that is gone is told once, and asked no more", async () => {
  const stage = new Stage();
  stage.checkIns.tick();
  await stage.answer(new Response("", { status: 410 }));
  stage.checkIns.tick();
  stage.checkIns.ask({ changed: "one" });
  assert.deepEqual([stage.gone, stage.told.length, stage.complaints], [1, 1, []]);
  stage.page = { session: "another", token: "t", check_in: "look" };
  stage.checkIns.tick();
  await new Promise((done) => setImmediate(done));
  assert.equal(stage.told.length, 2);
});
