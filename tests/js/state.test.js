// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import * as state from "../../services/gateway/static/js/state.js";

test("every screen is another object, so that a late reply knows it is late", () => {
  const first = { session: "s", token: "1" };
  state.become(first);
  assert.equal(state.current(), first);
  state.become({ session: "s", token: "1" });
  assert.notEqual(state.current(), first);
});

test("a message neither checks in nor reloads, and still knows its session", () => {
  state.become({ session: "s", csrf: "c", check_in: "look", reload: 5, url: "/interview?i=a" });
  state.becomeMessage();
  assert.deepEqual(state.current(), { session: "s", csrf: "c", check_in: null, reload: null, url: "/interview?i=a", message: true });
});

test("screens that ask for the same keep what is typed; those without a key never do", () => {
  state.become({ key: ["block", "name", "age"] });
  assert.equal(state.asksTheSame({ key: ["block", "name", "age"] }), true);
  assert.equal(state.asksTheSame({ key: ["block", "name"] }), false);
  state.become({});
  assert.equal(state.asksTheSame({}), false);
});

test("words are the page's own, filled in, and a missing one shows as its key", () => {
  state.become({ words: { "error min": "Mindestens {0}, nicht {1}.", odd: "{0} of {7}" } });
  assert.equal(state.word("error min", 3, "zwei"), "Mindestens 3, nicht zwei.");
  assert.equal(state.word("odd", "one"), "one of {7}");
  assert.equal(state.word("no such word"), "no such word");
});

test("a word that depends on a number takes the form of the page's language", () => {
  const forms = { one: "{0} znak", few: "{0} znaky", other: "{0} znaků" };
  state.become({ language: "cs", words: { count: forms } });
  assert.deepEqual([1, 3, 5].map((number) => state.word("count", number)), ["1 znak", "3 znaky", "5 znaků"]);
});
