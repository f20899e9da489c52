// @ts-check
// Real HTTP servers on the loopback for tests: what a test claims about the network happens on one.
import { createServer } from "node:http";

/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/** @typedef {import("node:http").ServerResponse} ServerResponse */

/** @param {IncomingMessage} request @returns {Promise<string>} */
export async function bodyOf(request) {
  /** @type {Buffer[]} */
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/**
 * A server that ends with its test.
 * @param {import("node:test").TestContext} context
 * @param {(request: IncomingMessage, response: ServerResponse, number: number) => unknown} answer `number`: of the request, from 0
 */
export async function serve(context, answer) {
  let count = 0;
  const server = createServer((request, response) => void answer(request, response, count++));
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, requests: () => count };
}

/** Something that a test waits for: `done` gives it, `value` gets it. @template T @returns {{ done: (value: T) => void, value: Promise<T> }} */
export function awaited() {
  /** @type {(value: T) => void} */
  let done = () => undefined;
  const value = new Promise((resolve) => (done = resolve));
  return { done: (given) => done(given), value };
}
