// Paths of fields, as filters write them: `meta.dt`, and names that are no words in backquotes: meta.`a-b`.

const word = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
const reserved = new Set(["true", "false", "null", "in"]);

/** The names of a path; null where it is none. */
export function parsePath(text) {
  const names = [];
  let place = 0;
  while (place <= text.length) {
    let name = "";
    if (text[place] === "`") {
      place += 1;
      while (place < text.length && text[place] !== "`") {
        if (text[place] === "\\") place += 1;
        name += text[place] ?? "";
        place += 1;
      }
      if (text[place] !== "`") return null;
      place += 1;
    } else {
      while (place < text.length && text[place] !== ".") {
        name += text[place];
        place += 1;
      }
    }
    if (!name) return null;
    names.push(name);
    if (place === text.length) return names;
    if (text[place] !== ".") return null;
    place += 1;
  }
  return null;
}

/** Null where filters can't write a name: an empty one, or one that is no text. */
export function printPath(names) {
  if (names.some((name) => name === "" || !name.isWellFormed())) return null;
  return names.map((name) => (word.test(name) && !reserved.has(name) ? name : quoted(name))).join(".");
}

function quoted(name) {
  return `\`${name.replace(/[\\`]/g, "\\$&").replace(/\n/g, "\\n")}\``;
}

/** What stands at a path of an event; undefined where nothing does. Only an event's own fields count. */
export function valueAt(event, names) {
  let value = event;
  for (const name of names) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** The value at the first of several paths that an event has: `title|page_title`. */
export function firstValue(event, alternatives) {
  for (const names of alternatives) {
    const value = valueAt(event, names);
    if (value !== undefined) return { value, names };
  }
  return undefined;
}

/** The paths of a column; empty where none can be read. */
export function alternatives(text) {
  return text.split("|").map(parsePath).filter(Boolean);
}
