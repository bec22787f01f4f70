// The choice of columns: the usual ones of a stream until somebody chooses others.

import { bounded, rememberColumns, rememberedColumns, usualColumns } from "./columns.js";
import { element, make, placeBelow, quiet, toast } from "./dom.js";
import { brief } from "./text.js";

/** Events after which the usual columns are decided: then most fields were seen. */
const enough = [1, 10, 60];
const width = 160;

export class ColumnChoice {
  #list;
  #fields;
  #options;
  #columns = [];
  #isUsual = true;
  #learnt = -1;
  #popover = element("columns-popover");

  /** @param options `view()`; `chosen(paths)` is told what somebody chose, null: the usual ones */
  constructor(list, fields, options) {
    this.#list = list;
    this.#fields = fields;
    this.#options = options;
    this.#popover.addEventListener("beforetoggle", (event) => {
      if (event.newState !== "open") return;
      element("columns-input").value = "";
      this.#draw();
    });
    placeBelow(this.#popover, element("columns-button"), () => element("columns-input").focus());
    element("columns-input").addEventListener("input", () => this.#draw());
    element("columns-reset").addEventListener("click", () => {
      rememberColumns(this.#options.view().streams, null);
      this.#popover.hidePopover();
      this.#learnt = -1;
      this.#options.chosen(null);
      this.show();
    });
  }

  get paths() { return this.#columns.map(({ path }) => path).filter((path) => !path.startsWith("(")); }

  /** Shows those of the address, or those that somebody chose for these streams, or the usual ones. */
  show() {
    const { columns, streams } = this.#options.view();
    const remembered = rememberedColumns(streams);
    this.#learnt = -1;
    if (columns) {
      const known = new Map([...this.#columns, ...(remembered ?? [])].map((column) => [column.path, column.width]));
      this.#set(columns.map((path) => ({ path, width: known.get(path) ?? width })), false);
    } else if (remembered) {
      this.#set(remembered, false);
    } else {
      this.#set(usualColumns(this.#fields, streams.length), true);
      this.#learnt = this.#fields.events ? this.#step() : -1;
    }
  }

  /** The usual columns follow from what the first events have. */
  learn() {
    if (!this.#isUsual || this.#step() === this.#learnt) return;
    this.#learnt = this.#step();
    const columns = usualColumns(this.#fields, this.#options.view().streams.length);
    const isSame = columns.length === this.#columns.length
      && columns.every(({ path }, index) => path === this.#columns[index].path);
    if (!isSame) this.#set(columns, true);
  }

  #step() { return enough.filter((count) => this.#fields.events >= count).length; }

  #set(columns, isUsual) {
    this.#columns = columns;
    this.#isUsual = isUsual;
    this.#list.setColumns(columns);
  }

  add(path) {
    if (this.#columns.some((column) => column.path.split("|").includes(path))) return toast("It is a column already");
    this.#choose([...this.#columns, { path, width }]);
  }

  #choose(columns) {
    this.#set(columns, false);
    rememberColumns(this.#options.view().streams, columns);
    this.#options.chosen(columns.map(({ path }) => path));
  }

  /** @param index in the list, where the time stands first */
  resize(index, wanted, isDone) {
    this.#list.setWidth(index, bounded(wanted));
    if (index === 0) return;
    this.#columns[index - 1].width = bounded(wanted);
    if (isDone) rememberColumns(this.#options.view().streams, this.#columns);
  }

  #draw() {
    const typed = element("columns-input").value.toLowerCase();
    const chosen = this.#columns.map(({ path }) => path);
    const shown = new Set(chosen.flatMap((path) => path.split("|")));
    const others = this.#fields.all.map(({ path }) => path).filter((path) => !shown.has(path));
    const paths = [...chosen, ...["(stream)", "(event)"].filter((path) => !chosen.includes(path)), ...others];
    const found = paths.filter((path) => path.toLowerCase().includes(typed)).slice(0, 200);
    element("columns-list").replaceChildren(...found.map((path) => {
      const input = make("input", { type: "checkbox" });
      input.checked = chosen.includes(path);
      input.addEventListener("change", () => {
        const kept = this.#columns.filter((column) => column.path !== path);
        const columns = input.checked ? [...kept, { path, width }] : kept;
        if (columns.length) this.#choose(columns);
        else input.checked = true;
      });
      const some = this.#fields.values(path).slice(0, 2).join(", ");
      return make("label", {}, input, make("code", { text: brief(path, 60) }), quiet(brief(some, 40)));
    }));
  }
}
