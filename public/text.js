// Values of events as text: short, on one line, and without what would rearrange the text around it.

// Marks that turn the direction of what follows, and control characters: written out.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Control characters and overrides of direction as escapes that can be seen. */
export function visible(text) {
  return text.replace(hidden, (mark) => {
    if (mark === "\r") return "\\r";
    return `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The beginning of a text, cut between characters. */
export function cut(text, limit) {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit;
  return text.slice(0, end);
}

/** A value on one line of a bounded length, which costs no more than that length. */
export function brief(value, limit = 300) {
  if (typeof value === "string") return visible(cut(value, limit)) + (value.length > limit ? "…" : "");
  let left = limit;
  const parts = [];
  const add = (text) => {
    parts.push(cut(text, Math.max(0, left)));
    left -= text.length;
  };
  const walk = (value, depth) => {
    if (left <= 0) return;
    if (typeof value === "string") return add(JSON.stringify(cut(value, left + 1)));
    if (value === null || typeof value !== "object") return add(String(value));
    if (depth > 8) return add("…");
    const isList = Array.isArray(value);
    add(isList ? "[" : "{");
    let isFirst = true;
    for (const key in value) {
      if (left <= 0) break;
      if (!Object.hasOwn(value, key)) continue;
      if (!isFirst) add(", ");
      isFirst = false;
      if (!isList) add(`${cut(key, left + 1)}: `);
      walk(value[key], depth + 1);
    }
    add(isList ? "]" : "}");
  };
  walk(value, 0);
  return visible(parts.join("")) + (left < 0 ? "…" : "");
}

/** A line about a whole event, from the fields that are often there. */
export function summary(event, text) {
  if (event === null || typeof event !== "object") return brief(text);
  const line = [event.type, event.wiki || event.database, event.title || event.page_title, event.user, event.comment]
    .filter((part) => typeof part === "string" && part)
    .join(" · ");
  return line ? brief(line) : brief(event);
}

export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A number that a browser would round: its text as the event has it. */
export class ExactNumber {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
  toJSON() { return this.text; }
}

/** An event whose large numbers are exact, where the browser can give them. */
export function parseExactly(text) {
  try {
    return JSON.parse(text, (_, value, context) => {
      const isRounded = typeof value === "number" && context !== undefined && context.source !== undefined
        && (Number.isInteger(value) ? !Number.isSafeInteger(value) : String(value) !== context.source);
      return isRounded ? new ExactNumber(context.source) : value;
    });
  } catch {
    // Too deep for that: as it is otherwise.
    return parse(text);
  }
}

/** JSON spread over lines with all of its numbers as they were; the text itself where it is too deep or too large. */
export function spread(text, limit = 200_000) {
  if (text.length > limit) return text;
  const out = [];
  let indent = 0;
  let place = 0;
  const line = () => `\n${"  ".repeat(Math.min(indent, 40))}`;
  while (place < text.length) {
    const mark = text[place];
    if (mark === "\"") {
      let end = place + 1;
      while (end < text.length && text[end] !== "\"") end += text[end] === "\\" ? 2 : 1;
      out.push(text.slice(place, end + 1));
      place = end + 1;
      continue;
    }
    place += 1;
    if (mark === " " || mark === "\n" || mark === "\t" || mark === "\r") continue;
    if (mark === "{" || mark === "[") {
      const close = mark === "{" ? "}" : "]";
      let next = place;
      while (text[next] === " ") next += 1;
      if (text[next] === close) {
        out.push(mark + close);
        place = next + 1;
        continue;
      }
      indent += 1;
      out.push(mark, line());
    } else if (mark === "}" || mark === "]") {
      indent -= 1;
      out.push(line(), mark);
    } else if (mark === ",") {
      out.push(",", line());
    } else {
      out.push(mark === ":" ? ": " : mark);
    }
  }
  return out.join("");
}

/** 17, 1.5, 0.02: as many digits as say something. */
export function perSecond(rate) {
  if (!(rate > 0)) return "0";
  if (rate >= 10) return Math.round(rate).toLocaleString("en");
  return rate >= 0.1 ? rate.toFixed(1).replace(/\.0$/, "") : rate.toFixed(2);
}

export function counted(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
