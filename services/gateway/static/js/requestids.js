// @ts-check
// Which id a request goes out under. The server answers a request whose id it has seen with what came of it, so the same
// request must keep its id and another one must not: a Back after a Continue that hung is not that Continue.

/** What was asked, without the id. Two files are the same if name, size and age are. @param {Iterable<[string, FormDataEntryValue]>} entries */
const contentOf = (entries) =>
  JSON.stringify([...entries].filter(([name]) => name !== ":request").map(([name, value]) => (typeof value === "string" ? [name, value] : [name, value.name, value.size, value.lastModified])));

export class RequestIds {
  /** @type {Map<string, string>} of the page that stands: the ids given, by what was asked */
  #given = new Map();
  #token = "";

  /** @param {() => string} make a new id */
  constructor(make) {
    this.make = make;
  }

  /** The id of a form's data: the one that the server put there for what is asked first, its own for whatever else. @param {FormData} data */
  of(data) {
    const token = String(data.get(":request") ?? "");
    if (token !== this.#token) {
      this.#token = token;
      this.#given.clear();
    }
    const content = contentOf(data);
    const id = this.#given.get(content) ?? (this.#given.size || !token ? this.make() : token);
    this.#given.set(content, id);
    return id;
  }
}
