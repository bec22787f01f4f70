// Which fields stand in the list, and how wide: remembered for each choice of streams.

import { parsePath } from "./path.js";
import { recall, remember } from "./settings.js";

/** Fields that tell what an event is, in the order of their columns: of each group the first that events have. */
const usual = [
  { paths: ["type", "page_change_kind", "changelog_kind", "log_type"], width: 110 },
  { paths: ["wiki", "wiki_id", "database"], width: 112 },
  { paths: ["title", "page_title", "page.page_title"], width: 300 },
  { paths: ["user", "performer.user_text", "user_text"], width: 160 },
  { paths: ["comment", "revision.comment"], width: 260 },
];

export const timeColumn = "(time)";
export const streamColumn = "(stream)";
export const eventColumn = "(event)";

/** @param book the fields that events have */
export function usualColumns(book, streamCount) {
  const columns = [];
  if (streamCount > 1) columns.push({ path: streamColumn, width: 200 });
  for (const { paths, width } of usual) {
    const known = paths.filter((path) => book.has(path));
    if (known.length) columns.push({ path: known.join("|"), width });
  }
  if (columns.length < 2) {
    const own = book.all.filter(({ path }) => !path.startsWith("meta.") && path !== "$schema");
    if (own.length) for (const field of own.slice(0, 4)) columns.push({ path: field.path, width: 180 });
    columns.push({ path: eventColumn, width: 400 });
  }
  return columns;
}

/** A column's name at its head: the field's own, without those around it. */
export function title(path) {
  if (path === timeColumn) return "time";
  if (path === streamColumn) return "stream";
  if (path === eventColumn) return "event";
  return parsePath(path.split("|")[0])?.at(-1) ?? path;
}

const key = (streams) => `columns:${[...streams].sort().join(",")}`;
const widthRange = [48, 1200];

export const bounded = (width) => Math.round(Math.min(widthRange[1], Math.max(widthRange[0], width)));

/** The columns that somebody chose for these streams; null where nobody did. */
export function rememberedColumns(streams) {
  const kept = recall(key(streams), null);
  if (!Array.isArray(kept)) return null;
  const columns = kept.filter((column) => column && typeof column.path === "string" && Number.isFinite(column.width));
  return columns.length ? columns.slice(0, 40).map(({ path, width }) => ({ path, width: bounded(width) })) : null;
}

export function rememberColumns(streams, columns) {
  remember(key(streams), columns);
}
