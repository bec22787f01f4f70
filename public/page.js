// The page: what is shown, what somebody does, and the parts that show it.

import { Alerts } from "./alerts.js";
import { filterOf, hashOf, emptyView, placeText, streamAddress, usualLast, viewOf } from "./address.js";
import { BeginMenu } from "./begin.js";
import { ColumnChoice } from "./columnchoice.js";
import { condition, withCondition } from "./condition.js";
import { Detail } from "./detail.js";
import { announce, element } from "./dom.js";
import { FilterBox } from "./filterbox.js";
import { Graph } from "./graph.js";
import { Journal } from "./journal.js";
import { Keys } from "./keys.js";
import { List } from "./list.js";
import { neighbours } from "./past.js";
import { Picker, busiest, resolved } from "./picker.js";
import { Session } from "./session.js";
import { settings } from "./settings.js";
import { Side } from "./side.js";
import { StatusLine } from "./statusline.js";
import { eventRow } from "./store.js";
import { parse, summary } from "./text.js";
import { ago, clock } from "./time.js";
import { Top } from "./top.js";
import { ValueMenu } from "./valuemenu.js";
import { Downloads, SettingsMenu } from "./menus.js";

/** Milliseconds between drawings of what came. */
const drawEvery = 100;
const listEvery = 10_000;

let view = emptyView();
let opened = null;
let isDrawing = false;

const journal = new Journal();
const alerts = new Alerts();
const session = new Session({
  changed: () => changed(),
  arrived: (rows) => arrived(rows),
  journal: (kind, text) => journal.add(kind, text),
});
const isUniversal = () => settings.get("zone") === "UTC";
const eventOf = (row) => (row.isApart ? parse(row.text) : session.store.event(row));

// What somebody does

/** Shows something else, and says so in the address. */
function change(patch, { isMinor = false } = {}) {
  const next = { ...view, ...patch };
  const hash = hashOf(next);
  if (hash !== location.hash) history[isMinor ? "replaceState" : "pushState"](null, "", hash);
  apply(next);
}

function addCondition(text) {
  change({ conditions: withCondition(view.conditions, text) });
  announce(`Filter: ${text}`);
}

function askedForValue(names, value, anchor) { valueMenu.open(names, value, anchor); }

function openRow(row, { isByKey = false } = {}) {
  opened = row;
  detail.show(row);
  list.select(row.isApart ? null : row);
  list.reveal(row);
  const hasPlace = row.topic !== undefined && Number.isInteger(row.partition) && Number.isInteger(row.offset);
  const event = hasPlace ? { topic: row.topic, partition: row.partition, offset: row.offset } : null;
  change({ event, panel: null }, { isMinor: isByKey || view.event !== null });
}

function closeSide() {
  opened = null;
  list.select(null);
  change({ event: null, panel: null });
  element("list").focus({ preventScroll: true });
}

function openPanel(panel) {
  if (side.shown === panel) return closeSide();
  if (panel === "event") return change({ panel: null });
  change({ panel }, { isMinor: true });
}

function step(distance) {
  const row = list.neighbour(distance);
  if (row) openRow(row, { isByKey: true });
}

function togglePause() {
  if (session.isPaused) session.resume();
  else session.pause();
  status.draw();
  announce(session.isPaused ? "Paused" : "Going on");
}

// The parts

const valueMenu = new ValueMenu({
  condition: addCondition,
  column: (path) => columns.add(path),
  top: (path) => change({ panel: "top", top: path }),
});

const list = new List(element("list"), {
  store: session.store,
  eventOf,
  timeOf: (row) => timeText(row.time),
  colorOf: (stream) => graph.colorOf(stream),
  opened: (row, isByKey) => openRow(row, { isByKey }),
  entered: () => element("detail-title").focus(),
  asked: askedForValue,
  condition: (names, value, is) => {
    const text = condition(names, value, is);
    if (text !== null) addCondition(text);
  },
  resized: (index, width, isDone) => columns.resize(index, width, isDone),
  moved: () => showNewer(),
});

const graph = new Graph({
  rates: session.rates,
  view: () => view,
  filter: () => filterOf(view),
  zoomed: (from, to) => change({ since: new Date(from).toISOString(), until: new Date(to).toISOString(), last: "" }),
  isUniversal,
  say: (text) => status.banner(text),
});

const detail = new Detail({
  store: session.store,
  eventOf,
  asked: askedForValue,
  conditions: (texts) => change({ conditions: texts.reduce(withCondition, view.conditions) }),
  opened: (row) => openRow(row),
  streams: () => view.streams,
  address: (row) => location.origin + location.pathname + hashOf({ ...emptyView(), streams: view.streams, event: row }),
  isUniversal,
});

const top = new Top({
  store: session.store,
  fields: session.fields,
  view: () => view,
  filter: () => filterOf(view),
  asked: askedForValue,
  chosen: (path) => change({ top: path }, { isMinor: true }),
});

const picker = new Picker((names) => change({ streams: names, event: null }));
const begin = new BeginMenu((start) => change(start));
const filterBox = new FilterBox({
  fields: session.fields,
  streams: () => view.streams,
  applied: (text) => change({ filter: text }),
  conditions: (conditions) => change({ conditions }),
});
const columns = new ColumnChoice(list, session.fields, {
  view: () => view,
  chosen: (paths) => change({ columns: paths }, { isMinor: true }),
});
const side = new Side({ opened: openPanel, closed: closeSide });
const status = new StatusLine(session, {
  view: () => view,
  skipped: () => session.skipToNow(),
  showJournal: () => openPanel("journal"),
});
const downloads = new Downloads(session.store, { streams: () => view.streams, columns: () => columns.paths, eventOf });
const menu = new SettingsMenu(alerts, { say: (text) => status.banner(text) });

new Keys([
  { keys: ["p"], words: "Pause and go on", run: togglePause },
  { keys: ["/", "f"], words: "Filter", run: () => filterBox.focus() },
  { keys: ["s"], words: "Choose streams", run: () => picker.open() },
  { keys: ["b"], words: "Choose where to begin", run: () => element("begin-popover").showPopover() },
  { keys: ["j"], words: "Older event", run: () => step(1) },
  { keys: ["k"], words: "Newer event", run: () => step(-1) },
  { keys: ["↓", "↑"], words: "Move in the list; Home and End go to its ends" },
  { keys: ["Enter"], words: "Go to the event's details" },
  { keys: ["."], words: "Back to the newest event", run: () => toNewest() },
  { keys: ["t"], words: "Most frequent values", run: () => openPanel("top") },
  { keys: ["u"], words: "Use this stream elsewhere", run: () => openPanel("use") },
  { keys: ["n"], words: "What happened", run: () => openPanel("journal") },
  { keys: ["g"], words: "Show or hide the graph", run: () => settings.set("graph", !settings.get("graph")) },
  { keys: ["d"], words: "Dark or light", run: () => menu.toggleTheme() },
  { keys: ["c"], words: "Clear the list", run: () => clear() },
  { keys: ["Escape"], label: "Esc", words: "Close the details", run: () => side.shown && closeSide() },
]);

// What is shown

function apply(next) {
  const before = view;
  view = next;
  document.title = [view.streams.join(", "), "EventStreams"].filter(Boolean).join(" · ");
  picker.setChosen(view.streams);
  begin.set(view);
  element("canary").checked = view.canary;
  filterBox.set(view.filter, view.conditions);
  const isOther = streamAddress(view) !== streamAddress(before);
  if (isOther) openStream(before);
  if (isOther || String(view.columns) !== String(before.columns)) columns.show();
  showSide();
}

function openStream(before) {
  if (String(view.streams) !== String(before.streams)) graph.setStreams(view.streams);
  if (opened && !opened.isApart) opened = { ...opened, isApart: true };
  list.select(null);
  list.follow();
  graph.clear();
  status.banner("");
  session.open(streamAddress(view));
  graph.fillIfSlow(picker.rateOf(view.streams));
  top.restart();
}

function showSide() {
  side.show(view.panel ?? (view.event || opened ? "event" : null), { view });
  if (side.shown === "journal") journal.read();
  if (side.shown === "top") top.setPath(view.top);
  if (view.event && (!opened || placeOf(opened) !== placeText(view.event))) fetchEvent(view.event);
  if (!view.event && opened && opened.topic !== undefined && side.shown !== "event") opened = null;
}

const placeOf = (row) => (row.topic === undefined ? "" : placeText(row));

/** The event of a link: one that was seen, or else as the server has it. */
async function fetchEvent(place) {
  const wanted = placeText(place);
  const known = session.store.rows.find((row) => placeOf(row) === wanted);
  if (known) {
    opened = known;
    list.select(known);
    return detail.show(known);
  }
  detail.say("Loading…");
  try {
    const [text] = await neighbours(view.streams, place, 0);
    if (!view.event || placeText(view.event) !== wanted) return;
    const row = text && { ...eventRow(text, "", NaN), isApart: true };
    if (!row || placeOf(row) !== wanted) return detail.say("This event is not kept any more.");
    opened = row;
    detail.show(row);
  } catch (error) {
    detail.say(error.message);
  }
}

function timeText(time) {
  if (!Number.isFinite(time)) return "";
  return settings.get("times") === "ago" ? ago(time, Date.now()) : clock(time, Date.now(), isUniversal());
}

function clear() {
  opened = null;
  session.clear();
  graph.clear();
  top.restart();
  list.follow();
  announce("Cleared");
}

function toNewest() {
  list.follow();
  element("list").focus({ preventScroll: true });
}

function showNewer() {
  const above = list.isFollowing ? 0 : list.above;
  const newer = element("newer");
  newer.hidden = above === 0;
  if (above) newer.textContent = `↑ ${above.toLocaleString("en")} newer`;
}

function changed() {
  const { name, problem } = session.state;
  if (name === "failed" && problem.type === "invalid_filter") filterBox.refuse(problem);
  drawSoon();
}

function arrived(rows) {
  const events = rows.filter((row) => row.kind === "event");
  if (alerts.isOn && events.length && session.state.name === "streaming") {
    const newest = events[events.length - 1];
    alerts.arrived(events.length, `${newest.stream}: ${summary(session.store.event(newest), newest.text)}`);
  }
  for (const row of rows) if (row.kind === "gap") announce(row.words);
  drawSoon();
}

/** What comes is drawn once in a while: each event as it comes would be too much on a busy stream. */
function drawSoon() {
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(() => {
    isDrawing = false;
    columns.learn();
    list.refresh();
    status.draw();
    const hasRows = session.store.count > 0;
    element("empty").hidden = hasRows;
    if (!hasRows) element("empty").textContent = status.emptyWords();
    element("download-button").disabled = !hasRows;
  }, document.hidden ? 1000 : drawEvery);
}

// The background, where a forgotten tab stops by itself

let sleepTimer = 0;

function visibilityChanged() {
  clearTimeout(sleepTimer);
  const seconds = settings.get("sleep");
  if (!document.hidden) {
    session.wake();
    tick();
  } else if (seconds && !alerts.isOn) {
    sleepTimer = setTimeout(() => session.sleep(), seconds * 1000);
  }
}

function tick() {
  if (document.hidden) return;
  if (settings.get("graph")) graph.draw();
  if (settings.get("times") === "ago") list.refreshTimes();
  if (side.shown === "top") top.refresh();
  status.draw();
}

// The list of streams

async function loadStreams() {
  try {
    const answer = await fetch("/v2/stream", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const { streams } = await answer.json();
    picker.setStreams(streams);
    return streams;
  } catch (error) {
    // While streams are shown, their own state says what is wrong.
    const reason = error instanceof TypeError ? "the server can't be reached" : error.message;
    const words = `The list of streams did not load (${reason}). It is tried again in a moment.`;
    if (!picker.streams.length) status.banner(words);
    return null;
  }
}

/** Shows what the address says; one that names no stream shows the busiest. */
function takeAddress() {
  const wanted = viewOf(location.hash);
  const { names, unknown } = resolved(wanted.streams, picker.streams);
  const owner = wanted.event && picker.streams.find((stream) => (stream.topics ?? []).includes(wanted.event.topic));
  const usual = owner ?? busiest(picker.streams);
  wanted.streams = names.length || !usual ? names : [usual.name];
  if (!wanted.event) opened = null;
  history.replaceState(null, "", hashOf(wanted));
  apply(wanted);
  if (unknown.length) status.banner(`There is no stream ${unknown.join(", ")} here.`);
}

async function startPage() {
  const streams = await loadStreams();
  if (!streams) return setTimeout(startPage, 3000);
  status.banner("");
  takeAddress();
  addEventListener("popstate", takeAddress);
  setInterval(() => document.hidden || loadStreams(), listEvery);
}

element("pause").addEventListener("click", togglePause);
element("clear").addEventListener("click", clear);
element("newer").addEventListener("click", toNewest);
element("begin-live").addEventListener("click", () => change({ since: "", until: "", last: usualLast }));
element("canary").addEventListener("change", () => change({ canary: element("canary").checked }));
element("detail-newer").addEventListener("click", () => step(-1));
element("detail-older").addEventListener("click", () => step(1));
element("skip").addEventListener("click", (event) => {
  event.preventDefault();
  element("list").focus();
});
document.addEventListener("visibilitychange", visibilityChanged);
settings.addEventListener("change", ({ detail: name }) => {
  if (name === "graph") element("graph").hidden = !settings.get("graph");
  list.redraw();
  tick();
});
element("graph").hidden = !settings.get("graph");
downloads.listen();
visibilityChanged();
setInterval(tick, 1000);
startPage();
