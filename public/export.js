// What was seen, as a file.

import { breathe } from "./dom.js";
import { alternatives, firstValue } from "./path.js";

/** Rows as one event a line, oldest first, each as the server sent it. */
export function ndjson(rows) {
  return rows.filter((row) => row.kind === "event").map((row) => `${row.text}\n`);
}

/** Also behind blanks, and by the wide forms of its first character. */
const formula = /^[\s\u0000-\u001f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/**
 * A field of a CSV file (RFC 4180). A spreadsheet takes a text that begins like a formula for one and would run it:
 * such a text gets an apostrophe before it, by which spreadsheets know a text.
 */
export function csvField(value) {
  let text = typeof (value ?? "") === "object" ? JSON.stringify(value) : String(value ?? "");
  if (typeof value !== "number" && formula.test(text)) text = `'${text}`;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
}

const places = ["meta.dt", "meta.stream", "meta.topic", "meta.partition", "meta.offset"];

/** Rows as CSV, oldest first: when and where they were stored, then the columns that are shown. */
export async function csv(rows, columns, eventOf) {
  const paths = [...places, ...columns.filter((path) => !places.includes(path))];
  const read = paths.map(alternatives);
  const pieces = [`${paths.map((path) => csvField(path.split("|")[0])).join(",")}\r\n`];
  let before = performance.now();
  for (const row of rows) {
    if (row.kind !== "event") continue;
    const event = eventOf(row);
    pieces.push(`${read.map((path) => csvField(firstValue(event, path)?.value)).join(",")}\r\n`);
    if (performance.now() - before > 8) {
      await breathe();
      before = performance.now();
    }
  }
  return pieces;
}

/** Lets the browser save a file. */
export function save(name, type, pieces) {
  const address = URL.createObjectURL(new Blob(pieces, { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A name for a file of these streams, now. */
export function fileName(streams, ending, now = new Date()) {
  const name = streams.join("+").replace(/[^\w.+-]/g, "_").slice(0, 80) || "events";
  return `${name}-${now.toISOString().slice(0, 19).replaceAll(":", "")}.${ending}`;
}
