// The events that were seen: the newest ten thousand, in as much memory as a tab may take.

import { counted, parse } from "./text.js";
import { eventTime } from "./time.js";

export const storeLimit = 10_000;

/** Characters of all events together. */
const textLimit = 48_000_000;

/** Events that are kept parsed: those on the screen, and some around. */
const parsedLimit = 1000;

/** Rows in the order in which they came. Each has the number that follows that of the row before it. */
export class Store {
  #rows = [];
  #parsed = new Map();
  #next = 0;
  #text = 0;
  #limit;
  #dropped = 0;

  constructor(limit = storeLimit) { this.#limit = limit; }

  get count() { return this.#rows.length; }
  /** How many rows had to go. */
  get dropped() { return this.#dropped; }
  /** The number of the next row. */
  get next() { return this.#next; }

  /** The n-th row, the newest being 0. */
  newest(n) { return this.#rows[this.#rows.length - 1 - n]; }

  /** Where a row stands, counted from the newest; negative where it is gone. */
  placeOf(row) {
    const index = this.#rows.length ? row.number - this.#rows[0].number : -1;
    return this.#rows[index] === row ? this.#rows.length - 1 - index : -1;
  }

  /** Oldest first. */
  get rows() { return this.#rows; }

  add(row) {
    row.number = this.#next;
    this.#next += 1;
    this.#rows.push(row);
    this.#text += row.text.length + row.id.length;
    if (row.event !== undefined) {
      this.#keepParsed(row, row.event);
      row.event = undefined;
    }
  }

  /** Lets the oldest rows go that are too many. Called once for many that came. */
  trim() {
    let gone = Math.max(0, this.#rows.length - this.#limit);
    let text = this.#text;
    for (let index = 0; index < this.#rows.length - 1; index += 1) {
      if (index >= gone && text <= textLimit) break;
      text -= this.#rows[index].text.length + this.#rows[index].id.length;
      gone = Math.max(gone, index + 1);
    }
    if (!gone) return;
    for (const row of this.#rows.splice(0, gone)) this.#parsed.delete(row);
    this.#text = text;
    this.#dropped += gone;
  }

  clear() {
    this.#rows = [];
    this.#parsed.clear();
    this.#text = 0;
    this.#dropped = 0;
  }

  /** The event of a row; undefined where it is no JSON. */
  event(row) {
    const known = this.#parsed.get(row);
    if (known !== undefined) return known;
    const event = parse(row.text);
    if (event !== undefined) this.#keepParsed(row, event);
    return event;
  }

  #keepParsed(row, event) {
    this.#parsed.set(row, event);
    if (this.#parsed.size > parsedLimit) this.#parsed.delete(this.#parsed.keys().next().value);
  }
}

const own = (value, name, type) => {
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) return undefined;
  return typeof value[name] === type ? value[name] : undefined;
};

/** A row of an event. `now` stands for its time where it tells none. */
export function eventRow(text, id, now) {
  const event = parse(text);
  const meta = own(event, "meta", "object");
  return {
    kind: "event", text, id, event, number: 0,
    time: eventTime(event) ?? now,
    stream: own(meta, "stream", "string") ?? own(meta, "topic", "string") ?? "",
    topic: own(meta, "topic", "string"),
    partition: own(meta, "partition", "number"),
    offset: own(meta, "offset", "number"),
  };
}

const reasons = {
  retention: "they are no longer kept",
  failover: "resumed by time at another server; some may come twice",
  topic_recreated: "the topic was made anew",
  topic_unavailable: "the topic can't be read",
  unreadable: "they can't be read",
  slow: "this page was too slow for what is kept",
};

/** A gap in words. */
function gapWords(gap) {
  const where = `${gap.topic ?? "?"}, partition ${gap.partition ?? "?"}`;
  const number = gap.to - gap.from;
  const missed = number > 0 ? `${counted(number, "record")} missed` : "no record missed";
  const why = Object.hasOwn(reasons, gap.reason) ? reasons[gap.reason] : gap.reason || "no reason given";
  const offsets = number > 0 ? ` (offsets ${gap.from} to ${gap.to - 1})` : "";
  return `${missed} in ${where}${offsets}: ${why}`;
}

export function gapRow(text, id, now) {
  const gap = parse(text) || {};
  return { kind: "gap", text, id, event: undefined, number: 0, time: now, stream: "", words: `Gap: ${gapWords(gap)}` };
}

export function noticeRow(text, id, now) {
  const notice = parse(text) || {};
  const words = typeof notice.detail === "string" ? notice.detail : text;
  return { kind: "notice", text, id, event: undefined, number: 0, time: now, stream: "", words: `Notice: ${words}` };
}
