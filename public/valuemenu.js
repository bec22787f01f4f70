// What can be done with a value of an event: a menu where it stands.

import { condition } from "./condition.js";
import { copy, element, isolated, make, place } from "./dom.js";
import { printPath } from "./path.js";
import { brief } from "./text.js";
import { textOf } from "./tree.js";

export class ValueMenu {
  #menu = element("value-menu");
  #actions;

  /** @param actions `condition(text)`, `column(path)` and `top(path)` do what was chosen */
  constructor(actions) {
    this.#actions = actions;
    this.#menu.addEventListener("keydown", (event) => this.#key(event));
  }

  open(names, value, anchor) {
    const fields = names.filter((name) => typeof name !== "number");
    const path = printPath(fields);
    const items = [];
    const add = (text, run) => items.push(make("button", {
      type: "button", role: "menuitem", text,
      click: () => {
        this.#menu.hidePopover();
        run();
      },
    }));
    for (const [is, words] of [[true, "Only events with this value"], [false, "Only events without it"]]) {
      const text = condition(names, value, is);
      if (text !== null) add(words, () => this.#actions.condition(text));
    }
    add("Copy value", () => copy(textOf(value), "Value"));
    if (path !== null) {
      add("Copy path", () => copy(path, "Path"));
      if (fields.length === names.length) add("Show as a column", () => this.#actions.column(path));
      add("Most frequent values", () => this.#actions.top(path));
    }
    const field = make("code", { text: brief(path ?? names.join("."), 60) });
    const head = make("p", { class: "menu-head" }, field, isolated(brief(value, 60)));
    const menu = make("div", { role: "menu", "aria-label": "What to do with this value" }, ...items);
    this.#menu.replaceChildren(head, menu);
    this.#menu.showPopover();
    place(this.#menu, anchor);
    items[0].focus();
  }

  #key(event) {
    const items = [...this.#menu.querySelectorAll("[role=menuitem]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = items.indexOf(document.activeElement);
    items[(now + step + items.length) % items.length].focus();
  }
}
