// @ts-check
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { EventSource } from "eventsource";
import { EventStream } from "../../services/gateway/static/js/stream.js";
import { awaited, serve } from "./servers.js";

/** @typedef {import("node:http").ServerResponse} ServerResponse */

const HEAD = { "Content-Type": "text/event-stream" };

/** @param {ServerResponse} response @param {...string} texts */
const say = (response, ...texts) => response.writeHead(200, HEAD).write(["retry: 5\n\n", ...texts].join(""));

/** @param {import("node:test").TestContext} context @param {Partial<import("../../services/gateway/static/js/stream.js").Surroundings>} more */
function streamOf(context, more) {
  const open = (/** @type {string} */ address) => /** @type {any} */ (new EventSource(address));
  const stream = new EventStream({ open, hear: () => undefined, pauses: [5, 5, 5], ...more });
  context.after(() => stream.close());
  return stream;
}

/** Opens real streams and keeps them: `after(n, event)` is when the n-th of them has had `event`, and everybody has heard it. */
function opening() {
  /** @type {EventSource[]} */
  const opened = [];
  const grown = new EventEmitter();
  /** @param {string} address @returns {any} */
  const open = (address) => {
    const source = new EventSource(address);
    opened.push(source);
    for (const event of ["open", "error", "end"]) source.addEventListener(event, () => setImmediate(() => grown.emit(`${event} ${opened.indexOf(source) + 1}`)));
    return source;
  };
  return { open, opened, after: (/** @type {number} */ number, /** @type {string} */ event) => once(grown, `${event} ${number}`) };
}

/** What `count` events said. @param {number} count */
function hearing(count) {
  /** @type {[string, unknown][]} */
  const heard = [];
  const all = awaited();
  /** @param {string} event @param {unknown} data */
  const hear = (event, data) => {
    heard.push([event, data]);
    if (heard.length === count) all.done(heard);
  };
  return { hear, heard: all.value };
}

test("it hears what the server tells, from where the page was made", async (context) => {
  const asked = awaited();
  const { url } = await serve(context, (request, response) => {
    asked.done(request.url);
    say(response, 'id: e-8\nevent: task\ndata: {"task": "t"}\n\n', "event: alive\ndata: {}\n\n", 'event: changed\ndata: {"version": 3}\n\n', 'event: broadcast\ndata: {"message": "hello"}\n\n');
  });
  const { hear, heard } = hearing(3);
  const stream = streamOf(context, { hear });
  stream.listen(`${url}/events?session=s`, "e-7");
  assert.deepEqual(await heard, [["task", { task: "t" }], ["changed", { version: 3 }], ["broadcast", { message: "hello" }]]);
  assert.equal(await asked.value, "/events?session=s&last=e-7");
  assert.equal(stream.alive, true);
});

test("after a cut it comes back and says what it heard last", async (context) => {
  const again = awaited();
  const { url } = await serve(context, (request, response, number) => {
    say(response, `id: e-${number}\nevent: task\ndata: {}\n\n`);
    if (number) again.done(request.headers["last-event-id"]);
    else setTimeout(() => request.socket.destroy(), 20);
  });
  streamOf(context, {}).listen(`${url}/events?session=s`, "");
  assert.equal(await again.value, "e-0");
});

test("a gateway that is away is asked again, which the browser alone would not do", async (context) => {
  const { url } = await serve(context, (_, response, number) => (number < 2 ? response.writeHead(503).end() : say(response, "event: resync\ndata: {}\n\n")));
  const { hear, heard } = hearing(1);
  streamOf(context, { hear }).listen(`${url}/events?session=s`, "");
  assert.deepEqual(await heard, [["resync", {}]]);
});

test("a stream that is always refused is given up, until somebody looks at the page", async (context) => {
  const { url, requests } = await serve(context, (_, response) => response.writeHead(403).end());
  const { open, after } = opening();
  const stream = streamOf(context, { open });
  stream.listen(`${url}/events?session=s`, "");
  await after(4, "error");
  assert.equal(stream.tries, false);
  assert.equal(stream.alive, false);
  assert.equal(requests(), 4);
  stream.nudge();
  await after(8, "error");
  assert.equal(stream.tries, false);
});

test("a process that stops says so, and the stream goes on at another with what it heard last", async (context) => {
  const next = awaited();
  const { url } = await serve(context, (request, response, number) => {
    if (number) next.done(request.url);
    say(response, "id: e-5\nevent: task\ndata: {}\n\n", "event: end\ndata: {}\n\n");
  });
  streamOf(context, { pauses: [5] }).listen(`${url}/events?session=s`, "e-4");
  assert.equal(await next.value, "/events?session=s&last=e-5");
});

test("a session that was deleted is told, and nobody listens any more", async (context) => {
  const { url, requests } = await serve(context, (_, response) => say(response, "event: closed\ndata: {}\n\n", "event: end\ndata: {}\n\n"));
  const { hear, heard } = hearing(1);
  const stream = streamOf(context, { hear });
  stream.listen(`${url}/events?session=s`, "");
  assert.deepEqual(await heard, [["closed", {}]]);
  assert.equal(stream.tries, false);
  assert.equal(requests(), 1);
});

test("a connection that says nothing any more is replaced", async (context) => {
  const second = awaited();
  const { url } = await serve(context, (_, response, number) => {
    say(response);
    if (number) second.done(null);
  });
  const stream = streamOf(context, { silence: 100 });
  stream.listen(`${url}/events?session=s`, "");
  await second.value;
});

test("one that is alive is not", async (context) => {
  const last = awaited();
  const { url, requests } = await serve(context, (_, response) => {
    say(response);
    let count = 0;
    const timer = setInterval(() => {
      response.write("event: alive\ndata: {}\n\n");
      if (++count === 30) {
        clearInterval(timer);
        last.done(null);
      }
    }, 50);
  });
  streamOf(context, { silence: 1000 }).listen(`${url}/events?session=s`, "");
  await last.value;
  assert.equal(requests(), 1);
});

test("when the session is gone it does not come again", async (context) => {
  const { url } = await serve(context, (_, response) => response.writeHead(200, HEAD).end("retry: 5\n\nevent: closed\ndata: {}\n\nevent: end\ndata: {}\n\n"));
  const { open, after } = opening();
  const stream = streamOf(context, { open });
  stream.listen(`${url}/events?session=s`, "");
  await after(1, "end");
  assert.equal(stream.tries, false);
  stream.nudge();
  assert.equal(stream.tries, false);
});

test("another session is another stream; the same one goes on", async (context) => {
  const { url } = await serve(context, (_, response) => say(response));
  const { open, after, opened } = opening();
  const stream = streamOf(context, { open });
  stream.listen(`${url}/events?session=a`, "");
  stream.listen(`${url}/events?session=a`, "");
  await after(1, "open");
  stream.listen(`${url}/events?session=a`, "later");
  stream.listen(`${url}/events?session=b`, "");
  await after(2, "open");
  assert.deepEqual(opened.map((one) => [one.url.slice(-1), one.readyState]), [["a", 2], ["b", 1]]);
});
