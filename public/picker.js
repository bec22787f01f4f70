// The choice of streams: typed for, with what there is to know of each.

import { element, make, placeBelow, quiet } from "./dom.js";
import { perSecond } from "./text.js";
import { ago } from "./time.js";

/** A stream that was silent for so long, and is not a slow one, is marked. */
const staleAfter = 15 * 60_000;

const rateOf = (stream) => stream.rate ?? 0;
const byRate = (a, b) => rateOf(b) - rateOf(a) || a.name.localeCompare(b.name);

/** Those that fit what was typed, best first: all words must be in the name, an alias or the description. */
export function matching(streams, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (stream) => {
    const names = [stream.name, ...(stream.aliases ?? [])].map((name) => name.toLowerCase());
    const text = `${names.join(" ")} ${(stream.description ?? "").toLowerCase()}`;
    if (!words.every((word) => text.includes(word))) return -1;
    if (!words.length || names.some((name) => name.startsWith(words[0]))) return 0;
    return names.some((name) => name.includes(words[0])) ? 1 : 2;
  };
  return streams.map((stream) => ({ stream, rank: rank(stream) })).filter((found) => found.rank >= 0)
    .sort((a, b) => a.rank - b.rank || byRate(a.stream, b.stream))
    .map((found) => found.stream);
}

/** The busiest: that which has most events a second, else the newest one. */
export function busiest(streams) {
  const newest = (stream) => Date.parse(stream.newest ?? 0);
  return [...streams].sort((a, b) => rateOf(b) - rateOf(a) || newest(b) - newest(a))[0];
}

/** Canonical names for names and aliases; and those that are no stream. */
export function resolved(names, streams) {
  const known = new Map();
  for (const { name, aliases } of streams) for (const alias of [...(aliases ?? []), name]) known.set(alias, name);
  return {
    names: [...new Set(names.filter((name) => known.has(name)).map((name) => known.get(name)))],
    unknown: names.filter((name) => !known.has(name)),
  };
}

export class Picker {
  #button = element("streams-button");
  #popover = element("streams-popover");
  #input = element("streams-input");
  #list = element("streams-list");
  #streams = [];
  #chosen = [];
  #active = 0;
  #changed;

  /** @param changed is told the names that are chosen */
  constructor(changed) {
    this.#changed = changed;
    this.#popover.addEventListener("beforetoggle", (event) => {
      this.#button.setAttribute("aria-expanded", event.newState === "open");
      if (event.newState !== "open") return;
      this.#input.value = "";
      this.#active = 0;
      this.#draw();
    });
    placeBelow(this.#popover, this.#button, () => this.#input.focus());
    this.#input.addEventListener("input", () => {
      this.#active = 0;
      this.#draw();
    });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#toggle(option.dataset.name, event.target.closest(".only") !== null);
    });
  }

  get streams() { return this.#streams; }

  /** Events a second of some streams together. */
  rateOf(names) {
    return this.#streams.filter(({ name }) => names.includes(name)).reduce((sum, stream) => sum + rateOf(stream), 0);
  }

  open() { this.#popover.showPopover(); }

  setStreams(streams) {
    this.#streams = streams;
    this.#say();
    if (this.#popover.matches(":popover-open")) this.#draw();
  }

  setChosen(names) {
    this.#chosen = names;
    this.#say();
    if (this.#popover.matches(":popover-open")) this.#draw();
  }

  #say() {
    const [first, ...others] = this.#chosen;
    element("streams-label").textContent = first ?? (this.#streams.length ? "Choose streams" : "Loading…");
    element("streams-more").textContent = others.length ? `+${others.length}` : "";
    this.#button.title = this.#chosen.join("\n");
  }

  #toggle(name, isOnly) {
    const others = this.#chosen.filter((chosen) => chosen !== name);
    const names = isOnly ? [name] : others.length < this.#chosen.length ? others : [...others, name];
    if (!names.length) return;
    this.setChosen(names);
    this.#changed(names);
  }

  #key(event) {
    const options = this.#list.children;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      this.#active = (this.#active + step + options.length) % options.length;
      this.#mark();
    } else if (event.key === "Enter" && options[this.#active]) {
      event.preventDefault();
      this.#toggle(options[this.#active].dataset.name, event.shiftKey);
    }
  }

  #mark() {
    [...this.#list.children].forEach((option, index) => option.classList.toggle("active", index === this.#active));
    const active = this.#list.children[this.#active];
    if (active) active.scrollIntoView({ block: "nearest" });
    if (active) this.#input.setAttribute("aria-activedescendant", active.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #draw() {
    const now = Date.now();
    const found = matching(this.#streams, this.#input.value);
    this.#list.replaceChildren(...found.map((stream, index) => this.#option(stream, index, now)));
    element("streams-none").hidden = found.length > 0;
    element("streams-none").textContent = this.#streams.length ? "No stream fits that." : "There is no stream here.";
    this.#active = Math.min(this.#active, Math.max(0, found.length - 1));
    this.#mark();
  }

  #option(stream, index, now) {
    const newest = Date.parse(stream.newest ?? "");
    const age = Number.isNaN(newest) ? "no event yet" : ago(newest, now);
    const isStale = Number.isNaN(newest) || now - newest > staleAfter;
    const isChosen = this.#chosen.includes(stream.name);
    const rate = typeof stream.rate === "number" ? `${perSecond(stream.rate)}/s` : "";
    return make("div", {
      role: "option", id: `stream-${index}`, class: "option", "aria-selected": isChosen, "data-name": stream.name,
    },
    make("span", { class: "check", "aria-hidden": true, text: isChosen ? "✓" : "" }),
    make("span", { class: "about" }, make("strong", { text: stream.name }), quiet(stream.description ?? "")),
    make("span", { class: "figures" },
      make("span", { text: rate }), make("span", { class: isStale ? "stale" : "quiet", text: age })),
    make("span", { class: "only", title: "Only this one (Shift+Enter)", text: "only" }));
  }
}
