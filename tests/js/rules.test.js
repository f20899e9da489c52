// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { codes, filled, own, groupProblem, number, problem } from "../../services/gateway/static/js/rules.js";

/** @typedef {import("../../services/gateway/static/js/rules.js").Facts} Facts */
/** @typedef {import("../../services/gateway/static/js/rules.js").GroupFacts} GroupFacts */

/** @type {[string, Partial<Facts>, string[] | null][]} */
const CASES = [
  ["nothing, where nothing is needed", { value: "" }, null],
  ["nothing, where something is", { value: " ", required: true }, ["required", "error required"]],
  ["no choice", { type: "select", required: true }, ["required", "error choose"]],
  ["no file", { type: "file", required: true, files: [] }, ["required", "error required"]],
  ["a file", { type: "file", required: true, files: [{ name: "a.txt", type: "text/plain" }] }, null],
  ["a file of another kind", { type: "file", accept: "image/*,.pdf", files: [{ name: "a.txt", type: "text/plain" }] }, ["accept", "error accept"]],
  ["files of kinds that are taken", { type: "file", accept: "image/*, .PDF", files: [{ name: "a.Pdf", type: "application/pdf" }, { name: "b", type: "image/png" }] }, null],
  ["a file whose kind the browser does not know", { type: "file", accept: "image/jpeg", files: [{ name: "b.xyz", type: "" }] }, null],
  ["a date the browser cannot read", { type: "date", unreadable: true }, ["date", "error date"]],
  ["such a time", { type: "time", unreadable: true }, ["time", "error time"]],
  ["no number", { number: "number", value: "many" }, ["number", "error number"]],
  ["a number with separators", { number: "number", value: "1,234.50", max: "1300" }, null],
  ["a fraction of an integer", { number: "integer", value: "1.5" }, ["integer", "error integer"]],
  ["too little", { number: "number", value: "2", min: "3" }, ["min", "error min", "3"]],
  ["too much", { number: "number", value: "2,000", max: "1,999" }, ["max", "error max", "1,999"]],
  ["between the steps", { number: "number", value: "0.35", step: "0.1" }, ["step", "error step", "0.1"]],
  ["on a step, for people", { number: "number", value: "0.3", step: "0.1" }, null],
  ["no e-mail address", { type: "email", value: "ada@home" }, ["email", "error email"]],
  ["an e-mail address", { type: "email", value: "ada@example.com" }, null],
  ["no web address", { type: "url", value: "example.com" }, ["url", "error url"]],
  ["a web address", { type: "url", value: "https://example.com" }, null],
  ["before the first day", { type: "date", value: "1999-01-01", tooLow: true, min: "2000-01-01" }, ["min", "error min", "2000-01-01"]],
  ["after the last", { type: "date", value: "2001-01-01", tooHigh: true, max: "2000-01-01" }, ["max", "error max", "2000-01-01"]],
  ["too short", { value: "ab", minlength: "3" }, ["minlength", "error minlength", "3"]],
  ["too long", { value: "abcd", maxlength: "3" }, ["maxlength", "error maxlength", "3"]],
];

for (const [what, facts, expected] of CASES) {
  test(what, () => assert.deepEqual(problem({ value: "", type: "text", required: false, ...facts }), expected));
}

/** @type {[string, Partial<GroupFacts>, string[] | null][]} */
const GROUPS = [
  ["no radio button", { type: "radio", required: true, any: false }, ["required", "error choose"]],
  ["a radio button", { type: "radio", required: true, any: true }, null],
  ["too few boxes", { count: 1, any: true, low: 2 }, ["minlength", "error checkmin", "2"]],
  ["too many boxes", { count: 3, any: true, high: 2 }, ["maxlength", "error checkmax", "2"]],
  ["none of the above", { none: true, any: true, low: 2, canSayNone: true, required: true }, null],
  ["not even none of the above", { canSayNone: true, required: true }, ["required", "error choose"]],
  ["no boxes, where that is an answer", { required: true }, null],
];

for (const [what, facts, expected] of GROUPS) {
  test(what, () => assert.deepEqual(groupProblem({ type: "checkbox", required: false, count: 0, any: false, none: false, canSayNone: false, ...facts }), expected));
}

test("numbers as people write them", () => {
  assert.deepEqual(["1,000", "1 000", "1'000", "1\u00a0000"].map(number), [1000, 1000, 1000, 1000]);
  assert.ok(Number.isNaN(number("1.000.000")));
});

test("messages of the author's: by the kind of field, then by the rule", () => {
  assert.deepEqual(codes("required", "checkboxes"), ["checkboxes required", "required"]);
  assert.deepEqual(codes("max", "date"), ["date max", "max"]);
  assert.deepEqual(codes("max", "other"), ["max"]);
  assert.equal(filled("At least %s, please.", ["2"]), "At least 2, please.");
  assert.equal(filled("$& %s", ["$&"]), "$& $&");
});

test("a message for both limits goes before that for one", () => {
  const messages = { "date minmax": "From %s to %s", minmaxlength: "Exactly %s", max: "Up to %s" };
  assert.equal(own(messages, "max", "date", ["2026-01-01"], ["2025-01-01", "2026-01-01"]), "From 2025-01-01 to 2026-01-01");
  assert.equal(own(messages, "max", "date", ["2026-01-01"], ["", "2026-01-01"]), "Up to 2026-01-01");
  assert.equal(own(messages, "minlength", "checkboxes", ["2"], ["2", "2"]), "Exactly 2");
  assert.equal(own(messages, "minlength", "checkboxes", ["2"], ["2", "3"]), undefined);
  assert.equal(own({ required: "Say it" }, "required", "date", [], ["2025-01-01", "2026-01-01"]), "Say it");
});
