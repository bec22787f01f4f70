// What the page about the streams knows of this server: its streams with their fields and a sample, and a form to try.

import { copy, element, isolated, make, quiet, textButton } from "./dom.js";
import { brief, cut } from "./text.js";

/** Milliseconds that a try may take, and characters of it that are shown. */
const patience = 10_000;
const most = 20_000;
/** Rows of a table of fields. */
const mostFields = 500;

let streams = [];
let document_ = null;

/** The schema of a stream's events, as the OpenAPI document has it; null: it has none. */
function schemaOf(name) {
  const content = document_?.paths[`/v2/stream/${name}`]?.get.responses["200"].content["application/x-ndjson"];
  const reference = content?.schema.$ref;
  const schema = reference ? document_.components.schemas[reference.split("/").pop()] : null;
  return { schema: schema ?? null, example: content?.example };
}

const typeOf = (schema) => {
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type;
  if (type === "array") return schema.items ? `list of ${typeOf(schema.items)}` : "list";
  return type ?? "any";
};

/** Rows of [name, type, meaning] of all fields of a schema. */
export function fieldsOf(schema, before = "", rows = [], depth = 0) {
  if (!schema || depth > 16) return rows;
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (rows.length >= mostFields) break;
    if (field === null || typeof field !== "object") continue;
    const values = Array.isArray(field.enum) ? ` One of ${brief(field.enum)}.` : "";
    const full = before ? `${before}.${name}` : name;
    rows.push([full, typeOf(field), `${field.description ?? ""}${values}`]);
    fieldsOf(field, full, rows, depth + 1);
    if (field.items) fieldsOf(field.items, `${full}[]`, rows, depth + 1);
  }
  return rows;
}

/** The same of an event, where there is no schema. */
export function fieldsOfEvent(event, before = "", rows = [], depth = 0) {
  if (event === null || typeof event !== "object" || Array.isArray(event) || depth > 16) return rows;
  for (const [name, value] of Object.entries(event)) {
    if (rows.length >= mostFields) break;
    const full = before ? `${before}.${name}` : name;
    const type = value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
    rows.push([full, type, type === "object" ? "" : `such as ${brief(value, 80)}`]);
    fieldsOfEvent(value, full, rows, depth + 1);
  }
  return rows;
}

function table(rows) {
  return make("div", { class: "wide" }, make("table", { class: "fields" },
    make("thead", {}, make("tr", {}, ...["Field", "Type", "Meaning"].map((text) => make("th", { scope: "col", text })))),
    make("tbody", {}, ...rows.map(([name, type, text]) => make("tr", {},
      make("td", {}, make("code", {}, isolated(brief(name)))), make("td", { text: type }), make("td", {}, isolated(brief(text, 1000))))))));
}

const code = (text) => make("pre", { tabindex: 0 }, make("code", { text: cut(text, most) }));

/** The newest event; undefined: there is none. */
async function newest(name) {
  const path = `/v2/stream/${encodeURIComponent(name)}?last=1&until=PT0S&format=ndjson`;
  const answer = await fetch(path, { signal: AbortSignal.timeout(patience) });
  if (!answer.ok) return undefined;
  const line = (await answer.text()).split("\n").find((text) => text.startsWith("{") && !text.startsWith('{"$notice"'));
  return line && JSON.parse(line);
}

async function fill(details, stream) {
  const { schema, example } = schemaOf(stream.name);
  const live = await newest(stream.name).catch(() => undefined);
  const sample = live ?? example;
  const rows = schema ? fieldsOf(schema) : fieldsOfEvent(sample);
  const links = [make("a", { href: `/v2/ui/#/?streams=${encodeURIComponent(stream.name)}`, text: "Watch it" })];
  if (schema) links.push(" · ", make("a", { href: `/schemas/${stream.schema_title}/latest`, text: `Schema ${stream.schema_title}` }));
  details.append(make("p", {}, ...links, " · ", textButton("Try it", () => tryStream(stream.name))));
  if (rows.length) details.append(table(rows));
  else details.append(make("p", {}, quiet("No event has come yet, and there is no schema: nothing is known of its fields.")));
  if (sample) details.append(make("h4", { text: live ? "The newest event" : "An example" }), code(JSON.stringify(sample, null, 2)));
}

function entry(stream) {
  const names = stream.aliases.length ? `, also ${stream.aliases.join(", ")}` : "";
  const details = make("details", { "data-stream": stream.name },
    make("summary", {}, make("code", {}, isolated(stream.name)), isolated(`${names}: ${brief(stream.description, 500)}`)));
  details.addEventListener("toggle", () => {
    if (!details.open || details.dataset.filled) return;
    details.dataset.filled = "true";
    fill(details, stream);
  });
  return details;
}

// The form

function path() {
  const form = element("try-form");
  const query = new URLSearchParams();
  for (const name of ["filter", "fields", "since", "last", "limit", "format"]) {
    const value = form.elements[name].value.trim();
    if (value) query.set(name, value);
  }
  const text = query.toString();
  return `/v2/stream/${encodeURIComponent(form.elements.stream.value)}${text ? `?${text}` : ""}`;
}

/** As a shell takes it literally. */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function tellAddress() {
  element("try-address").textContent = `curl -N ${quoted(location.origin + path())}`;
}

function tryStream(name) {
  element("try-form").elements.stream.value = name;
  tellAddress();
  element("try").scrollIntoView();
  element("try-form").elements.stream.focus();
}

let running = null;

async function run() {
  running?.abort();
  const own = new AbortController();
  running = own;
  const timer = setTimeout(() => own.abort(), patience);
  const place = element("try-answer");
  place.textContent = "";
  element("try-status").textContent = "Asking…";
  let text = "";
  let status = "";
  try {
    const answer = await fetch(path(), { signal: own.signal });
    status = `${answer.status} ${answer.headers.get("content-type") ?? ""}`;
    element("try-status").textContent = status;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || text.length > most) break;
      text += value;
      place.textContent = cut(text, most);
    }
    if (running === own) element("try-status").textContent = `${status}: ended`;
  } catch (error) {
    if (running !== own) return;
    const words = own.signal.aborted ? `stopped after ${patience / 1000} s` : error.message;
    element("try-status").textContent = status ? `${status}: ${words}` : words;
  } finally {
    clearTimeout(timer);
    own.abort();
  }
}

async function load() {
  const [list, description] = await Promise.all(["/v2/stream", "/?spec"].map((path) =>
    fetch(path, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) }).then((answer) => answer.json())));
  streams = list.streams;
  document_ = description;
  element("stream-list").replaceChildren(...streams.map(entry));
  element("try-form").elements.stream.replaceChildren(...streams.map(({ name }) => make("option", { value: name, text: name })));
  tellAddress();
}

element("try-form").addEventListener("input", tellAddress);
element("try-form").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
element("try-copy").addEventListener("click", () => copy(element("try-address").textContent, "Command"));
load().catch((error) => {
  element("stream-list").replaceChildren(quiet(`The streams can't be listed: ${error.message}`));
});
