import assert from "node:assert/strict";
import test from "node:test";
import { isoOf } from "../../services/gateway/static/js/widgets/dateparts.js";

test("three numbers are a date, or none", () => {
  assert.equal(isoOf(1980, 2, 29), "1980-02-29");
  assert.equal(isoOf(1981, 2, 29), "");
  assert.equal(isoOf(99, 1, 1), "0099-01-01");
  assert.equal(isoOf(2000, 13, 1), "");
  assert.equal(isoOf(0, 1, 1), "");
});
