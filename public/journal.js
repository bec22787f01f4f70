// What happened to the stream, in words: opened, lost, back again, gaps, notices.

import { element, make } from "./dom.js";
import { clock } from "./time.js";

const limit = 500;

export class Journal {
  #list = element("journal-list");
  #badge = element("journal-badge");
  #unread = 0;

  add(kind, text) {
    element("journal-empty").hidden = true;
    const time = clock(Date.now(), Date.now(), false).slice(0, 8);
    this.#list.prepend(make("li", { class: kind }, make("time", { text: time }), make("span", { text })));
    while (this.#list.children.length > limit) this.#list.lastElementChild.remove();
    if (["gap", "notice", "error", "lost"].includes(kind) && this.#list.closest("[hidden]")) this.#unread += 1;
    this.#mark();
  }

  /** Somebody looks at it. */
  read() {
    this.#unread = 0;
    this.#mark();
  }

  #mark() {
    this.#badge.hidden = !this.#unread;
    this.#badge.textContent = this.#unread > 99 ? "99+" : String(this.#unread);
  }
}
