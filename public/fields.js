// The fields that events have, and their frequent values: what is offered while a filter is typed, and as columns.

import { printPath } from "./path.js";

const depthLimit = 6;
const fieldLimit = 600;
const valueLimit = 24;
const valueLength = 60;

/** Members of one event that are looked at. */
const visitLimit = 400;

export class FieldBook {
  #fields = new Map();
  #events = 0;

  get events() { return this.#events; }

  note(event) {
    this.#events += 1;
    let left = visitLimit;
    const walk = (value, names) => {
      if (left <= 0 || names.length >= depthLimit) return;
      for (const name in value) {
        if (!Object.hasOwn(value, name)) continue;
        left -= 1;
        if (left <= 0) return;
        const path = [...names, name];
        const member = value[name];
        if (member !== null && typeof member === "object" && !Array.isArray(member)) walk(member, path);
        else this.#noteField(path, member);
      }
    };
    if (event !== null && typeof event === "object" && !Array.isArray(event)) walk(event, []);
  }

  #noteField(names, value) {
    const path = printPath(names);
    if (path === null || path.length > 200) return;
    let field = this.#fields.get(path);
    if (!field) {
      if (this.#fields.size >= fieldLimit) return;
      field = { path, count: 0, kind: kindOf(value), values: new Map() };
      this.#fields.set(path, field);
    }
    field.count += 1;
    if (Array.isArray(value)) for (const item of value.slice(0, 4)) noteValue(field, item);
    else noteValue(field, value);
  }

  /** Most frequent first; at equal frequency in the order of the events' own fields. */
  get all() {
    return [...this.#fields.values()].sort((a, b) => b.count - a.count);
  }

  has(path) { return this.#fields.has(path); }

  field(path) { return this.#fields.get(path); }

  /** The frequent values of a field, most frequent first, as filters write them. */
  values(path) {
    const field = this.#fields.get(path);
    return field ? [...field.values].sort((a, b) => b[1] - a[1]).map(([text]) => text) : [];
  }

  clear() {
    this.#fields.clear();
    this.#events = 0;
  }
}

function kindOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function noteValue(field, value) {
  if (value !== null && typeof value === "object") return;
  if (typeof value === "string" && (value.length > valueLength || !value.isWellFormed())) return;
  const text = JSON.stringify(value);
  const count = field.values.get(text);
  if (count === undefined && field.values.size >= valueLimit) {
    // A new value takes the place of the oldest that came once only.
    const rare = [...field.values].find(([, times]) => times === 1);
    if (!rare) return;
    field.values.delete(rare[0]);
  }
  field.values.set(text, (count ?? 0) + 1);
}
