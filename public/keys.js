// The page by keyboard, and the sheet that says how.

import { element, make } from "./dom.js";

/**
 * @param commands lists of keys, words and what to do; those without a deed are told only
 */
export class Keys {
  #commands;
  #dialog = element("help");

  constructor(commands) {
    this.#commands = [...commands, { keys: ["?"], words: "This sheet", run: () => this.show() }];
    addEventListener("keydown", (event) => this.#press(event));
    element("help-button").addEventListener("click", () => this.show());
    element("help-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", (event) => { if (event.target === this.#dialog) this.#dialog.close(); });
    element("help-keys").append(...this.#commands.flatMap(({ keys, label, words }) => [
      make("dt", {}, ...keys.map((key) => make("kbd", { text: label ?? key }))), make("dd", { text: words }),
    ]));
  }

  show() { if (!this.#dialog.open) this.#dialog.showModal(); }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || this.#dialog.open) return;
    if (event.target.closest("input, select, textarea, [popover]")) return;
    const command = this.#commands.find(({ keys, run }) => run && keys.includes(event.key));
    if (!command) return;
    event.preventDefault();
    command.run();
  }
}
