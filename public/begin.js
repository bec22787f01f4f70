// Where the stream begins and ends: now, some events ago, at a time.

import { usualLast } from "./address.js";
import { element, placeBelow } from "./dom.js";
import { timeWords } from "./time.js";

/** What a view begins with, in a few words. */
function beginWords(view) {
  if (view.since && view.until) {
    const [from, to] = [timeWords(view.since), timeWords(view.until)];
    return from.slice(0, 10) === to.slice(0, 10) ? `${from} – ${to.slice(11) || to}` : `${from} – ${to}`;
  }
  if (view.since) return `Since ${timeWords(view.since)}`.replace("Since the last", "Last");
  if (view.until) return `Until ${timeWords(view.until)}`;
  return view.last ? `Live, last ${Number(view.last).toLocaleString("en")}` : "Live, from now";
}

export class BeginMenu {
  #popover = element("begin-popover");
  #form = element("begin-form");

  /** @param changed is told `since`, `until` and `last` */
  constructor(changed) {
    placeBelow(this.#popover, element("begin-button"));
    this.#popover.addEventListener("click", (event) => {
      const choice = event.target.closest("[data-begin]");
      if (!choice) return;
      const [name, value] = choice.dataset.begin.split("=");
      this.#popover.hidePopover();
      changed({ since: "", until: "", last: "", [name]: value });
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const time = (name) => {
        const { value } = this.#form.elements[name];
        return value ? new Date(value).toISOString() : "";
      };
      const since = time("from");
      this.#popover.hidePopover();
      changed({ since, until: time("to"), last: since ? "" : usualLast });
    });
  }

  set(view) {
    element("begin-label").textContent = beginWords(view);
    element("begin-live").hidden = !(view.since || view.until);
    const chosen = view.since ? `since=${view.since}` : `last=${view.last}`;
    for (const choice of this.#popover.querySelectorAll("[data-begin]")) {
      choice.setAttribute("aria-pressed", choice.dataset.begin === chosen && !view.until);
    }
    for (const [name, text] of [["from", view.since], ["to", view.until]]) {
      const time = Date.parse(text);
      this.#form.elements[name].value = Number.isNaN(time) || !text ? "" : local(time);
    }
  }
}

/** As a field for a time and a date wants it. */
function local(time) {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}
