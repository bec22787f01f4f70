// An event as a tree that opens where somebody looks: what is closed costs nothing, however deep or long it is.

import { isolated, make, textButton } from "./dom.js";
import { ExactNumber, brief, counted, cut, visible } from "./text.js";

const childrenAtOnce = 100;
const textAtOnce = 400;
const textAtMost = 100_000;

/** Only these are followed by a click. */
export function webAddress(value) {
  if (typeof value !== "string" || value.length > 2000 || !/^https?:\/\//i.test(value)) return null;
  try {
    const address = new URL(value);
    return ["http:", "https:"].includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

const isParent = (value) => value !== null && typeof value === "object" && !(value instanceof ExactNumber);

/**
 * @param asked is given the names of a path, the value there and the element that was pressed
 */
export function tree(value, asked) {
  const list = make("ul", { class: "tree", "aria-label": "Fields" });
  if (isParent(value)) append(list, value, [], 0, asked);
  else list.append(leaf("", value, [], asked));
  return list;
}

function append(list, parent, names, from, asked) {
  const isList = Array.isArray(parent);
  const keys = isList ? null : Object.keys(parent);
  const count = isList ? parent.length : keys.length;
  const to = Math.min(count, from + childrenAtOnce);
  for (let index = from; index < to; index += 1) {
    const key = isList ? index : keys[index];
    list.append(node(key, parent[key], [...names, key], asked));
  }
  if (to < count) {
    const words = `Show ${Math.min(childrenAtOnce, count - to)} more of ${count.toLocaleString("en")}`;
    const item = make("li", {}, textButton(words, () => {
      item.remove();
      append(list, parent, names, to, asked);
    }, { class: "more" }));
    list.append(item);
  }
}

function node(key, value, names, asked) {
  if (!isParent(value) || !Object.keys(value).length) return leaf(key, value, names, asked);
  const isList = Array.isArray(value);
  const size = isList ? counted(value.length, "element") : counted(Object.keys(value).length, "field");
  const details = make("details", {},
    make("summary", {}, make("span", { class: "key", text: keyText(key) }), make("span", { class: "size", text: size }),
      make("span", { class: "peek", text: brief(value, 80) })));
  const fill = () => {
    if (details.querySelector("ul")) return;
    const inner = make("ul");
    append(inner, value, names, 0, asked);
    details.append(inner);
  };
  details.addEventListener("toggle", () => { if (details.open) fill(); });
  // What is small, and what tells where an event is, is open from the start.
  if (names.length < 3 && (isList ? value.length <= 8 : Object.keys(value).length <= 16)) {
    details.open = true;
    fill();
  }
  return make("li", {}, details);
}

function keyText(key) {
  return typeof key === "number" ? String(key) : brief(key, 80);
}

function leaf(key, value, names, asked) {
  const kind = value === null ? "null" : value instanceof ExactNumber ? "number" : typeof value;
  const text = textOf(value);
  const attributes = { type: "button", class: `value ${kind}`, "aria-haspopup": "menu" };
  const button = make("button", attributes, isolated(shown(text, textAtOnce)));
  button.addEventListener("click", () => asked(names, value, button));
  const item = make("li", { class: "leaf" }, make("span", { class: "key", text: keyText(key) }), button);
  const address = webAddress(value);
  if (address) {
    const outside = { target: "_blank", rel: "noopener noreferrer", title: "Open in a new tab", text: "↗" };
    item.append(make("a", { href: address, class: "go", "aria-label": `Open ${names.join(".")}`, ...outside }));
  }
  if (text.length > textAtOnce) {
    const more = textButton(`Show all ${text.length.toLocaleString("en")} characters`, () => {
      const all = visible(cut(text, textAtMost)) + (text.length > textAtMost ? "… (the rest can be copied)" : "");
      more.replaceWith(make("pre", { class: "whole", tabindex: 0, "aria-label": `All of ${keyText(key)}`, text: all }));
    }, { class: "more" });
    item.append(more);
  }
  return item;
}

export function textOf(value) {
  if (typeof value === "string") return value;
  if (value instanceof ExactNumber) return value.text;
  return isParent(value) ? JSON.stringify(value) : String(value);
}

function shown(text, limit) {
  if (text === "") return "\"\"";
  return visible(cut(text, limit)) + (text.length > limit ? "…" : "");
}
