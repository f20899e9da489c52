// @ts-check
// show if (fields.md): what a condition makes of the variable it asks. What is then shown is tests/e2e/browser's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { holds } from "../../services/gateway/static/js/conditions.js";

/** @typedef {import("../../services/gateway/static/js/conditions.js").PlainCondition} Condition */
/** @typedef {import("../../services/gateway/static/js/fields.js").Value} Value */

/** @type {[string, Partial<Condition>, Value, boolean][]} */
const CASES = [
  ["a ticked box", {}, true, true],
  ["an unticked box", {}, false, false],
  ["some text", {}, "x", true],
  ["no text", {}, "", false],
  ["a choice called False", {}, "False", false],
  ["a list is no yes", {}, ["x"], false],
  ["a field that is not there", {}, null, false],
  ["the value asked for", { is: "red" }, "red", true],
  ["another value", { is: "red" }, "blue", false],
  ["a number, as text", { is: 3 }, "3", true],
  ["one of several boxes", { is: "pear" }, ["apple", "pear"], true],
  ["none of several boxes", { is: "pear" }, ["apple"], false],
  ["yes, of a box", { is: true }, true, true],
  ["yes, of radio buttons", { is: true }, "True", true],
  ["no, of a list", { is: false }, "False", true],
  ["I don't know", { is: null }, "None", true],
  ["nothing chosen in a list", { is: null }, "", true],
  ["null of a field that is not there", { is: null }, null, false],
];

for (const [what, condition, value, expected] of CASES) {
  test(`${what}: ${expected ? "shown" : "hidden"}`, () => {
    assert.equal(holds({ variable: "v", ...condition }, { value, hidden: false }), expected);
    assert.equal(holds({ variable: "v", ...condition, sign: false }, { value, hidden: false }), !expected);
  });
}

test("a hidden field fulfils nothing, whatever it holds", () => {
  assert.equal(holds({ variable: "v", is: "x" }, { value: "x", hidden: true }), false);
  assert.equal(holds({ variable: "v" }, { value: true, hidden: true }), false);
  assert.equal(holds({ variable: "v", is: "x", sign: false }, { value: "x", hidden: true }), true);
});
