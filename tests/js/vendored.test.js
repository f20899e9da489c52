// @ts-check
// The copies below static/vendor are those of the installed packages (tests/unit/gateway/test_vendored.py holds them against
// the lock without Node).
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { MODULES, VENDOR } from "../../js-tools/vendor.js";

/** @type {{ name: string, version: string, files: Record<string, { from: string }> }[]} */
const kept = JSON.parse(await readFile(join(VENDOR, "vendor.json"), "utf8"));

for (const { name, version, files } of kept) {
  test(`${name} ${version} is a copy of the package`, async () => {
    assert.equal(JSON.parse(await readFile(join(MODULES, name, "package.json"), "utf8")).version, version);
    for (const [copy, { from }] of Object.entries(files)) {
      assert.equal(await readFile(join(VENDOR, copy), "utf8"), await readFile(join(MODULES, name, from), "utf8"), copy);
    }
  });
}
