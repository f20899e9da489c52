// @ts-check
// The modules import each other one way: state and transport know of nobody, main.js of everybody, nobody of main.js.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const STATIC = fileURLToPath(new URL("../../services/gateway/static/", import.meta.url));
const IMPORT = /^import\b[^"';]*["']([^"']+)["']|^export\b[^"'=(]*\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
/** Types may be named across; what runs may not. */
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** @typedef {Map<string, string[]>} Graph */

/** Every module below `js/`, with what it imports. @returns {Promise<Graph>} */
async function graph() {
  const names = (await readdir(join(STATIC, "js"), { recursive: true })).filter((name) => name.endsWith(".js")).map((name) => join("js", name));
  /** @type {Graph} */
  const found = new Map();
  for (const name of names) {
    const text = await readFile(join(STATIC, name), "utf8");
    const imported = [...text.replace(COMMENT, "").matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
    found.set(name, imported.map((one) => relative(STATIC, join(STATIC, dirname(name), one))));
  }
  return found;
}

/** The first circle in `modules`, as a path that ends where it began. @param {Graph} modules @returns {string[] | null} */
function circle(modules) {
  /** @type {Set<string>} */
  const done = new Set();
  /** @param {string} name @param {string[]} path @returns {string[] | null} */
  const follow = (name, path) => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const next of modules.get(name) ?? []) {
      const found = follow(next, [...path, name]);
      if (found) return found;
    }
    done.add(name);
    return null;
  };
  return [...modules.keys()].map((name) => follow(name, [])).find(Boolean) ?? null;
}

test("a circle would be found", () => {
  assert.deepEqual(circle(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b", "c", "b"]);
  assert.equal(circle(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), null);
});

test("no module imports itself, by whatever way", async () => {
  assert.equal(circle(await graph()), null);
});

test("every import is a file of ours or a vendored one, and the pages reach them all", async () => {
  const modules = await graph();
  const reached = new Set(["js/theme.js"]);
  /** @param {string} name */
  const reach = (name) => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const next of modules.get(name) ?? []) {
      if (next.startsWith("vendor/")) continue;
      assert.ok(modules.has(next), `${name} imports ${next}, which is not there`);
      reach(next);
    }
  };
  reach("js/main.js");
  reach("js/mailbox.js"); // a page of its own, of operators
  assert.deepEqual([...modules.keys()].filter((name) => !reached.has(name)), []);
});

test("what everything stands on stands on nothing", async () => {
  const modules = await graph();
  for (const name of ["state", "transport", "stream", "checkin", "rules", "requestids", "actionlinks", "dom"]) {
    assert.deepEqual(modules.get(`js/${name}.js`), [], name);
  }
  assert.deepEqual([...modules].filter(([, imported]) => imported.includes("js/main.js")), []);
});

test("every module is type-checked", async () => {
  for (const name of (await graph()).keys()) assert.match(await readFile(join(STATIC, name), "utf8"), /^\/\/ @ts-check\n/, name);
});
