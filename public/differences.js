// What is different between two events.

import { printPath } from "./path.js";

const limit = 200;
const depthLimit = 12;

/**
 * The fields whose values differ, in the order of the newer event; those of `meta`, most of which always do, last.
 *
 * @return `path`, `before` and `after`, which are undefined where an event does not have the field
 */
export function differences(before, after) {
  const found = [];
  const add = (names, before, after) => found.push({ path: printPath(names) ?? names.join("."), before, after });
  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const walk = (before, after, names) => {
    if (found.length >= limit || Object.is(before, after)) return;
    if (!isObject(before) || !isObject(after) || names.length >= depthLimit) {
      if (!isSame(before, after, 0)) add(names, before, after);
      return;
    }
    for (const name of new Set([...Object.keys(after), ...Object.keys(before)])) {
      const own = (value) => (Object.hasOwn(value, name) ? value[name] : undefined);
      walk(own(before), own(after), [...names, name]);
    }
  };
  walk(before, after, []);
  const isMeta = ({ path }) => path.startsWith("meta.");
  return [...found.filter((one) => !isMeta(one)), ...found.filter(isMeta)];
}

function isSame(a, b, depth) {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object" || depth > depthLimit) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length > 1000 || keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key], depth + 1));
}
