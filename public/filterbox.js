// The filter as it is typed: what may come next, what it means, and what is wrong with it.

import { completions, examples } from "./complete.js";
import { described, negated } from "./condition.js";
import { element, isolated, make, placeBelow, quiet, textButton } from "./dom.js";
import { brief } from "./text.js";

const pause = 250;

export class FilterBox {
  #options;
  #input = element("filter");
  #popup = element("filter-popup");
  #say = element("filter-say");
  #examples = element("examples-popover");
  #items = [];
  #from = 0;
  #active = -1;
  #applied = "";
  #asking = null;
  /** The streams and the filter that were explained last. */
  #explained = "";
  #timer = 0;

  /** @param options `fields`, `streams()`; `applied(text)` and `conditions(texts)` are told what somebody wants */
  constructor(options) {
    this.#options = options;
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("click", () => this.#complete());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.#close());
    this.#popup.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) this.#take(Number(item.dataset.index));
    });
    element("filter-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#apply();
    });
    element("filter-clear").addEventListener("click", () => {
      this.#input.value = "";
      this.#apply();
      this.#input.focus();
    });
    this.#examples.addEventListener("beforetoggle", (event) => {
      if (event.newState === "open") this.#drawExamples();
    });
    placeBelow(this.#examples, element("examples-button"));
  }

  get text() { return this.#input.value.trim(); }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  /** Shows what is in force. */
  set(text, conditions) {
    this.#applied = text;
    if (this.#input.value.trim() !== text) this.#input.value = text;
    this.#mark();
    this.#drawChips(conditions);
    const shown = `${this.#options.streams()} ${text}`;
    if (shown !== this.#explained) this.#explain();
    this.#explained = shown;
  }

  /** Shows that the server refused the filter. */
  refuse(problem) { this.#showError(problem, this.#input.value); }

  #mark() {
    const isChanged = this.text !== this.#applied;
    element("filter-apply").hidden = !isChanged;
    element("filter-clear").hidden = !this.#input.value;
  }

  #apply() {
    this.#close();
    this.#options.applied(this.text);
    this.#mark();
  }

  #typed() {
    this.#mark();
    this.#complete();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#explain(), pause);
  }

  // What it means

  async #explain() {
    if (this.#asking) this.#asking.abort();
    const text = this.text;
    if (!text) return this.#tell("");
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const streams = this.#options.streams().map(encodeURIComponent).join(",");
      const address = `/v2/filter?stream=${streams}&filter=${encodeURIComponent(text)}`;
      const answer = await fetch(address, { signal: asking.signal });
      const told = await answer.json();
      if (asking.signal.aborted || text !== this.text) return;
      if (answer.status === 400 && this.#isUnfinished(told)) return this.#tell("…");
      if (answer.status === 400) return this.#showError(told, this.#input.value);
      if (!answer.ok) return this.#tell("");
      this.#showWords(told);
    } catch {
      // The stream itself says what is wrong with the line.
    }
  }

  /** What is still being typed is wrong at its end only: no reason to turn red. */
  #isUnfinished({ column }) {
    const input = this.#input;
    const isAtEnd = input.selectionStart === input.value.length && column > [...input.value.trimEnd()].length;
    const hasOpenString = (input.value.match(/(?<!\\)"/g) ?? []).length % 2 === 1;
    return document.activeElement === input && this.text !== this.#applied && (isAtEnd || hasOpenString);
  }

  #tell(text) {
    this.#say.replaceChildren(text);
    this.#say.className = "filter-say";
    this.#input.removeAttribute("aria-invalid");
  }

  #showWords({ words, warnings, events, matching, match, other }) {
    for (const event of [match, other]) if (event) this.#options.fields.note(event);
    this.#tell("");
    const tried = events ? ` ${matching.toLocaleString("en")} of the newest ${events.toLocaleString("en")} fit.` : "";
    this.#say.append(make("span", { text: words + tried }));
    for (const warning of warnings ?? []) this.#say.append(make("span", { class: "warning", text: warning }));
  }

  /** The error, with the place where it is: the caret goes there by a click. */
  #showError(problem, text) {
    if (this.#say.classList.contains("error") && this.#say.lastChild?.textContent === problem.detail) return;
    this.#tell("");
    this.#say.classList.add("error");
    this.#input.setAttribute("aria-invalid", "true");
    const column = Number.isInteger(problem.column) ? problem.column : 0;
    const letters = [...text];
    if (column) {
      const start = Math.max(0, column - 25);
      const bad = letters[column - 1] ?? " ";
      const place = make("button", { type: "button", class: "place", title: "Go there" },
        make("bdi", {}, start ? "…" : "", letters.slice(start, column - 1).join(""), make("mark", { text: bad }),
          letters.slice(column, column + 15).join("")));
      place.addEventListener("click", () => {
        const at = letters.slice(0, column - 1).join("").length;
        this.#input.focus();
        this.#input.setSelectionRange(at, at + 1);
      });
      this.#say.append(place);
    }
    this.#say.append(make("span", { text: problem.detail ?? "This filter can't be read." }));
  }

  // What may come next

  #complete() {
    const input = this.#input;
    if (document.activeElement !== input || input.selectionStart !== input.selectionEnd) return this.#close();
    const { from, items } = completions(input.value, input.selectionStart, this.#options.fields);
    this.#items = items;
    this.#from = from;
    this.#active = -1;
    if (!items.length) return this.#close();
    this.#popup.replaceChildren(...items.map((item, index) => make("div", {
      role: "option", id: `completion-${index}`, "data-index": index, "aria-selected": false,
    }, make("code", { text: item.label }), quiet(item.detail))));
    this.#popup.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #close() {
    this.#popup.hidden = true;
    this.#items = [];
    this.#active = -1;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #take(index) {
    const item = this.#items[index];
    if (!item) return;
    const input = this.#input;
    input.setRangeText(item.text, this.#from, input.selectionStart, "end");
    this.#typed();
  }

  #key(event) {
    const count = this.#items.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !count) {
      event.preventDefault();
      this.#complete();
    } else if (step) {
      event.preventDefault();
      this.#active = this.#active < 0 ? (step > 0 ? 0 : count - 1) : (this.#active + step + count) % count;
      [...this.#popup.children].forEach((item, index) => item.setAttribute("aria-selected", index === this.#active));
      this.#popup.children[this.#active].scrollIntoView({ block: "nearest" });
      this.#input.setAttribute("aria-activedescendant", `completion-${this.#active}`);
    } else if ((event.key === "Enter" && this.#active >= 0) || (event.key === "Tab" && count && !event.shiftKey)) {
      event.preventDefault();
      this.#take(Math.max(0, this.#active));
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (count) return this.#close();
      this.#input.value = this.#applied;
      this.#typed();
      this.#close();
      this.#input.blur();
    }
  }

  #drawExamples() {
    const list = examples(this.#options.fields).map(({ filter, words }) => {
      const button = make("button", { type: "button" }, make("code", { text: brief(filter, 90) }), quiet(words));
      button.addEventListener("click", () => {
        this.#examples.hidePopover();
        this.#input.value = filter;
        this.#apply();
        this.#input.focus();
      });
      return button;
    });
    const none = make("p", { class: "empty", text: "Examples come with the first events." });
    element("examples-list").replaceChildren(...(list.length ? list : [none]));
  }

  // What was clicked

  #drawChips(conditions) {
    const chips = conditions.map((text) => {
      const words = described(text);
      const change = (others) => this.#options.conditions(conditions.flatMap((one) => (one === text ? others : [one])));
      const label = words ? `${words.field} ${words.is ? "is" : "is not"} ${words.value}` : text;
      const flip = negated(text);
      const verbs = words && words.isElement ? ["has", "has not"] : ["is", "is not"];
      const name = words
        ? make("button", {
          type: "button", class: "chip-text", title: "Turn it round", "aria-label": `${label}: turn it round`,
          click: () => change(flip ? [flip] : [text]),
        }, make("span", { text: words.field }), make("em", { text: verbs[words.is ? 0 : 1] }), isolated(words.value))
        : make("span", { class: "chip-text" }, make("code", { text: brief(text, 80) }));
      const remove = make("button", {
        type: "button", class: "chip-remove", "aria-label": `Remove: ${label}`, title: "Remove", text: "×",
        click: () => change([]),
      });
      return make("li", { class: `chip ${words && !words.is ? "not" : ""}` }, name, remove);
    });
    const all = textButton("Remove all", () => this.#options.conditions([]), { class: "plain" });
    if (chips.length > 1) chips.push(make("li", {}, all));
    element("chips").replaceChildren(...chips);
    element("chips").hidden = !chips.length;
  }
}
