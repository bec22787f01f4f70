// One stream, followed for as long as it is wanted: it comes back by itself, where it was.
//
// It is read with fetch instead of EventSource, which tells nothing of heartbeats (so not of a dead line), of the
// reason why a stream was refused, or of how much still waits to be read.

import { MessageReader } from "./sse.js";

/** A line without a sign of life for so long is dead: the server sends a heartbeat every 15 seconds. */
const silenceLimit = 45_000;
const longestWait = 30_000;

/** Whether asking again makes no sense: the request itself is wrong. */
const isRefusal = (status) => status >= 400 && status < 500 && ![408, 425, 429].includes(status);

/** Seconds or a date, as milliseconds from now; undefined for anything else. */
export function retryAfter(text, now) {
  if (!text) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The wait before another attempt: twice as long each time, not for all pages the same, and as the server asks. */
export function waitBefore(attempt, asked, random = Math.random()) {
  const own = Math.min(longestWait, 500 * 2 ** Math.min(attempt, 10));
  return Math.max(asked ?? 0, own / 2 + (own / 2) * random);
}

/**
 * States that are told: connecting, streaming, waiting (reason, until), failed (problem), ended, stopped.
 */
export class Feed {
  #run = null;
  #take;
  #tell;

  /**
   * @param take is given messages and what they came with; the stream waits while its promise is open
   * @param tell is told the state
   */
  constructor(take, tell) {
    this.#take = take;
    this.#tell = tell;
  }

  get isOpen() { return this.#run !== null; }

  /** Follows a stream from an id; where that is empty, from where the address says. */
  open(address, id = "") {
    this.#end();
    const run = { address, id, stop: new AbortController(), attempt: 0, wake: null };
    this.#run = run;
    addEventListener("online", this.retryNow);
    this.#follow(run);
  }

  close() {
    if (!this.#run) return;
    this.#end();
    this.#tell({ name: "stopped" });
  }

  /** Ends the wait for another attempt. */
  retryNow = () => {
    if (this.#run && this.#run.wake) this.#run.wake();
  };

  #end() {
    const run = this.#run;
    this.#run = null;
    removeEventListener("online", this.retryNow);
    if (!run) return;
    run.stop.abort();
    if (run.wake) run.wake();
  }

  async #follow(run) {
    while (run === this.#run) {
      if (run.attempt === 0) this.#tell({ name: "connecting" });
      const result = await this.#connect(run);
      if (run !== this.#run) return;
      if (result.name === "failed" || result.name === "ended") {
        this.#end();
        return this.#tell(result);
      }
      const wait = result.isAtOnce ? 0 : waitBefore(run.attempt, result.asked);
      run.attempt += 1;
      if (wait) {
        this.#tell({ name: "waiting", reason: result.reason, until: Date.now() + wait, attempt: run.attempt });
        await this.#sleep(run, wait);
      }
    }
  }

  #sleep(run, wait) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      run.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => { run.wake = null; });
  }

  /** One request, to its end. */
  async #connect(run) {
    const silence = new AbortController();
    let timer = 0;
    const sign = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceLimit);
    };
    const headers = { Accept: "text/event-stream" };
    if (run.id) headers["Last-Event-ID"] = ascii(run.id);
    const reader = new MessageReader(run.id);
    let problem;
    try {
      sign();
      const signal = AbortSignal.any([run.stop.signal, silence.signal]);
      const answer = await fetch(run.address, { headers, signal, cache: "no-store" });
      if (answer.status === 204) return { name: "ended" };
      if (!answer.ok) return await this.#refused(answer);
      this.#tell({ name: "streaming" });
      run.attempt = 0;
      const body = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await body.read();
        if (done) break;
        sign();
        const messages = reader.push(value);
        for (const message of messages) if (message.event === "error") problem = message.data;
        if (messages.length) {
          clearTimeout(timer);
          await this.#take(messages);
          if (run !== this.#run) return { name: "stopped" };
          run.id = messages[messages.length - 1].id;
          sign();
        }
      }
      if (problem) return { name: "again", reason: detailOf(problem), asked: reader.retry };
      // One that sent all that it was asked for is ended by the next answer: 204.
      const isAtOnce = /[?&](until|limit)=/.test(run.address) && /"final":true/.test(run.id);
      return { name: "again", reason: "The server ended the stream.", asked: reader.retry, isAtOnce };
    } catch {
      if (silence.signal.aborted) return { name: "again", reason: "The line went silent." };
      const reason = navigator.onLine ? "The server can't be reached." : "This computer is offline.";
      return { name: "again", reason };
    } finally {
      clearTimeout(timer);
    }
  }

  async #refused(answer) {
    let problem = { status: answer.status, detail: `The server answered ${answer.status}.` };
    try {
      const told = await answer.json();
      if (told && typeof told.detail === "string") problem = told;
    } catch {
      // The status says enough.
    }
    if (isRefusal(answer.status)) return { name: "failed", problem };
    return { name: "again", reason: problem.detail, asked: retryAfter(answer.headers.get("Retry-After"), Date.now()) };
  }
}

function detailOf(text) {
  try {
    return JSON.parse(text).detail || text;
  } catch {
    return text;
  }
}

/** An id for a header, which holds no other characters. */
function ascii(id) {
  return id.replace(/[^\x20-\x7e]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
