// One event: its fields, its JSON, what is different from another, and what was stored around it.

import { condition } from "./condition.js";
import { differences } from "./differences.js";
import { copy, element, isolated, make, quiet, textButton } from "./dom.js";
import { neighbours } from "./past.js";
import { firstValue, parsePath } from "./path.js";
import { brief, counted, parse, parseExactly, spread } from "./text.js";
import { ago, clock, eventTime } from "./time.js";
import { tree, webAddress } from "./tree.js";

const around = 5;

/** How many older events are looked through for one of the same page or user. */
const searched = 3000;

/** What an event may be compared with. */
const others = [
  ["list", "the event before it in the list"], ["page", "the one before it of the same page"],
  ["user", "the one before it of the same user"],
];

/** What an event is about: fields that are the same for all events of one page, user or wiki. */
const subjects = [
  { name: "page", paths: ["title", "page_title", "page.page_title"], with: ["wiki", "database", "wiki_id"] },
  { name: "user", paths: ["user", "performer.user_text", "user_text"], with: [] },
  { name: "wiki", paths: ["wiki", "database", "wiki_id"], with: [] },
].map((subject) => ({ ...subject, paths: subject.paths.map(parsePath), with: subject.with.map(parsePath) }));

const scalar = (found) => (found && ["string", "number"].includes(typeof found.value) ? found : undefined);

/** The conditions that an event's page, user or wiki is this one; empty where the event names none. */
function conditionsOf(name, event) {
  const subject = subjects.find((subject) => subject.name === name);
  const what = scalar(firstValue(event, subject.paths));
  if (!what) return [];
  const where = scalar(firstValue(event, subject.with));
  return [what, where].filter(Boolean).map(({ names, value }) => condition(names, value, true)).filter(Boolean);
}

export class Detail {
  #options;
  #row = null;
  #tab = "fields";
  #compared = "list";
  #loading = null;

  /**
   * @param options `store` and `eventOf(row)`; `asked(names, value, place)`, `conditions(texts)` and `opened(row)` are
   *   told what somebody does; `streams()`, `address(row)` and `isUniversal()` say what is shown
   */
  constructor(options) {
    this.#options = options;
    for (const tab of element("detail-tabs").querySelectorAll("[role=tab]")) {
      tab.addEventListener("click", () => this.#choose(tab.dataset.tab));
      tab.addEventListener("keydown", (event) => this.#key(event));
    }
  }

  get row() { return this.#row; }

  #key(event) {
    const tabs = [...element("detail-tabs").querySelectorAll("[role=tab]")];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
    next.focus();
    this.#choose(next.dataset.tab);
  }

  #choose(tab) {
    this.#tab = tab;
    this.#draw();
  }

  show(row) {
    if (row === this.#row) return;
    this.#row = row;
    this.#draw();
  }

  /** Says why there is no event to show. */
  say(text) {
    this.#row = null;
    this.#stop();
    element("detail-title").textContent = "Event";
    element("detail-head").replaceChildren();
    element("detail-tabs").hidden = true;
    element("detail-body").replaceChildren(make("p", { class: "empty", text }));
  }

  #stop() {
    if (this.#loading) this.#loading.abort();
    this.#loading = null;
  }

  #draw() {
    this.#stop();
    const row = this.#row;
    if (!row) return;
    element("detail-tabs").hidden = false;
    for (const tab of element("detail-tabs").querySelectorAll("[role=tab]")) {
      const isChosen = tab.dataset.tab === this.#tab;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
    }
    this.#drawHead(row);
    const body = element("detail-body");
    body.setAttribute("aria-labelledby", `tab-${this.#tab}`);
    body.replaceChildren(...this.#bodyOf(row));
    body.scrollTop = 0;
  }

  #drawHead(row) {
    const isUniversal = this.#options.isUniversal();
    const now = Date.now();
    const time = Number.isFinite(row.time) ? `${clock(row.time, now, isUniversal)}, ${ago(row.time, now)}` : "";
    const title = { event: row.stream || "Event", gap: "Gap", notice: "Notice" }[row.kind];
    element("detail-title").textContent = title;
    const head = element("detail-head");
    head.replaceChildren(make("p", { class: "quiet", text: time }));
    if (row.kind !== "event") return;
    const event = this.#options.eventOf(row);
    const actions = make("p", { class: "actions" });
    for (const { name } of subjects) {
      const conditions = conditionsOf(name, event);
      if (!conditions.length) continue;
      actions.append(textButton(`All of this ${name}`, () => this.#options.conditions(conditions)));
    }
    if (row.topic !== undefined && Number.isInteger(row.offset)) {
      actions.append(textButton("Copy link", () => copy(this.#options.address(row), "Link")));
    }
    const uri = event && event.meta && Object.hasOwn(event.meta, "uri") ? webAddress(event.meta.uri) : null;
    const outside = { target: "_blank", rel: "noopener noreferrer", class: "small button", text: "Open page ↗" };
    if (uri) actions.append(make("a", { href: uri, title: brief(uri, 200), ...outside }));
    head.append(actions);
  }

  #bodyOf(row) {
    if (row.kind !== "event") return [make("p", { text: row.words }), this.#json(row)];
    switch (this.#tab) {
      case "json": return [this.#copyLine(row), this.#json(row)];
      case "changes": return this.#changes(row);
      case "around": return this.#around(row);
      default: return this.#fields(row);
    }
  }

  #copyLine(row) {
    const button = textButton("Copy JSON", () => copy(row.text, "JSON"));
    return make("p", { class: "actions" }, button, quiet(counted(row.text.length, "character")));
  }

  #json(row) {
    const text = spread(row.text);
    const limit = 200_000;
    const shown = text.length > limit ? `${text.slice(0, limit)}… (the rest can be copied)` : text;
    return make("pre", { class: "json", tabindex: 0, "aria-label": "JSON", text: shown });
  }

  #fields(row) {
    const event = parseExactly(row.text);
    if (event === undefined) return [make("p", { class: "empty", text: "This is no JSON." }), this.#json(row)];
    const parts = [tree(event, this.#options.asked)];
    const facts = make("dl", { class: "facts" });
    const add = (name, value) => {
      if (value !== undefined) facts.append(make("dt", { text: name }), make("dd", {}, isolated(String(value))));
    };
    add("Topic", row.topic);
    add("Partition", row.partition);
    add("Offset", row.offset);
    if (row.id) {
      facts.append(make("dt", { text: "Id after it" }), make("dd", {}, make("code", { text: brief(row.id, 600) }),
        textButton("Copy id", () => copy(row.id, "Id"))));
    }
    parts.push(make("h3", { text: "Where it is stored" }), facts);
    return parts;
  }

  // What is different

  #changes(row) {
    const select = make("select", { "aria-label": "Compared with" });
    for (const [value, text] of others) {
      const option = new Option(text, value);
      option.selected = value === this.#compared;
      select.append(option);
    }
    select.addEventListener("change", () => {
      this.#compared = select.value;
      this.#draw();
      element("detail-body").querySelector("select").focus();
    });
    const head = make("p", { class: "actions" }, make("span", { text: "Compared with " }), select);
    const other = this.#older(row);
    if (!other) return [head, make("p", { class: "empty", text: "No such event was seen." })];
    const found = differences(this.#options.eventOf(other), this.#options.eventOf(row));
    const heads = ["Field", "Before", "Now"].map((text) => make("th", { scope: "col", text }));
    const table = make("table", { class: "changes" }, make("thead", {}, make("tr", {}, ...heads)));
    const body = make("tbody");
    for (const { path, before, after } of found) {
      const cell = (value) => make("td", {}, value === undefined ? quiet("none") : isolated(brief(value, 200)));
      body.append(make("tr", {}, make("th", { scope: "row", text: brief(path, 100) }), cell(before), cell(after)));
    }
    table.append(body);
    return [head, make("p", { class: "quiet", text: `${counted(found.length, "field")} differ.` }), table];
  }

  #older(row) {
    const { store, eventOf } = this.#options;
    const place = store.placeOf(row);
    if (place < 0) return null;
    const conditions = this.#compared === "list" ? "" : conditionsOf(this.#compared, eventOf(row)).join();
    if (this.#compared !== "list" && !conditions) return null;
    for (let index = place + 1; index < Math.min(store.count, place + searched); index += 1) {
      const other = store.newest(index);
      if (other.kind !== "event") continue;
      // Kept rows are not to be pushed out by this search.
      if (!conditions || conditionsOf(this.#compared, parse(other.text)).join() === conditions) return other;
    }
    return null;
  }

  // What is stored around it

  #around(row) {
    const body = make("div", {}, make("p", { class: "quiet", text: "Loading…" }));
    this.#loadAround(row, body);
    return [body];
  }

  async #loadAround(row, body) {
    if (row.topic === undefined || !Number.isInteger(row.offset)) {
      return body.replaceChildren(make("p", { class: "empty", text: "It does not say where it is stored." }));
    }
    const loading = new AbortController();
    this.#loading = loading;
    try {
      const place = { topic: row.topic, partition: row.partition, offset: row.offset };
      const lines = await neighbours(this.#options.streams(), place, around, loading.signal);
      const items = lines.map((text) => this.#neighbour(text, row));
      body.replaceChildren(
        make("p", { class: "quiet", text: `Around it in ${row.topic}, partition ${row.partition}, newest first:` }),
        make("ol", { class: "around", reversed: true }, ...items.reverse()));
    } catch (error) {
      if (!loading.signal.aborted) body.replaceChildren(make("p", { class: "empty", text: error.message }));
    }
  }

  #neighbour(text, row) {
    const event = parse(text);
    const meta = (event && event.meta) || {};
    const isItself = meta.topic === row.topic && meta.partition === row.partition && meta.offset === row.offset;
    const parts = ["title", "page_title", "user", "comment"].map((name) => event && event[name]);
    const words = parts.filter((part) => typeof part === "string").join(" · ");
    const time = eventTime(event);
    const button = make("button", { type: "button", "aria-current": isItself ? "true" : undefined },
      make("span", { class: "offset", text: String(meta.offset) }),
      make("time", { text: time === undefined ? "" : clock(time, Date.now(), this.#options.isUniversal()) }),
      make("bdi", { text: words ? brief(words, 120) : brief(event, 120) }));
    button.addEventListener("click", () => this.#options.opened({
      kind: "event", text, id: "", number: -1, isApart: true, time: time ?? NaN,
      stream: String(meta.stream ?? meta.topic ?? ""),
      topic: meta.topic, partition: meta.partition, offset: meta.offset,
    }));
    return make("li", {}, button);
  }
}
