"use strict";

// Everything an event holds is shown by textContent alone: nothing of it is ever read as HTML.

// The newest events are shown, all are counted.
const shownLimit = 100;

const element = (id) => document.getElementById(id);
const form = element("choice");
const rows = element("rows");
const begin = element("begin");
const filter = element("filter");

let source = null;
let count = 0;
let gaps = 0;
// Arrivals in each of the last ten seconds, newest first.
let recent = [0];
// Rows that came since rows were last drawn, newest last: at most as many as are shown.
let waiting = [];
// Where the stream of this address was stopped: Start goes on from there.
let place = null;

function make(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// What is chosen, and the address of the page

function chosen() {
  return [...form.querySelectorAll("input:checked")].map((input) => input.value);
}

/** Where to begin and what to let through, as the stream's address has it. */
function query() {
  const text = filter.value.trim();
  const parts = [begin.value, text && `filter=${encodeURIComponent(text)}`].filter(Boolean);
  return parts.length ? `?${parts.join("&")}` : "";
}

function streamAddress() {
  const names = chosen().map(encodeURIComponent).join(",");
  return names ? `/v2/stream/${names}${query()}` : "";
}

/** The choice is kept behind the page's #, so that it can be linked to. */
function keepChoice() {
  const names = chosen().map(encodeURIComponent).join(",");
  const hash = names ? `#${names}${query()}` : "";
  if (location.hash !== hash) history.replaceState(null, "", hash || location.pathname);
  showAddress();
}

/** The names behind the #, how to begin and what to let through: `#a,b?last=10&filter=…`, or `#/?streams=a,b` as Wikimedia's own page has it. */
function linkedChoice() {
  const hash = location.hash.slice(1);
  const mark = hash.indexOf("?");
  const names = mark < 0 ? hash : hash.slice(0, mark);
  const parts = mark < 0 ? [] : hash.slice(mark + 1).split("&");
  const wanted = new URLSearchParams(parts.join("&"));
  if (names === "/") return { names: wanted.getAll("streams").join(",").split(","), start: "", condition: "" };
  const condition = wanted.get("filter") || "";
  const start = parts.filter((part) => !part.startsWith("filter=")).join("&");
  try {
    return { names: names.split(",").map(decodeURIComponent), start, condition };
  } catch {
    // What is no name chooses nothing.
    return { names: [], start, condition };
  }
}

function takeChoice() {
  const { names, start, condition } = linkedChoice();
  const unknown = new Set(names.filter(Boolean));
  for (const input of form.querySelectorAll("input[type=checkbox]")) {
    const known = [input.value, ...input.dataset.aliases.split(",")].filter((name) => unknown.delete(name));
    input.checked = known.length > 0;
  }
  if (![...begin.options].some((option) => option.value === start)) begin.add(new Option(start, start));
  begin.value = start;
  filter.value = condition;
  if (unknown.size) say(`There is no stream ${[...unknown].join(", ")} here.`);
  showAddress();
}

function showAddress() {
  const address = streamAddress();
  const link = element("address");
  link.textContent = address ? location.origin + address : "none chosen";
  link.href = address || "/v2/stream";
  element("start").disabled = !address || source !== null;
  element("start").textContent = place && place.address === address ? "Go on" : "Start";
}

// The list of streams

async function loadStreams() {
  const notice = element("streams-notice");
  try {
    const answer = await fetch("/v2/stream", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const { streams } = await answer.json();
    const boxes = streams.map(streamBox);
    element("stream-list").replaceChildren(...boxes);
    notice.textContent = "No stream is configured.";
    notice.hidden = boxes.length > 0;
    takeChoice();
  } catch (error) {
    notice.hidden = false;
    notice.textContent = `The list of streams did not load (${error.message}). It is tried again in a moment.`;
    setTimeout(loadStreams, 3000);
  }
}

function streamBox(stream) {
  const box = make("label", undefined, "stream");
  const input = make("input");
  input.type = "checkbox";
  input.name = "stream";
  input.value = stream.name;
  input.dataset.aliases = (stream.aliases || []).join(",");
  const rate = typeof stream.rate === "number" ? `${perSecond(stream.rate)} events/s` : "";
  const text = [stream.description, rate].filter(Boolean).join(" · ");
  box.append(input, make("strong", stream.name), make("span", text));
  return box;
}

function perSecond(rate) {
  return rate >= 10 ? String(Math.round(rate)) : rate.toFixed(1).replace(/\.0$/, "");
}

// Streaming

function start() {
  const address = streamAddress();
  if (!address || source) return;
  setStatus("connecting");
  say("");
  forgetFilterError();
  if (!place || place.address !== address) place = { address, id: "" };
  const id = place.id && `${address.includes("?") ? "&" : "?"}lastEventId=${encodeURIComponent(place.id)}`;
  const url = address + id;
  source = new EventSource(url);
  source.onopen = () => setStatus("streaming");
  source.onmessage = (message) => {
    setStatus("streaming");
    place.id = message.lastEventId;
    take(message.data);
  };
  source.addEventListener("gap", (message) => {
    place.id = message.lastEventId;
    takeGap(message.data);
  });
  source.addEventListener("notice", (message) => say((parse(message.data) || {}).detail || message.data));
  // One name for two things: an error event of the server has data, the browser's own has none.
  source.addEventListener("error", (event) => {
    if (typeof event.data === "string") {
      const problem = parse(event.data);
      say(problem && problem.detail ? problem.detail : event.data);
    } else if (source && source.readyState === EventSource.CLOSED) {
      explain(url);
    } else {
      setStatus("reconnecting");
    }
  });
  showControls();
}

function stop(state = "stopped") {
  if (source) source.close();
  source = null;
  setStatus(state);
  showControls();
}

/** A browser does not tell why it gave a stream up: the same request, made again without a stream, does. */
async function explain(url) {
  stop("failed");
  let reason = "The server refused the stream.";
  try {
    const answer = await fetch(url, { method: "GET", headers: { Accept: "text/event-stream" }, signal: AbortSignal.timeout(3000) });
    // What was wrong with the request would be so again: the place may be what was.
    if (answer.status >= 400 && answer.status < 500) place = null;
    if (answer.ok) {
      answer.body.cancel();
    } else {
      const problem = await answer.json();
      if (problem.type === "invalid_filter") {
        sayOfFilter(problem);
        return showAddress();
      }
      reason = problem.detail || reason;
    }
  } catch {
    reason = "The server can't be reached.";
  }
  say(`${reason} Press Start to try again.`);
  showAddress();
}

/** What is wrong with the filter stands below it, with the caret where it is. */
function sayOfFilter(problem) {
  const error = element("filter-error");
  error.textContent = problem.detail;
  error.hidden = false;
  filter.setAttribute("aria-invalid", "true");
  filter.focus();
  if (problem.column) filter.setSelectionRange(problem.column - 1, problem.column);
}

function forgetFilterError() {
  element("filter-error").hidden = true;
  filter.removeAttribute("aria-invalid");
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function arrived() {
  recent[0] += 1;
}

function take(data) {
  count += 1;
  arrived();
  show({ data });
}

function eventRow(data) {
  const event = parse(data);
  const meta = (event && event.meta) || {};
  addRow({ time: meta.dt, stream: meta.stream || meta.topic, what: summary(event, data), text: data });
}

function takeGap(data) {
  gaps += 1;
  arrived();
  show({ data, isGap: true });
}

function gapRow(data) {
  const gap = parse(data) || {};
  const missed = gap.to - gap.from;
  const number = missed > 0 ? `${missed.toLocaleString("en")} missed` : "none missed";
  addRow({
    stream: gap.topic,
    what: `Gap: ${gap.reason || "unknown"}, ${number}${gap.detail ? ` (${gap.detail})` : ""}`,
    text: data,
    isGap: true,
  });
}

/** A line about an event, from the fields that are often there. */
function summary(event, data) {
  if (!event || typeof event !== "object") return data;
  const page = event.page && typeof event.page === "object" ? event.page.page_title : undefined;
  const what = event.title || event.page_title || page;
  const who = event.user || (event.performer && event.performer.user_text);
  const parts = [event.type || event.changelog_kind, what, event.wiki || event.database, who && `by ${who}`];
  const line = parts.filter((part) => typeof part === "string" && part).join(" · ");
  return line || data;
}

// Rows

/** Rows are drawn once in a while, the newest of what has come: each as it comes would be too much on a busy stream. */
function show(arrival) {
  if (waiting.length === shownLimit) waiting.shift();
  if (waiting.push(arrival) === 1) setTimeout(drawRows, 100);
}

function drawRows() {
  for (const { data, isGap } of waiting.splice(0)) (isGap ? gapRow : eventRow)(data);
  showNumbers();
}

function addRow({ time, stream, what, text, isGap }) {
  const item = make("li", undefined, isGap ? "gap" : "");
  const button = make("button", undefined, "row");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const date = time ? new Date(time) : new Date();
  const when = make("time", clock(Number.isNaN(date.getTime()) ? new Date() : date));
  if (time) when.title = String(time);
  button.append(when, make("span", String(stream || ""), "stream-name"), make("span", what, "what"));
  button.addEventListener("click", () => toggle(item, button, text));
  item.append(button);
  rows.prepend(item);
  while (rows.childElementCount > shownLimit) dropRow();
  element("empty").hidden = true;
}

/** The oldest row goes, but for one that is open or has the focus: somebody reads it. */
function dropRow() {
  for (let row = rows.lastElementChild; row; row = row.previousElementSibling) {
    const isInUse = row.contains(document.activeElement) || row.querySelector("pre");
    if (!isInUse) return row.remove();
  }
  rows.lastElementChild.remove();
}

function clock(date) {
  return date.toLocaleTimeString("en-GB", { hour12: false });
}

function toggle(item, button, text) {
  const open = item.querySelector("pre");
  button.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  const value = parse(text);
  const pre = make("pre", value === null ? text : JSON.stringify(value, null, 2));
  pre.tabIndex = 0;
  item.append(pre);
}

// What is shown around them

function setStatus(state) {
  const status = element("status");
  if (status.dataset.state === state) return;
  status.dataset.state = state;
  status.textContent = state;
}

function say(text) {
  const notice = element("notice");
  notice.textContent = text;
  notice.hidden = !text;
}

function showControls() {
  const isOn = source !== null;
  document.body.classList.toggle("on", isOn);
  element("streams").disabled = isOn;
  begin.disabled = isOn;
  filter.disabled = isOn;
  element("stop").disabled = !isOn;
  showAddress();
}

function showNumbers() {
  element("count").textContent = count.toLocaleString("en");
  element("gaps").textContent = gaps.toLocaleString("en");
  let note = "newest first";
  if (count + gaps > rows.childElementCount) note += `, the last ${rows.childElementCount} shown`;
  element("shown").textContent = note;
}

setInterval(() => {
  const full = recent.slice(0, 10);
  const rate = full.reduce((sum, number) => sum + number, 0) / full.length;
  element("rate").textContent = perSecond(source ? rate : 0);
  recent = [0, ...recent.slice(0, 9)];
  if (!source) recent = [0];
}, 1000);
setInterval(showNumbers, 250);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
form.addEventListener("change", keepChoice);
filter.addEventListener("input", () => {
  forgetFilterError();
  keepChoice();
});
element("stop").addEventListener("click", () => stop());
element("clear").addEventListener("click", () => {
  rows.replaceChildren();
  waiting = [];
  count = gaps = 0;
  if (!source) place = null;
  element("empty").hidden = false;
  showNumbers();
  showAddress();
});
window.addEventListener("hashchange", () => {
  if (!source) takeChoice();
});

showControls();
loadStreams();
