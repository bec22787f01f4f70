// How it stands, in words: connected, behind, paused, lost.

import { filterOf } from "./address.js";
import { announce, element } from "./dom.js";
import { counted, perSecond } from "./text.js";
import { span } from "./time.js";

/** An event older than this, while events come, shows that the page catches up. */
const behindAfter = 30_000;
/** Somebody who was away that long may rather see what comes now. */
const longAgo = 10 * 60_000;

export class StatusLine {
  #session;
  #options;
  #said = "";
  #counted = 0;

  /** @param options `view()`; `skipped()` and `showJournal()` are told what somebody wants */
  constructor(session, options) {
    this.#session = session;
    this.#options = options;
    element("banner-close").addEventListener("click", () => this.banner(""));
    element("status-action").addEventListener("click", () => this.#act());
    element("gaps").addEventListener("click", () => options.showJournal());
  }

  banner(text) {
    element("banner").hidden = !text;
    if (element("banner-text").textContent !== text) element("banner-text").textContent = text;
  }

  draw() {
    const session = this.#session;
    const { state } = session;
    const now = Date.now();
    const [name, text, action] = this.#words(now);
    const status = element("status");
    if (status.dataset.state !== name) status.dataset.state = name;
    if (status.textContent !== text) status.textContent = text;
    element("status-action").hidden = !action;
    if (action) element("status-action").textContent = action;
    const spoken = { waiting: `${state.reason} It is tried again.`, streaming: "Connected" }[state.name] ?? text;
    if (this.#said !== state.name) {
      this.#said = state.name;
      announce(spoken);
    }
    const isSpan = this.#options.view().until !== "";
    element("rate").textContent = perSecond(isSpan ? 0 : session.rates.rate(now));
    element("count").textContent = session.count.toLocaleString("en");
    const kept = session.store.dropped ? `, the newest ${session.store.count.toLocaleString("en")} kept` : "";
    element("count-word").textContent = (session.count === 1 ? "event" : "events") + kept;
    element("gaps").hidden = session.gaps === 0;
    element("gaps").textContent = counted(session.gaps, "gap");
    this.#drawPause();
    if (state.name === "failed") this.banner(state.problem.type === "invalid_filter" ? "" : state.problem.detail);
  }

  #drawPause() {
    const { isPaused, waiting } = this.#session;
    const resume = waiting ? `Resume (${waiting.toLocaleString("en")} wait)` : "Resume";
    element("pause-label").textContent = isPaused ? resume : "Pause";
    element("pause-icon").setAttribute("href", isPaused ? "#icon-play" : "#icon-pause");
    document.body.classList.toggle("paused", isPaused);
  }

  /** The state's name, its words, and what can be done about it. */
  #words(now) {
    const { state, isPaused, waiting } = this.#session;
    switch (state.name) {
      case "connecting": return ["connecting", "Connecting", ""];
      case "waiting": {
        const wait = state.until > now ? ` in ${span(state.until - now + 999)}` : "";
        return ["waiting", `Reconnecting${wait}`, "Now"];
      }
      case "failed": return ["failed", "Refused", "Try again"];
      case "ended": return ["ended", "Complete", ""];
      case "asleep": return ["asleep", "Asleep in the background", "Go on"];
      case "stopped":
        if (isPaused) return ["paused", "Paused, full", ""];
        return ["stopped", "Stopped", this.#options.view().streams.length ? "Go on" : ""];
      default: break;
    }
    if (isPaused) return ["paused", waiting ? "Paused" : "Paused, nothing waits", ""];
    const behind = this.#behind(now);
    if (behind > behindAfter) return ["streaming", `${span(behind)} behind`, behind > longAgo ? "Skip to now" : ""];
    return ["streaming", "Live", ""];
  }

  /** How far events that come in this moment are behind; 0 where none come, or where the past is what was asked for. */
  #behind(now) {
    const { newest, count } = this.#session;
    const isComing = count !== this.#counted;
    this.#counted = count;
    return isComing && newest !== undefined && !this.#options.view().until ? now - newest : 0;
  }

  #act() {
    const { state } = this.#session;
    if (state.name === "waiting") this.#session.retryNow();
    else if (state.name === "streaming") this.#options.skipped();
    else if (state.name === "asleep") this.#session.wake();
    else this.#session.again();
  }

  /** Why the list is empty. */
  emptyWords() {
    const { state, isPaused } = this.#session;
    const view = this.#options.view();
    if (!view.streams.length) return "Choose a stream.";
    if (isPaused) return "Paused.";
    if (state.name === "failed") return state.problem.detail;
    const isFiltered = filterOf(view) !== "";
    if (state.name === "ended" && isFiltered) return "No event in this span fits the filter.";
    if (state.name === "ended") return "There is no event in this span.";
    if (state.name !== "streaming") return "Connecting…";
    return isFiltered
      ? "No event fits the filter yet. Those that do are shown as they come."
      : "No event yet. They are shown as they come.";
  }
}
