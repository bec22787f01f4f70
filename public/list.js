// The list of events, newest first: ten thousand rows, of which only those in sight are elements.

import { isolated, make } from "./dom.js";
import { alternatives, firstValue } from "./path.js";
import { eventColumn, streamColumn, timeColumn, title } from "./columns.js";
import { brief, summary } from "./text.js";

const spare = 8;

/** The last column takes what is left, and at least so much. */
const lastWidth = 120;

export class List {
  #root;
  #head;
  #space;
  #options;
  #columns = [];
  #slots = [];
  #version = 0;
  #seen = 0;
  #selected = null;
  #pressed = null;
  #isDrawn = true;
  /** Whether somebody looks at a row: it is not pushed away by newer ones. */
  #isPinned = false;
  #isCompact = false;
  #rowHeight = 28;
  #actions;

  /**
   * @param options `store`; `eventOf(row)`, `timeOf(row)` and `colorOf(stream)` say what is shown;
   *   `opened(row, isByKey)`, `asked(names, value, place)`, `condition(names, value, is)`,
   *   `resized(index, width, isDone)`, `entered()` and `moved()` are told what somebody does
   */
  constructor(root, options) {
    this.#root = root;
    this.#options = options;
    this.#head = make("div", { class: "list-head", role: "row", "aria-rowindex": 1 });
    this.#space = make("div", { class: "list-space", role: "rowgroup" });
    root.append(make("div", { role: "rowgroup", class: "list-heads" }, this.#head), this.#space);
    this.#actions = this.#cellActions();
    root.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(root);
    root.addEventListener("pointerdown", (event) => { this.#pressed = this.#rowAt(event.target); });
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("contextmenu", (event) => this.#menu(event));
    root.addEventListener("pointerover", (event) => this.#hover(event));
    root.addEventListener("pointerleave", () => this.#actions.remove());
    root.addEventListener("keydown", (event) => this.#key(event));
    const narrow = matchMedia("(max-width: 44rem)");
    const measure = () => {
      this.#isCompact = narrow.matches;
      this.#rowHeight = narrow.matches ? 54 : 28;
      root.classList.toggle("compact", narrow.matches);
      this.redraw();
    };
    narrow.addEventListener("change", measure);
    measure();
  }

  /** Whether the newest event is in sight and stays so. */
  get isFollowing() { return this.#root.scrollTop < 4 && !this.#isPinned; }
  /** Rows above those that are in sight. */
  get above() { return Math.floor(this.#root.scrollTop / this.#rowHeight); }

  /** @param columns of `path` and `width`, without that of the time */
  setColumns(columns) {
    this.#columns = [{ path: timeColumn, width: 124 }, ...columns].map((column) => ({
      ...column, paths: column.path.startsWith("(") ? [] : alternatives(column.path),
    }));
    this.#head.replaceChildren(...this.#columns.map((column, index) => this.#headCell(column, index)));
    this.#root.setAttribute("aria-colcount", this.#columns.length);
    this.#layOut();
    this.redraw();
  }

  setWidth(index, width) {
    this.#columns[index].width = width;
    this.#layOut();
  }

  #layOut() {
    const last = this.#columns.length - 1;
    const widths = this.#columns.map(({ width }, index) => (index === last ? Math.min(width, lastWidth) : width));
    const tracks = widths.map((width, index) => (index === last ? `minmax(${width}px, 1fr)` : `${width}px`));
    this.#root.style.setProperty("--columns", tracks.join(" "));
    this.#root.style.setProperty("--wide", `${widths.reduce((sum, width) => sum + width, 0)}px`);
  }

  #headCell(column, index) {
    const name = title(column.path);
    const hint = column.path.startsWith("(") ? undefined : column.path;
    const cell = make("div", { class: "cell", role: "columnheader", title: hint }, isolated(name));
    if (index === this.#columns.length - 1) return cell;
    const grip = make("div", {
      class: "grip", role: "separator", tabindex: 0, "aria-orientation": "vertical", "aria-label": `Width of ${name}`,
      "aria-valuenow": column.width, "aria-valuemin": 48, "aria-valuemax": 1200,
    });
    const resize = (width, isDone) => {
      this.#options.resized(index, width, isDone);
      grip.setAttribute("aria-valuenow", this.#columns[index].width);
    };
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      event.stopPropagation();
      grip.setPointerCapture(event.pointerId);
      const start = event.clientX - this.#columns[index].width;
      const move = (event) => resize(event.clientX - start, false);
      grip.addEventListener("pointermove", move);
      grip.addEventListener("lostpointercapture", () => {
        grip.removeEventListener("pointermove", move);
        resize(this.#columns[index].width, true);
      }, { once: true });
    });
    grip.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      resize(this.#columns[index].width + step, true);
    });
    cell.append(grip);
    return cell;
  }

  // Rows

  /** Draws what came, and keeps the rows in sight where they are, unless the newest is to be seen. */
  refresh() {
    const { store } = this.#options;
    const added = Math.min(store.next - this.#seen, store.count);
    const isFollowing = this.isFollowing;
    this.#seen = store.next;
    this.#space.style.height = `${store.count * this.#rowHeight}px`;
    this.#root.setAttribute("aria-rowcount", store.count + 1);
    if (this.#selected && store.placeOf(this.#selected) < 0 && !this.#selected.isApart) this.#selected = null;
    if (added > 0 && !isFollowing) this.#root.scrollTop += added * this.#rowHeight;
    this.draw();
  }

  /** Draws all of it anew: what rows show has changed. */
  redraw() {
    this.#version += 1;
    this.#space.style.height = `${this.#options.store.count * this.#rowHeight}px`;
    this.draw();
  }

  draw() {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    requestAnimationFrame(() => {
      this.#isDrawn = true;
      this.#drawNow();
    });
  }

  #drawNow() {
    const { store } = this.#options;
    const top = this.#root.scrollTop;
    const height = this.#root.clientHeight;
    const first = Math.max(0, Math.floor(top / this.#rowHeight) - spare);
    const last = Math.min(store.count, Math.ceil((top + height) / this.#rowHeight) + spare);
    const wanted = Math.ceil(height / this.#rowHeight) + 2 * spare + 2;
    if (this.#slots.length !== wanted) this.#makeSlots(wanted);
    const used = new Set();
    for (let index = first; index < last; index += 1) {
      const row = store.newest(index);
      const slot = this.#slots[row.number % wanted];
      used.add(slot);
      if (slot.row !== row || slot.version !== this.#version) this.#fill(slot, row);
      if (slot.index !== index) {
        slot.index = index;
        slot.element.style.transform = `translateY(${index * this.#rowHeight}px)`;
        slot.element.setAttribute("aria-rowindex", index + 2);
      }
      const isSelected = row === this.#selected;
      if (slot.isSelected !== isSelected) {
        slot.isSelected = isSelected;
        slot.element.setAttribute("aria-selected", isSelected);
        if (isSelected) this.#root.setAttribute("aria-activedescendant", slot.element.id);
      }
      if (slot.element.hidden) slot.element.hidden = false;
    }
    for (const slot of this.#slots) {
      if (!used.has(slot) && !slot.element.hidden) {
        slot.element.hidden = true;
        slot.row = null;
      }
    }
    if (![...used].some((slot) => slot.isSelected)) this.#root.removeAttribute("aria-activedescendant");
    this.#options.moved();
  }

  #makeSlots(count) {
    this.#slots = Array.from({ length: count }, (_, index) => {
      const element = make("div", {
        class: "row", role: "row", id: `row-${index}`, "aria-selected": false, hidden: true,
      });
      return { element, row: null, version: -1, index: -1, isSelected: false };
    });
    this.#space.replaceChildren(...this.#slots.map((slot) => slot.element));
  }

  #fill(slot, row) {
    slot.row = row;
    slot.version = this.#version;
    slot.index = -1;
    const { element } = slot;
    element.className = `row ${row.kind}${row.isRead ? " read" : ""}`;
    const event = row.kind === "event" ? this.#options.eventOf(row) : undefined;
    if (row.kind !== "event") {
      const span = Math.max(1, this.#columns.length - 1);
      const words = make("div", { class: "cell words", role: "gridcell", "aria-colspan": span, text: row.words });
      element.replaceChildren(this.#timeCell(row), words);
    } else if (this.#isCompact) {
      this.#fillCompact(element, row, event);
    } else {
      const cells = this.#columns.slice(1).map((column) => this.#cell(row, event, column));
      element.replaceChildren(this.#timeCell(row), ...cells);
    }
    element.style.setProperty("--stream", this.#options.colorOf(row.stream));
  }

  #timeCell(row) {
    const time = make("time", { text: this.#options.timeOf(row) });
    if (Number.isFinite(row.time)) time.title = new Date(row.time).toISOString();
    return make("div", { class: "cell time", role: "gridcell" }, time);
  }

  #cell(row, event, column) {
    const text = this.#text(row, event, column);
    return make("div", { class: "cell", role: "gridcell", text, "data-column": column.path });
  }

  #text(row, event, column) {
    if (column.path === streamColumn) return row.stream;
    if (column.path === eventColumn) return summary(event, row.text);
    const found = firstValue(event, column.paths);
    return found === undefined ? "" : brief(found.value);
  }

  /** Two lines: the longest of the columns above, the others below it. */
  #fillCompact(element, row, event) {
    const columns = this.#columns.slice(1);
    const texts = columns.map((column) => ({ width: column.width, text: this.#text(row, event, column) }));
    const main = texts.reduce((best, one) => (one.text && (!best || one.width > best.width) ? one : best), null);
    const rest = texts.filter((one) => one !== main && one.text).map((one) => one.text).join(" · ");
    element.replaceChildren(
      make("div", { class: "cell main", role: "gridcell", text: main ? main.text : summary(event, row.text) }),
      this.#timeCell(row),
      make("div", { class: "cell rest", role: "gridcell", text: rest }));
  }

  /** What changes with the time alone. */
  refreshTimes() {
    for (const slot of this.#slots) {
      if (!slot.row) continue;
      const time = slot.element.querySelector("time");
      const text = this.#options.timeOf(slot.row);
      if (time && time.textContent !== text) time.textContent = text;
    }
  }

  // What somebody does

  /** Marks a row, also as one that somebody looked at. */
  select(row) {
    if (row && !row.isRead) {
      row.isRead = true;
      this.#version += 1;
    }
    this.#selected = row;
    this.#isPinned = row !== null;
    if (!row) this.#root.removeAttribute("aria-activedescendant");
    this.draw();
  }

  /** Goes to the newest event, and stays there as others come. */
  follow() {
    this.#isPinned = false;
    this.#root.scrollTop = 0;
    this.draw();
  }

  /** Scrolls just as far as needed to show a row. */
  reveal(row) {
    const place = this.#options.store.placeOf(row);
    if (place < 0) return;
    const top = place * this.#rowHeight;
    const head = this.#isCompact ? 0 : this.#head.offsetHeight;
    const { scrollTop, clientHeight } = this.#root;
    const lowest = top + this.#rowHeight + head - clientHeight;
    if (top < scrollTop) this.#root.scrollTop = top;
    else if (lowest > scrollTop) this.#root.scrollTop = lowest;
  }

  /** The row that is so many places older than the selected one. */
  neighbour(distance) {
    const { store } = this.#options;
    if (!store.count) return null;
    const place = this.#selected ? store.placeOf(this.#selected) : -1;
    const from = place < 0 ? this.above - Math.sign(distance) : place;
    return store.newest(Math.max(0, Math.min(store.count - 1, from + distance))) ?? null;
  }

  #rowAt(target) {
    const element = target.closest(".row");
    const slot = element && this.#slots.find((slot) => slot.element === element);
    return slot ? slot.row : null;
  }

  #cellAt(target) {
    const cell = target.closest(".cell[data-column]");
    const row = cell && this.#rowAt(cell);
    if (!row || row.kind !== "event") return undefined;
    const column = this.#columns.find(({ path }) => path === cell.dataset.column);
    // Other columns were chosen, and this cell is about to go.
    if (!column) return undefined;
    if (column.path === streamColumn) return { cell, names: ["meta", "stream"], value: row.stream };
    const found = firstValue(this.#options.eventOf(row), column.paths);
    return found && { cell, ...found };
  }

  /** Rows move while they are pressed: the one that was under the pointer then is meant. */
  #click(event) {
    if (event.target.closest(".cell-actions, .grip, .list-head")) return;
    const row = this.#pressed ?? this.#rowAt(event.target);
    this.#pressed = null;
    if (row) this.#options.opened(row, false);
  }

  #menu(event) {
    const found = this.#cellAt(event.target);
    if (!found) return;
    event.preventDefault();
    this.#options.asked(found.names, found.value, event.target);
  }

  #cellActions() {
    const button = (text, label, is) => make("button", {
      type: "button", tabindex: -1, text, title: label,
      click: (event) => {
        event.stopPropagation();
        const found = this.#cellAt(event.target);
        if (found) this.#options.condition(found.names, found.value, is);
      },
    });
    return make("span", { class: "cell-actions", "aria-hidden": true },
      button("=", "Only events with this value", true), button("≠", "Without this value", false));
  }

  #hover(event) {
    if (event.pointerType !== "mouse" || event.target.closest(".cell-actions")) return;
    const found = this.#cellAt(event.target);
    const isFit = found && (found.value === null || typeof found.value !== "object");
    if (isFit && found.cell.textContent) found.cell.append(this.#actions);
    else this.#actions.remove();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.#root) return;
    const page = Math.max(1, Math.floor(this.#root.clientHeight / this.#rowHeight) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      const { store } = this.#options;
      const step = steps[event.key];
      const row = Number.isFinite(step) ? this.neighbour(step) : store.newest(step < 0 ? 0 : store.count - 1);
      event.preventDefault();
      if (row) this.#options.opened(row, true);
    } else if (event.key === "Enter" && this.#selected) {
      event.preventDefault();
      this.#options.entered();
    }
  }
}
