// @ts-check
// Copies the libraries that pages load from node_modules into services/gateway/static/vendor, and writes down there what
// was copied: `npm ci && npm run vendor`. tests/unit/gateway/test_vendored.py holds the copies against the lock.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
export const MODULES = join(ROOT, "node_modules");
export const VENDOR = join(ROOT, "services", "gateway", "static", "vendor");

/** Which files of which package go where; the declarations are for the type check, and are not served. @type {Record<string, { folder: string, files: Record<string, string> }>} */
const WANTED = {
  signature_pad: {
    folder: "signature_pad",
    files: {
      "dist/signature_pad.min.js": "signature_pad.js",
      "dist/types/signature_pad.d.ts": "signature_pad.d.ts",
      "dist/types/point.d.ts": "point.d.ts",
      "dist/types/signature_event_target.d.ts": "signature_event_target.d.ts",
      LICENSE: "LICENSE.txt",
    },
  },
  "@github/combobox-nav": { folder: "combobox_nav", files: { "dist/index.js": "index.js", "dist/index.d.ts": "index.d.ts", LICENSE: "LICENSE.txt" } },
};

/** @param {string} path */
const hashOf = async (path) => `sha256-${createHash("sha256").update(await readFile(path)).digest("base64")}`;

async function main() {
  await rm(VENDOR, { recursive: true, force: true });
  const kept = [];
  for (const [name, { folder, files }] of Object.entries(WANTED)) {
    const { version, license } = JSON.parse(await readFile(join(MODULES, name, "package.json"), "utf8"));
    await mkdir(join(VENDOR, folder), { recursive: true });
    /** @type {Record<string, { from: string, hash: string }>} */
    const copied = {};
    for (const [from, to] of Object.entries(files)) {
      await cp(join(MODULES, name, from), join(VENDOR, folder, to));
      copied[`${folder}/${to}`] = { from, hash: await hashOf(join(VENDOR, folder, to)) };
    }
    kept.push({ name, version, license, files: copied });
  }
  await writeFile(join(VENDOR, "vendor.json"), `${JSON.stringify(kept, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
