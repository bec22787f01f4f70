// What is kept: read once, from one time or place to another, beside the stream that is followed.

import { streamPath } from "./address.js";
import { parse } from "./text.js";

/** The most events that one look at the past reads. */
export const pastLimit = 200_000;

/**
 * The events of an address, as the server sends them, one a line.
 *
 * @throws Error with a sentence for a person
 */
export async function* linesOf(address, signal) {
  let answer;
  try {
    answer = await fetch(address, { headers: { Accept: "application/x-ndjson" }, signal, cache: "no-store" });
  } catch (error) {
    throw signal && signal.aborted ? error : new Error("The server can't be reached.");
  }
  if (!answer.ok) {
    const problem = parse(await answer.text());
    throw new Error((problem && problem.detail) || `The server answered ${answer.status}.`);
  }
  const body = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await body.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line) yield line;
    }
    if (rest) yield rest;
  } finally {
    body.cancel().catch(() => {});
  }
}

/** The address of what a place's neighbours are: some records before it, itself, and some after it. */
function neighboursAddress(streams, { topic, partition, offset }, around) {
  const from = Math.max(0, offset - around);
  const id = JSON.stringify([{ topic, partition, offset: from }]);
  const limit = offset - from + 1 + around;
  const start = `lastEventId=${encodeURIComponent(id)}`;
  return `${streamPath(streams)}?${start}&limit=${limit}&until=PT0S&canary=true&format=ndjson`;
}

/** A record and its neighbours in its partition, oldest first, as texts, without what else the server has to say. */
export async function neighbours(streams, place, around, signal) {
  const lines = [];
  for await (const line of linesOf(neighboursAddress(streams, place, around), signal)) {
    if (!line.startsWith("{\"$notice\"")) lines.push(line);
  }
  return lines;
}

/** The address of a view's events from a time up to now, with only some fields. */
export function pastAddress(view, since, filter, fields) {
  const parts = [`since=${encodeURIComponent(since)}`, "until=PT0S", `limit=${pastLimit}`, "format=ndjson"];
  if (filter) parts.push(`filter=${encodeURIComponent(filter)}`);
  if (view.canary) parts.push("canary=true");
  if (fields) parts.push(`fields=${encodeURIComponent(fields)}`);
  return `${streamPath(view.streams)}?${parts.join("&")}`;
}
