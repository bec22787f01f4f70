// The panel beside the list: an event, the most frequent values, the same stream elsewhere, what happened.

import { copy, element, make, textButton } from "./dom.js";
import { settings } from "./settings.js";
import { usage } from "./usage.js";

const widths = [280, 1000];
const uses = [
  ["curl", "curl"], ["javascript", "JavaScript, in a browser"], ["python", "Python, with requests-sse"],
  ["consume", "The program of this service"],
];

export class Side {
  #side = element("side");
  #grip = element("side-grip");
  #shown = null;

  /** @param told `opened(panel)` and `closed()` are told what somebody does */
  constructor(told) {
    for (const tab of element("side-tabs").children) {
      tab.addEventListener("click", () => this.#shown === tab.dataset.panel || told.opened(tab.dataset.panel));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const tabs = [...element("side-tabs").children].filter((one) => !one.hidden);
        const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
        next.focus();
        told.opened(next.dataset.panel);
      });
    }
    for (const panel of ["top", "use", "journal"]) {
      element(`open-${panel}`).addEventListener("click", () => told.opened(panel));
    }
    element("side-close").addEventListener("click", () => told.closed());
    this.#listenToGrip();
    this.#widen(settings.get("side"));
  }

  get shown() { return this.#shown; }

  show(panel, { view }) {
    this.#shown = panel;
    this.#side.hidden = panel === null;
    element("work").classList.toggle("with-side", panel !== null);
    for (const tab of element("side-tabs").children) {
      const name = tab.dataset.panel;
      const isShown = name === panel;
      tab.setAttribute("aria-selected", isShown);
      tab.tabIndex = isShown ? 0 : -1;
      element(`panel-${name}`).hidden = !isShown;
    }
    element("side-event").hidden = panel !== "event" && !view.event;
    for (const name of ["top", "use", "journal"]) element(`open-${name}`).setAttribute("aria-pressed", name === panel);
    if (panel === "use") this.#drawUses(view);
  }

  #drawUses(view) {
    const texts = usage(view, location.origin);
    element("use-list").replaceChildren(
      make("p", { class: "quiet", text: "The same stream, with the same filter, from the same place:" }),
      ...uses.flatMap(([kind, words]) => [
        make("div", { class: "use-head" }, make("h3", { text: words }),
          textButton("Copy", () => copy(texts[kind], words), { "aria-label": `Copy: ${words}` })),
        make("pre", { tabindex: 0, id: `use-${kind}`, "aria-label": words, text: texts[kind] }),
      ]),
      make("p", {}, textButton("Copy a link to this page", () => copy(location.href, "Link"))));
  }

  #widen(width) {
    const bounded = Math.round(Math.min(widths[1], Math.max(widths[0], width)));
    this.#side.style.setProperty("--side", `${bounded}px`);
    this.#grip.setAttribute("aria-valuenow", bounded);
    return bounded;
  }

  #listenToGrip() {
    this.#grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.#grip.setPointerCapture(event.pointerId);
      let width = this.#side.offsetWidth;
      const start = event.clientX + width;
      const move = (event) => { width = this.#widen(start - event.clientX); };
      this.#grip.addEventListener("pointermove", move);
      this.#grip.addEventListener("lostpointercapture", () => {
        this.#grip.removeEventListener("pointermove", move);
        settings.set("side", width);
      }, { once: true });
    });
    this.#grip.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: 24, ArrowRight: -24 }[event.key];
      if (!step) return;
      event.preventDefault();
      settings.set("side", this.#widen(this.#side.offsetWidth + step));
    });
  }
}
