// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestIds } from "../../services/gateway/static/js/requestids.js";

/** @param {Record<string, string | File>} entries */
function form(entries) {
  const data = new FormData();
  for (const [name, value] of Object.entries(entries)) data.set(name, value);
  return data;
}

function ids() {
  let count = 0;
  return new RequestIds(() => `own-${++count}`);
}

test("the same again keeps its id: the server may have taken it", () => {
  const given = ids();
  const answer = { ":request": "page-1", name: "Ada" };
  assert.deepEqual([given.of(form(answer)), given.of(form(answer))], ["page-1", "page-1"]);
});

test("something else is another request: Back after a Continue that hung, or an answer that was mended", () => {
  const given = ids();
  const answer = { ":request": "page-1", name: "Ada" };
  given.of(form(answer));
  assert.equal(given.of(form({ ":request": "page-1", ":do": "back" })), "own-1");
  assert.equal(given.of(form({ ...answer, name: "Ada L." })), "own-2");
  assert.equal(given.of(form(answer)), "page-1");
});

test("a new page begins anew", () => {
  const given = ids();
  given.of(form({ ":request": "page-1", name: "Ada" }));
  assert.equal(given.of(form({ ":request": "page-2", name: "Ada" })), "page-2");
});

test("another file is another request, the same file is not", () => {
  const given = ids();
  const file = (/** @type {string} */ name) => new File(["x"], name, { lastModified: 1 });
  assert.equal(given.of(form({ ":request": "p", letter: file("a") })), "p");
  assert.equal(given.of(form({ ":request": "p", letter: file("a") })), "p");
  assert.equal(given.of(form({ ":request": "p", letter: file("b") })), "own-1");
});

test("a form without an id gets one", () => {
  assert.equal(ids().of(form({ name: "Ada" })), "own-1");
});
