// What the page shows, and the address that says so: all of it stands behind the #, so that a link shows it again.
//
// `#/?streams=a,b` is what links to the page of Wikimedia's service look like. `#a,b?last=10` is understood too.

import { joined } from "./condition.js";

/** How many events before the end are shown first where an address does not say. */
export const usualLast = "100";

const panels = ["top", "use", "journal"];

/** What an address of anyone may hold at most; a filter of the server has 8 KiB. */
const filterLimit = 8192;
const conditionLimit = 2000;
const listLimit = 64;

/** What is shown: everything that an address can say. */
export function emptyView() {
  return {
    streams: [], since: "", until: "", last: usualLast, filter: "", conditions: [], canary: false, columns: null,
    event: null, panel: null, top: "",
  };
}

/** What an address says; `streams` is empty where it names none. */
export function viewOf(hash) {
  const text = hash.replace(/^#/, "");
  const mark = text.indexOf("?");
  const head = mark < 0 ? text : text.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1));
  const view = emptyView();
  view.streams = names(head === "/" || head === "" ? query.getAll("streams").join(",") : decoded(head));
  view.since = query.get("since") || "";
  view.until = query.get("until") || "";
  const last = query.get("last");
  if (view.since) view.last = "";
  else if (last !== null && /^\d{1,5}$/.test(last) && Number(last) <= 10_000) view.last = Number(last) ? last : "";
  view.filter = (query.get("filter") || "").slice(0, filterLimit);
  view.conditions = query.getAll("also").filter((text) => text && text.length <= conditionLimit).slice(0, listLimit);
  view.canary = query.get("canary") === "true";
  const columns = query.get("columns");
  view.columns = columns ? columns.split(",").filter(Boolean).slice(0, listLimit) : null;
  view.event = placeOf(query.get("event") || "");
  view.panel = panels.includes(query.get("panel")) ? query.get("panel") : null;
  view.top = query.get("top") || "";
  return view;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    // A name that can't be decoded chooses no stream.
    return "";
  }
}

function names(text) {
  return [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
}

/** The address of a view, from the # on. */
export function hashOf(view) {
  const parts = [];
  const add = (name, value) => value && parts.push(`${name}=${encoded(value)}`);
  add("streams", view.streams.join(","));
  add("since", view.since);
  add("until", view.until);
  if (!view.since && view.last !== usualLast) add("last", view.last || "0");
  add("filter", view.filter.trim());
  for (const condition of view.conditions) add("also", condition);
  add("canary", view.canary ? "true" : "");
  add("columns", view.columns ? view.columns.join(",") : "");
  add("event", view.event ? placeText(view.event) : "");
  add("panel", view.panel);
  add("top", view.top);
  return parts.length ? `#/?${parts.join("&")}` : "#/";
}

/** Commas, slashes and colons may stand as they are behind a #. */
function encoded(text) {
  return encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%3A", ":");
}

/** topic/partition/offset; null where it is none. */
export function placeOf(text) {
  const match = /^(.+)\/(\d{1,9})\/(\d{1,16})$/.exec(text);
  return match ? { topic: match[1], partition: Number(match[2]), offset: Number(match[3]) } : null;
}

export function placeText({ topic, partition, offset }) {
  return `${topic}/${partition}/${offset}`;
}

/** The filter of a view, of what was typed and what was clicked. */
export function filterOf(view) {
  return joined(view.filter, view.conditions);
}

/** The path of streams by their names. */
export const streamPath = (names) => `/v2/stream/${names.map(encodeURIComponent).join(",")}`;

/** The path and the query of the stream that a view shows; empty where it names no stream. */
export function streamAddress(view) {
  if (!view.streams.length) return "";
  const parts = [];
  const add = (name, value) => value && parts.push(`${name}=${encodeURIComponent(value).replaceAll("%3A", ":")}`);
  add("since", view.since);
  add("until", view.until);
  if (!view.since) add("last", view.last);
  add("filter", filterOf(view));
  add("canary", view.canary ? "true" : "");
  const path = streamPath(view.streams);
  return parts.length ? `${path}?${parts.join("&")}` : path;
}
