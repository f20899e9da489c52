// @ts-check
// One request that says how much of it has left: fetch() does not tell.

/** Statuses whose responses have no body. */
const EMPTY = [204, 205, 304];

/** @param {string} text @returns {[string, string][]} */
const headersOf = (text) =>
  text
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);

/**
 * As fetch() would answer. Raises what `signal` was stopped with, or TypeError if the server is away.
 * @param {string} address @param {import("./transport.js").Outgoing & { signal: AbortSignal }} outgoing @returns {Promise<Response>}
 */
export function upload(address, { method = "POST", headers = {}, body, progress, signal }) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.responseType = "blob";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress?.(loaded, total);
    request.onload = () => {
      const { status, statusText } = request;
      const content = EMPTY.includes(status) ? null : request.response;
      done(new Response(content, { status, statusText, headers: headersOf(request.getAllResponseHeaders()) }));
    };
    request.onerror = () => fail(new TypeError("the server is away"));
    request.onabort = () => fail(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    if (signal.aborted) fail(signal.reason);
    else request.send(/** @type {XMLHttpRequestBodyInit} */ (body));
  });
}
