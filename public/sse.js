// Server-Sent Events, read as the HTML standard says (section 9.2.6).

/** Takes pieces of a stream's text and gives the messages that they complete. */
export class MessageReader {
  #rest = "";
  #isFirst = true;
  #data = [];
  #event = "";
  #id = "";
  #retry = undefined;
  #hasID = false;

  /** @param id where the stream goes on: what a message without an id has */
  constructor(id = "") { this.#id = id; }

  /** The id that a reconnect sends. */
  get id() { return this.#id; }

  /** Milliseconds that the server asks to wait before a reconnect; undefined until it asks. */
  get retry() { return this.#retry; }

  /** @return messages: an event's name, its data and the id after it; one with an id alone has no name and no data */
  push(text) {
    const messages = [];
    this.#rest += this.#isFirst ? text.replace(/^\ufeff/, "") : text;
    this.#isFirst = this.#isFirst && text === "";
    const end = /\r\n|\n|\r(?=[^])/g;
    let start = 0;
    for (let match = end.exec(this.#rest); match; match = end.exec(this.#rest)) {
      this.#line(this.#rest.slice(start, match.index), messages);
      start = match.index + match[0].length;
    }
    this.#rest = this.#rest.slice(start);
    return messages;
  }

  #line(line, messages) {
    if (line === "") return this.#dispatch(messages);
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") {
      this.#data.push(value);
    } else if (name === "event") {
      this.#event = value;
    } else if (name === "id" && !value.includes("\0")) {
      this.#id = value;
      this.#hasID = true;
    } else if (name === "retry" && /^\d{1,9}$/.test(value)) {
      this.#retry = Number(value);
    }
  }

  #dispatch(messages) {
    if (this.#data.length) {
      messages.push({ event: this.#event || "message", data: this.#data.join("\n"), id: this.#id });
    } else if (this.#hasID) {
      messages.push({ event: "", data: "", id: this.#id });
    }
    this.#data = [];
    this.#event = "";
    this.#hasID = false;
  }
}
