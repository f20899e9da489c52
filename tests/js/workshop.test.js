// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Workshop } from "../../services/gateway/static/js/workshop.js";

/** @type {any} */
const page = { hidden: false, getElementById: () => null };
Object.assign(globalThis, { document: page });

/** A server with a version of the file, and a page that may be busy. */
class Desk {
  saved = "one";
  busy = false;
  renewed = 0;
  asked = 0;
  workshop = new Workshop("one", {
    ask: async () => {
      this.asked++;
      return { saved: this.saved, runs: [] };
    },
    renew: async () => {
      if (!this.busy) this.renewed++;
      return !this.busy;
    },
  });
}

test("what is saved is shown once", async () => {
  const desk = new Desk();
  await desk.workshop.look();
  assert.equal(desk.renewed, 0);
  desk.saved = "two";
  await desk.workshop.look();
  await desk.workshop.look();
  assert.equal(desk.renewed, 1);
});

test("while something is on its way it waits", async () => {
  const desk = new Desk();
  Object.assign(desk, { saved: "two", busy: true });
  await desk.workshop.look();
  desk.busy = false;
  await desk.workshop.look();
  assert.equal(desk.renewed, 1);
});

test("a page that nobody sees asks for nothing", async () => {
  const desk = new Desk();
  page.hidden = true;
  await desk.workshop.look();
  page.hidden = false;
  assert.equal(desk.asked, 0);
});
