// The most frequent values of a field, in what was seen or in what is kept of the past.

import { breathe, element, make } from "./dom.js";
import { linesOf, pastAddress, pastLimit } from "./past.js";
import { firstValue, parsePath } from "./path.js";
import { brief, counted, cut, parse } from "./text.js";

const shown = 40;
const distinctLimit = 20_000;
const textLimit = 200;

/** Counts values: strings, numbers, and each element of a list for itself. */
export class Tally {
  #counts = new Map();
  events = 0;
  missing = 0;
  /** Values that found no room. */
  other = 0;

  note(value) {
    this.events += 1;
    if (value === undefined) this.missing += 1;
    else if (Array.isArray(value)) for (const item of value.slice(0, 50)) this.#add(item, true);
    else this.#add(value, false);
  }

  #add(value, isElement) {
    const isPlain = value === null || typeof value !== "object";
    const kind = (isElement ? "element " : "") + typeof value;
    const key = `${kind} ${typeof value === "string" ? cut(value, textLimit) : brief(value, textLimit)}`;
    const known = this.#counts.get(key);
    const entry = () => ({ value: isPlain ? value : undefined, text: brief(value, textLimit), isElement, count: 1 });
    if (known) known.count += 1;
    else if (this.#counts.size >= distinctLimit) this.other += 1;
    else this.#counts.set(key, entry());
  }

  get distinct() { return this.#counts.size; }

  /** Of `value` (undefined: a list or an object), `text`, `isElement` and `count`, most frequent first. */
  top(limit) {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count).slice(0, limit);
  }
}

export class Top {
  #options;
  #field = element("top-field");
  #source = element("top-source");
  #tally = new Tally();
  #next = 0;
  #loading = null;
  #isCounting = false;

  /**
   * @param options `store`, `fields`; `view()` and `filter()` say what is shown; `asked(names, value,
   *   place)` and `chosen(path)` are told what somebody does
   */
  constructor(options) {
    this.#options = options;
    this.#field.addEventListener("change", () => options.chosen(this.#field.value.trim()));
    this.#source.addEventListener("change", () => this.restart());
    this.#field.addEventListener("focus", () => this.#offerFields());
  }

  get path() { return this.#field.value.trim(); }

  setPath(path) {
    if (path === this.path && this.#next) return;
    this.#field.value = path;
    this.restart();
  }

  /** Counts anew: the field, the source or the stream is another. */
  restart() {
    if (this.#loading) this.#loading.abort();
    this.#loading = null;
    this.#tally = new Tally();
    this.#next = 0;
    if (this.#source.value !== "seen") this.#countPast();
    else this.refresh();
  }

  /** Counts what came since the last time. */
  async refresh() {
    const names = parsePath(this.path);
    if (!names) return this.#draw(this.path ? "That is no field." : "Choose a field.");
    if (this.#source.value !== "seen" || this.#isCounting) return;
    this.#isCounting = true;
    const { store } = this.#options;
    const tally = this.#tally;
    let before = performance.now();
    for (const row of [...store.rows]) {
      if (row.number < this.#next) continue;
      if (tally !== this.#tally) break;
      this.#next = row.number + 1;
      if (row.kind === "event") tally.note(firstValue(parse(row.text), [names])?.value);
      if (performance.now() - before > 8) {
        await breathe();
        before = performance.now();
      }
    }
    this.#isCounting = false;
    if (tally === this.#tally) this.#draw("");
    else this.refresh();
  }

  async #countPast() {
    const names = parsePath(this.path);
    if (!names) return this.#draw("Choose a field.");
    const loading = new AbortController();
    this.#loading = loading;
    const tally = this.#tally;
    this.#draw("Reading the past…");
    let before = performance.now();
    try {
      const address = pastAddress(this.#options.view(), this.#source.value, this.#options.filter(), this.path);
      for await (const line of linesOf(address, loading.signal)) {
        if (line.startsWith("{\"$notice\"")) continue;
        tally.note(firstValue(parse(line), [names])?.value);
        if (performance.now() - before > 200) {
          this.#draw("Reading the past…");
          await breathe();
          before = performance.now();
        }
      }
      this.#draw(tally.events >= pastLimit ? `Only the first ${pastLimit.toLocaleString("en")} events were read.` : "");
    } catch (error) {
      if (!loading.signal.aborted) this.#draw(error.message);
    }
  }

  #offerFields() {
    const fields = this.#options.fields.all.slice(0, 200);
    element("top-fields").replaceChildren(...fields.map((field) => new Option("", field.path)));
  }

  #draw(note) {
    const tally = this.#tally;
    const some = tally.events ? `${counted(tally.events, "event")}, ${counted(tally.distinct, "different value")}` : "";
    const missing = tally.missing ? `${tally.missing.toLocaleString("en")} without the field` : "";
    const other = tally.other ? `${tally.other.toLocaleString("en")} of rare values` : "";
    element("top-note").textContent = [some, missing, other, note].filter(Boolean).join(" · ");
    const names = parsePath(this.path) ?? [];
    const list = element("top-list");
    const top = tally.top(shown);
    const highest = top.length ? top[0].count : 1;
    // Rows are used again, so that the focus stays where it is while numbers change.
    while (list.children.length > top.length) list.lastElementChild.remove();
    while (list.children.length < top.length) list.append(this.#item());
    top.forEach((entry, index) => {
      const item = list.children[index];
      const [button, count, bar] = item.children;
      item.entry = { names, ...entry };
      const text = entry.text === "" ? "\"\"" : entry.text;
      if (button.firstChild.textContent !== text) button.firstChild.textContent = text;
      bar.style.setProperty("--part", String(entry.count / highest));
      const part = (entry.count / Math.max(1, tally.events)) * 100;
      count.textContent = `${entry.count.toLocaleString("en")}  ${part >= 10 ? Math.round(part) : part.toFixed(1)} %`;
    });
  }

  #item() {
    const button = make("button", { type: "button", class: "value", "aria-haspopup": "menu" }, make("bdi"));
    const part = make("span", { class: "part", "aria-hidden": true });
    const item = make("li", {}, button, make("span", { class: "number" }), part);
    button.addEventListener("click", () => {
      const { names, value, isElement } = item.entry;
      if (value !== undefined) this.#options.asked(isElement ? [...names, 0] : names, value, button);
    });
    return item;
  }
}
