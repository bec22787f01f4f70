// Small menus: downloads and settings.

import { element, place, placeBelow, toast } from "./dom.js";
import { csv, fileName, ndjson, save } from "./export.js";
import { settings } from "./settings.js";
import { counted } from "./text.js";

export class Downloads {
  #store;
  #options;

  /** @param options `streams()`, `columns()` and `eventOf(row)` */
  constructor(store, options) {
    this.#store = store;
    this.#options = options;
  }

  listen() {
    const popover = element("download-popover");
    popover.addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      element("download-head").textContent = `${counted(this.#store.count, "row")} of the list`;
      place(popover, element("download-button"));
    });
    const on = (kind, run) => element(`download-${kind}`).addEventListener("click", () => {
      popover.hidePopover();
      run();
    });
    const name = (ending) => fileName(this.#options.streams(), ending);
    on("ndjson", () => save(name("ndjson"), "application/x-ndjson", ndjson(this.#store.rows)));
    on("csv", () => this.#saveCSV());
  }

  async #saveCSV() {
    toast("Making the file…");
    const pieces = await csv([...this.#store.rows], this.#options.columns(), this.#options.eventOf);
    save(fileName(this.#options.streams(), "csv"), "text/csv;charset=utf-8", pieces);
  }
}

export class SettingsMenu {
  #alerts;
  #options;

  /** @param options `say(text)` tells what stands in the way of something */
  constructor(alerts, options) {
    this.#alerts = alerts;
    this.#options = options;
    const popover = element("settings-popover");
    placeBelow(popover, element("settings-button"));
    for (const control of popover.querySelectorAll("[data-setting]")) {
      control.addEventListener("change", () => this.#changed(control));
    }
    settings.addEventListener("change", () => this.#show());
    this.#show();
  }

  #show() {
    for (const control of element("settings-popover").querySelectorAll("[data-setting]")) {
      const value = settings.get(control.dataset.setting);
      if (control.type === "checkbox") control.checked = value;
      else control.value = String(value);
    }
    const theme = settings.get("theme");
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  async #changed(control) {
    const { setting } = control.dataset;
    const value = control.type === "checkbox" ? control.checked : control.value;
    if (value === true && (setting === "notify" || setting === "sound")) {
      const obstacle = await this.#alerts.allow(setting);
      if (obstacle) {
        control.checked = false;
        return this.#options.say(obstacle);
      }
    }
    settings.set(setting, setting === "sleep" ? Number(value) : value);
  }

  toggleTheme() {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = settings.get("theme") === "system" ? (isDark ? "dark" : "light") : settings.get("theme");
    settings.set("theme", now === "dark" ? "light" : "dark");
  }
}
