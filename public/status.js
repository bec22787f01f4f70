// How the service is: asks for /v2/status again and again while somebody looks, and draws it.

import { element, isolated, make, quiet } from "./dom.js";
import { line, strip } from "./statusgraph.js";
import { counted, perSecond } from "./text.js";
import { ago, shortClock, span } from "./time.js";

const verdicts = new Map([
  ["ok", "All streams are well"], ["degraded", "Some streams are in trouble"],
  ["unavailable", "The log can't be read: streams stand still"], ["starting", "The server is starting"],
  ["draining", "The server is stopping"],
]);

const states = new Map([
  ["fresh", "fresh"], ["quiet", "quiet"], ["empty", "no events yet"], ["stale", "stale"], ["failing", "canary missing"],
  ["unavailable", "can't be read"],
]);

const explained = new Map([
  ["fresh", "An event came lately."], ["quiet", "No event came lately, and nothing says that any are missing."],
  ["empty", "No event has ever come."], ["stale", "Not even a canary has come for too long."],
  ["failing", "The last canary did not come through."], ["unavailable", "The log, or a part of it, can't be read."],
]);

const good = new Set(["started", "stream_well", "log_readable"]);

/** Milliseconds between two looks. */
const interval = 10_000;
/** Milliseconds that an answer may take. */
const patience = 15_000;

let timer = 0;
let opened = null;
let detail = null;

const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);
const most = (values) => Math.max(0, ...values.map((value) => value ?? 0));

function tile(name, value, words, values) {
  return make("section", { class: "tile" }, make("h3", { text: name }), make("p", { text: value }),
    line(values, `${name} in the last 24 hours: ${words}`), make("small", { text: words }));
}

/** A number of bytes a second, in the unit that says it. */
export function bytesPerSecond(bytes) {
  const units = ["B/s", "kB/s", "MB/s", "GB/s"];
  let place = 0;
  let value = bytes;
  while (value >= 1000 && place < units.length - 1) {
    value /= 1000;
    place += 1;
  }
  return `${value >= 100 || place === 0 ? Math.round(value) : value.toFixed(1)} ${units[place]}`;
}

function drawTiles({ clients, lastMinute, history }) {
  const step = history.stepSeconds;
  const rate = (name) => perSecond((lastMinute[name] ?? 0) / 60);
  // The last minute may have more than any of the steps, which are averages.
  const highest = (name) => Math.max(most(history[name]) / step, (lastMinute[name] ?? 0) / 60);
  const upTo = (name) => `up to ${perSecond(highest(name))} a second`;
  element("tiles").replaceChildren(
    tile("Clients", clients.toLocaleString("en"), `up to ${most(history.clients).toLocaleString("en")}`, history.clients),
    tile("Events in", `${rate("received")}/s`, upTo("received"), history.received),
    tile("Events sent", `${rate("sent")}/s`, upTo("sent"), history.sent),
    tile("Bytes sent", bytesPerSecond(((lastMinute.kilobytes ?? 0) * 1000) / 60),
      `up to ${bytesPerSecond(highest("kilobytes") * 1000)}`, history.kilobytes),
    tile("Gaps told", String(lastMinute.gaps ?? 0), `${sum(history.gaps).toLocaleString("en")} in 24 hours`, history.gaps),
    tile("Refused", String(lastMinute.refused ?? 0),
      `${sum(history.refused).toLocaleString("en")} refused, ${counted(sum(history.evictions), "client")} cut off`, history.refused));
}

function canaryWords(canary, now) {
  if (!canary) return quiet("none");
  const seen = canary.seen ? ago(Date.parse(canary.seen), now) : "not yet";
  return make("span", { text: canary.healthy ? `came through ${seen}` : `missing; last ${seen}` });
}

function stateWords(list) {
  const known = list.filter((state) => state !== null);
  const bad = known.filter((state) => ["stale", "failing", "unavailable"].includes(state)).length;
  if (!known.length) return "nothing is known of the last 24 hours";
  return bad ? `in trouble in ${bad} of ${known.length} quarters of an hour` : "no trouble that is known of in the last 24 hours";
}

function row(stream, now) {
  const isOpen = opened === stream.name;
  const past = stream.states
    ? make("button", {
      type: "button", "aria-expanded": isOpen, "aria-label": `${stream.name}: ${stateWords(stream.states)}; each minute`,
      title: "Show each minute", click: () => toggle(stream.name),
    }, strip(stream.states, stream.events, stateWords(stream.states)))
    : quiet("not kept");
  const status = make("span", { class: "state", "data-state": stream.status, title: explained.get(stream.status) ?? "",
    text: states.get(stream.status) ?? stream.status });
  const newest = stream.newest ? ago(Date.parse(stream.newest), now) : "—";
  const rows = [make("tr", { "data-stream": stream.name },
    make("th", { scope: "row" }, make("a", { href: `/v2/ui/#/?streams=${encodeURIComponent(stream.name)}` }, isolated(stream.name))),
    make("td", {}, status), make("td", { class: "number", "data-name": "newest", text: newest }),
    make("td", { class: "number", "data-name": "events/s", text: perSecond(stream.rate ?? 0) }),
    make("td", { class: "number", "data-name": "clients", text: stream.clients.toLocaleString("en") }),
    make("td", { "data-name": "canary" }, canaryWords(stream.canary, now)), make("td", { class: "past" }, past))];
  if (isOpen) rows.push(make("tr", { class: "more" }, make("td", { colspan: 7, id: "detail" }, detail ?? quiet("Loading…"))));
  return rows;
}

let last = null;

function drawStreams() {
  const now = Date.parse(last.time);
  // Who is at a button by the keyboard stays there.
  const focused = document.activeElement?.closest("tr[data-stream]")?.dataset.stream;
  const wasButton = document.activeElement?.tagName === "BUTTON";
  element("rows").replaceChildren(...last.streams.flatMap((stream) => row(stream, now)));
  if (!focused) return;
  element("rows").querySelector(`tr[data-stream="${CSS.escape(focused)}"] ${wasButton ? "button" : "a"}`)?.focus();
}

function drawIncidents() {
  const now = Date.parse(last.time);
  const entries = last.incidents.map(({ time, kind, text }) => make("li", { "data-kind": kind },
    make("time", { datetime: time, title: time, text: `${shortClock(Date.parse(time), true, false)}, ${ago(Date.parse(time), now)}` }),
    make("span", { "data-bad": !good.has(kind) }, isolated(text))));
  element("incidents").replaceChildren(...(entries.length ? entries : [make("li", { text: "None is known of." })]));
}

function show(document_) {
  last = document_;
  const verdict = element("verdict");
  const words = verdicts.get(document_.status) ?? document_.status;
  // Said once, not at each look.
  if (verdict.dataset.status !== document_.status) verdict.textContent = words;
  verdict.dataset.status = document_.status;
  const up = span(Date.parse(document_.time) - Date.parse(document_.started));
  element("about").textContent = `Version ${document_.version}, up for ${up}, as of ${shortClock(Date.parse(document_.time), true, false)}. `
    + `${document_.history.kept === "disk" ? "The last 24 hours are kept over restarts." : "History begins with the server's start."}`;
  drawTiles(document_);
  drawStreams();
  drawIncidents();
}

async function ask(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

async function toggle(name) {
  opened = opened === name ? null : name;
  detail = null;
  drawStreams();
  if (opened) await loadDetail();
}

async function loadDetail() {
  const name = opened;
  let shown;
  try {
    const { history } = await ask(`/v2/status/${encodeURIComponent(name)}`);
    const known = (history.events ?? []).filter((value) => value !== null);
    const highest = `up to ${Math.max(0, ...known).toLocaleString("en")} a minute`;
    const words = `Events of ${name} in each minute of 24 hours: ${sum(known).toLocaleString("en")}, ${highest}`;
    shown = make("div", {}, make("small", { class: "quiet" }, isolated(words)), line(history.events ?? [], words, { isTall: true }));
  } catch (error) {
    shown = quiet(`This can't be shown: ${error.message}`);
  }
  // Another may have been opened meanwhile.
  if (opened !== name) return;
  detail = shown;
  drawStreams();
}

async function look() {
  clearTimeout(timer);
  try {
    show(await ask("/v2/status"));
    if (opened) await loadDetail();
  } catch (error) {
    const verdict = element("verdict");
    verdict.dataset.status = "silent";
    verdict.textContent = `The server does not answer: ${error.message}. What is below is older.`;
  }
  // Who does not look is not shown anything.
  if (!document.hidden) timer = setTimeout(look, interval);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) look();
});

look();
