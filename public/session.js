// What is followed now, what was seen of it, and where it goes on: while paused, after a sleep, after a broken line.

import { breathe } from "./dom.js";
import { Feed } from "./feed.js";
import { FieldBook } from "./fields.js";
import { Rates } from "./rates.js";
import { Store, eventRow, gapRow, noticeRow, storeLimit } from "./store.js";
import { counted, parse } from "./text.js";
import { span } from "./time.js";

/** Milliseconds of work at a stretch. */
const slice = 8;

/** Characters that wait while the page is paused; what comes later stays at the server. */
const waitingTextLimit = 32_000_000;

/** The address of a stream from now on, which says of no other beginning. */
export function withoutStart(address) {
  const [path, query = ""] = address.split("?");
  const rest = query.split("&").filter((part) => part && !/^(since|last)=/.test(part));
  return rest.length ? `${path}?${rest.join("&")}` : path;
}

/**
 * States: `connecting`, `streaming`, `waiting` (for another attempt), `failed`, `ended`, `stopped`, and `asleep`.
 * Being paused is apart from them: a stream goes on while the list stands still.
 */
export class Session {
  store = new Store();
  fields = new FieldBook();
  rates = new Rates();
  state = { name: "stopped" };
  isPaused = false;
  /** Events, and gaps, since the list was last cleared. */
  count = 0;
  gaps = 0;
  /** The time of the newest event that came. */
  newest = undefined;

  #feed = new Feed((messages) => this.#take(messages), (state) => this.#change(state));
  #waiting = [];
  #waitingText = 0;
  #isHeld = false;
  #address = "";
  #id = "";
  #lostAt = 0;
  #sleptAt = 0;
  #listener;

  /** @param listener has methods `changed`, `arrived(rows)` and `journal(kind, text)` */
  constructor(listener) { this.#listener = listener; }

  get waiting() { return this.#waiting.length; }

  /** Follows another stream, from its beginning, with an empty list. */
  open(address) {
    this.clear();
    this.fields.clear();
    this.#address = address;
    this.#id = "";
    this.#lostAt = 0;
    this.#isHeld = false;
    this.isPaused = false;
    if (address) {
      this.#listener.journal("open", `Opened ${address}`);
      this.#feed.open(address);
    } else {
      this.#feed.close();
      this.#change({ name: "stopped" });
    }
  }

  /** Goes on from where it is, after it stopped or failed. */
  again() {
    if (this.#address) this.#feed.open(this.#address, this.#id);
  }

  /** Leaves out what came meanwhile. */
  skipToNow() {
    this.#id = "";
    this.#drop();
    this.#listener.journal("open", "Skipped to the newest events");
    this.#feed.open(withoutStart(this.#address));
  }

  retryNow() { this.#feed.retryNow(); }

  pause() {
    if (this.isPaused) return;
    this.isPaused = true;
    this.#listener.changed();
  }

  resume() {
    if (!this.isPaused) return;
    this.isPaused = false;
    const rows = this.#waiting;
    this.#drop();
    for (const row of rows) this.store.add(row);
    this.store.trim();
    if (this.#isHeld) {
      this.#isHeld = false;
      this.again();
    }
    this.#listener.changed();
  }

  /** Empties the list. The stream goes on. */
  clear() {
    this.store.clear();
    this.rates.clear();
    this.#drop();
    this.count = 0;
    this.gaps = 0;
    this.newest = undefined;
    this.#listener.changed();
  }

  /** Stops in the background, and remembers the place. */
  sleep() {
    if (!this.#feed.isOpen) return;
    this.#sleptAt = Date.now();
    this.#feed.close();
    this.#change({ name: "asleep" });
    this.#listener.journal("sleep", "Stopped, since nobody looked at this tab. It goes on from here when you do.");
  }

  wake() {
    if (this.state.name !== "asleep") return;
    const length = Date.now() - this.#sleptAt;
    this.#listener.journal("sleep", `Goes on after ${span(length)}, from where it stopped.`);
    this.again();
  }

  #drop() {
    this.#waiting = [];
    this.#waitingText = 0;
  }

  async #take(messages) {
    let before = performance.now();
    let rows = [];
    const now = Date.now();
    const run = this.#address;
    for (const message of messages) {
      // Another stream was chosen while this one was read.
      if (run !== this.#address || !this.#feed.isOpen) return;
      this.#id = message.id;
      const row = this.#rowOf(message, now);
      if (!row) continue;
      rows.push(row);
      this.#keep(row);
      if (performance.now() - before > slice) {
        this.#deliver(rows);
        rows = [];
        await breathe();
        before = performance.now();
      }
      if (this.#waiting.length >= storeLimit || this.#waitingText > waitingTextLimit) {
        this.#deliver(rows);
        return this.#hold();
      }
    }
    this.#deliver(rows);
  }

  #rowOf({ event, data, id }, now) {
    switch (event) {
      case "message": return eventRow(data, id, now);
      case "gap": return gapRow(data, id, now);
      case "notice": return noticeRow(data, id, now);
      case "error": {
        const problem = parse(data) || {};
        this.#listener.journal("error", `The server ended the stream: ${problem.detail || data}`);
        return undefined;
      }
      default: return undefined;
    }
  }

  #keep(row) {
    if (row.kind === "event") {
      this.count += 1;
      this.newest = row.time;
      this.rates.note(row.time, row.stream);
      // Of a busy stream some events tell which fields it has.
      if (this.count <= 200 || this.count % 20 === 0) this.fields.note(row.event);
    } else {
      this.gaps += row.kind === "gap" ? 1 : 0;
      this.#listener.journal(row.kind, row.words);
    }
    if (this.isPaused) {
      row.event = undefined;
      this.#waiting.push(row);
      this.#waitingText += row.text.length + row.id.length;
    } else {
      this.store.add(row);
    }
  }

  #deliver(rows) {
    if (!rows.length) return;
    if (!this.isPaused) this.store.trim();
    this.#listener.arrived(rows);
  }

  /** No more is taken while so much waits: it is read from the server when the list moves on. */
  #hold() {
    this.#isHeld = true;
    this.#feed.close();
    const words = `${counted(this.#waiting.length, "event")} wait. Later ones stay at the server until you resume.`;
    this.#listener.journal("pause", words);
  }

  #change(state) {
    const before = this.state.name;
    if (state.name === "waiting" && before !== "waiting") this.#lostAt ||= Date.now();
    if (state.name === "waiting") {
      const wait = span(state.until - Date.now() + 999);
      this.#listener.journal("lost", `${state.reason} Attempt ${state.attempt} in ${wait}.`);
    }
    if (state.name === "streaming" && this.#lostAt) {
      const where = this.#id ? "from where it was" : "from the newest events: there was no place to go on from yet";
      this.#listener.journal("back", `Connected again after ${span(Date.now() - this.#lostAt)}; goes on ${where}.`);
      this.#lostAt = 0;
    }
    if (state.name === "failed") this.#listener.journal("error", state.problem.detail);
    if (state.name === "ended") this.#listener.journal("end", "That is all that was asked for.");
    this.state = state;
    this.#listener.changed();
  }
}
