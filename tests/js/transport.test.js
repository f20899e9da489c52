// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { HungRequest, Transport } from "../../services/gateway/static/js/transport.js";
import { awaited, bodyOf, serve } from "./servers.js";

const SOON = [1, 1, 1];
/** @param {Partial<import("../../services/gateway/static/js/transport.js").Surroundings>} [more] */
const transport = (more = {}) => new Transport({ fetch, seconds: () => 30, pauses: SOON, ...more });

test("the response comes with its body read", async (context) => {
  const { url } = await serve(context, (_, response) => response.writeHead(201, { "Content-Type": "application/json", "X-Own": "1" }).end('{"a": 1}'));
  const response = await transport().send(url);
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("X-Own"), "1");
  assert.deepEqual(await response.json(), { a: 1 });
});

test("a response without a body is one", async (context) => {
  const { url } = await serve(context, (_, response) => response.writeHead(204).end());
  const response = await transport().send(url);
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
});

test("a request that hangs ends, at the server too", async (context) => {
  const gone = awaited();
  const { url, requests } = await serve(context, (request) => request.on("close", gone.done));
  await assert.rejects(transport({ seconds: () => 0.05 }).send(`${url}/x?secret=1`, { method: "POST", recognised: true }), (error) => {
    assert.ok(error instanceof HungRequest);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await gone.value;
  assert.equal(requests(), 1);
});

test("a body that stops half-way hangs too", async (context) => {
  const { url } = await serve(context, (_, response) => response.writeHead(200).write("half"));
  await assert.rejects(transport({ seconds: () => 0.1 }).send(url), HungRequest);
});

test("a long body does not, while pieces come", async (context) => {
  const { url } = await serve(context, (_, response) => {
    let left = 12;
    const timer = setInterval(() => {
      if (left-- > 0) response.write("x");
      else response.end(() => clearInterval(timer));
    }, 100);
  });
  const response = await transport({ seconds: () => 1 }).send(url);
  assert.equal(await response.text(), "x".repeat(12));
});

test("files get time by their size", async (context) => {
  const { url } = await serve(context, (request, response) => {
    void bodyOf(request).then(() => setTimeout(() => response.end("here"), 300));
  });
  const body = new FormData();
  body.set("letter", new File([new Uint8Array(64 * 1024)], "letter.txt"));
  const response = await transport({ seconds: () => 0.1 }).send(url, { method: "POST", body, recognised: true });
  assert.equal(await response.text(), "here");
});

test("while a service is away the same request comes again, with the same id", async (context) => {
  /** @type {string[]} */
  const bodies = [];
  const { url } = await serve(context, async (request, response, number) => {
    bodies.push(await bodyOf(request));
    response.writeHead(number < 2 ? 503 : 200).end("done");
  });
  const body = new URLSearchParams({ ":request": "id-1", name: "Ada" });
  const response = await transport().send(url, { method: "POST", body, recognised: true });
  assert.equal(await response.text(), "done");
  assert.deepEqual(bodies, Array(3).fill("%3Arequest=id-1&name=Ada"));
});

test("a cut connection is told and tried again with the same id, until it is back", async (context) => {
  /** @type {string[]} */
  const bodies = [];
  /** @type {boolean[]} */
  const told = [];
  const { url } = await serve(context, async (request, response, number) => {
    bodies.push(await bodyOf(request));
    if (number < 5) request.socket.destroy();
    else response.end("done");
  });
  const sending = transport({ connection: (there) => told.push(there) });
  await sending.send(url, { method: "POST", body: new URLSearchParams({ ":request": "id-2" }), recognised: true });
  assert.deepEqual(new Set(bodies), new Set(["%3Arequest=id-2"]));
  assert.deepEqual(told, [false, false, false, false, false, true]);
});

test("a pause ends when the browser is online again", async (context) => {
  const { url } = await serve(context, (request, response, number) => (number ? response.end("done") : request.socket.destroy()));
  const around = new EventTarget();
  const connection = (/** @type {boolean} */ there) => void (there || setImmediate(() => around.dispatchEvent(new Event("online"))));
  const response = await transport({ pauses: [3_600_000], window: around, connection }).send(url);
  assert.equal(await response.text(), "done");
});

test("what the server cannot recognise goes out once", async (context) => {
  const { url, requests } = await serve(context, (request, response) => (request.url === "/away" ? response.writeHead(503).end() : request.socket.destroy()));
  assert.equal((await transport().send(`${url}/away`, { method: "POST", body: "{}" })).status, 503);
  await assert.rejects(transport().send(`${url}/cut`, { method: "POST", body: "{}" }), TypeError);
  assert.equal(requests(), 2);
});

test("a service that stays away is answered for in the end", async (context) => {
  const { url, requests } = await serve(context, (_, response) => response.writeHead(502).end("away"));
  assert.equal((await transport().send(url)).status, 502);
  assert.equal(requests(), SOON.length + 1);
});

test("an error is an answer", async (context) => {
  const { url, requests } = await serve(context, (_, response) => response.writeHead(500).end("broken"));
  assert.equal((await transport().send(url)).status, 500);
  assert.equal(requests(), 1);
});
