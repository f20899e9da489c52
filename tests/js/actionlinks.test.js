// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, prepared } from "../../services/gateway/static/js/actionlinks.js";
import { pairs } from "../../services/gateway/static/js/fields.js";

test("an action survives the way through an address, in any script", () => {
  const action = prepared("note", { what: "Ünïcödé ✓ 😀 " + "x".repeat(200_000) });
  const text = encode(action);
  assert.match(text, /^[\w-]+$/);
  assert.deepEqual(decode(text), action);
});

for (const text of ["", "%%%", "bm8", encode("note"), encode({ arguments: {} }), encode({ action: "" }), encode(null)]) {
  test(`${JSON.stringify(text)} is no action`, () => assert.equal(decode(text), null));
}

test("with forget_prior the action is the argument of another", () => {
  assert.deepEqual(prepared("note", null, true), { action: "_da_priority_action", arguments: { _action: "note", _arguments: {} } });
});

test("choices come in every documented form", () => {
  assert.deepEqual(pairs(["a", "b"]), [["a", "a"], ["b", "b"]]);
  assert.deepEqual(pairs({ a: "A" }), [["a", "A"]]);
  assert.deepEqual(pairs([{ a: "A" }, { b: "B" }]), [["a", "A"], ["b", "B"]]);
  assert.deepEqual(pairs([["a", "A"], ["b"]]), [["a", "A"], ["b", "b"]]);
  assert.deepEqual(pairs(null), []);
});
