// Conditions that are made by clicking values, and the filter that they make together with the one that was typed.

import { parsePath, printPath } from "./path.js";
import { brief } from "./text.js";

/** A value as filters write it; null for what can't be compared: lists and objects. */
function literal(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  if (typeof value === "string") return value.isWellFormed() ? JSON.stringify(value) : null;
  return value instanceof Object && typeof value.text === "string" ? value.text : null;
}

/** The longest value that a condition is made of: the whole filter has 8 KiB. */
const longest = 1000;

/**
 * The condition that a field is a value, or is not.
 *
 * @param names the path of the field; a number stands for an element of a list
 * @return null where filters can't say it
 */
export function condition(names, value, is) {
  if (typeof value === "string" && value.length > longest) return null;
  const text = literal(value);
  const lists = names.filter((name) => typeof name === "number").length;
  if (text === null || lists > 1) return null;
  if (lists === 0) {
    const path = printPath(names);
    return path === null ? null : `${path} ${is ? "==" : "!="} ${text}`;
  }
  if (typeof names[names.length - 1] !== "number" || value === null) return null;
  const path = printPath(names.slice(0, -1));
  if (path === null) return null;
  return is ? `${text} in ${path}` : `!(${text} in ${path})`;
}

const comparison = /^((?:[A-Za-z_$][\w$]*|`[^`]+`)(?:\.(?:[A-Za-z_$][\w$]*|`[^`]+`))*) (==|!=) (.+)$/s;
const membership = /^(!?)\(?(.+) in ([^()]+?)\)?$/s;

/** A condition in words for its chip: the field, whether it is or is not, and the value. Null: no click made it. */
export function described(text) {
  const equal = comparison.exec(text);
  if (equal && parsePath(equal[1])) return { field: equal[1], is: equal[2] === "==", value: shown(equal[3]) };
  const element = membership.exec(text);
  if (element) return { field: element[3], is: !element[1], value: shown(element[2]), isElement: true };
  return null;
}

function shown(text) {
  try {
    return brief(JSON.parse(text), 60);
  } catch {
    return brief(text, 60);
  }
}

/** The opposite of a condition that a click made; null for others. */
export function negated(text) {
  const equal = comparison.exec(text);
  if (equal) return `${equal[1]} ${equal[2] === "==" ? "!=" : "=="} ${equal[3]}`;
  const element = membership.exec(text);
  if (!element) return null;
  return element[1] ? `${element[2]} in ${element[3]}` : `!(${element[2]} in ${element[3]})`;
}

/** One filter of what was typed and what was clicked; empty where nothing was. */
export function joined(filter, conditions) {
  const typed = filter.trim();
  if (!conditions.length) return typed;
  const parts = typed ? [/\|\|/.test(typed) ? `(${typed})` : typed] : [];
  return [...parts, ...conditions].join(" && ");
}

/** The conditions with one more, in place of one that says the opposite or the same. */
export function withCondition(conditions, added) {
  return [...conditions.filter((text) => text !== added && text !== negated(added)), added];
}
