// Events a second by stream over the last minutes, drawn. Drawing over a span with the pointer shows it in the list.

import { element, isolated, make } from "./dom.js";
import { linesOf, pastAddress } from "./past.js";
import { Rates, barWidth, ceiling } from "./rates.js";
import { counted, parse, perSecond } from "./text.js";
import { eventTime, shortClock, span } from "./time.js";

const colours = 8;
const left = 36;
const bottom = 16;
const shortest = 2000;

/** Events that are read of the past without being asked to, so that the graph of a slow stream begins with some. */
const pastAtOnce = 3000;

export class Graph {
  #options;
  #canvas = element("graph-canvas");
  #area = element("graph-area");
  #hint = element("graph-hint");
  #selection = element("graph-selection");
  #past = null;
  #loading = null;
  #isAsked = false;
  #shown = null;
  #colours = new Map();
  #dragged = null;
  /** Tells how a colour that depends on the theme comes out: a drawing takes no others. */
  #probe = make("span", { hidden: true });

  /**
   * @param options `rates`; `view()` and `filter()` say what is shown; `zoomed(from, to)` is told which span somebody
   *   wants to see; `isUniversal()`; `say(text)` tells what went wrong
   */
  constructor(options) {
    this.#options = options;
    this.#area.append(this.#probe);
    new ResizeObserver(() => this.draw()).observe(this.#area);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.#area.addEventListener("pointerdown", (event) => this.#press(event));
    this.#area.addEventListener("pointermove", (event) => this.#move(event));
    this.#area.addEventListener("pointerup", (event) => this.#release(event));
    this.#area.addEventListener("pointercancel", () => this.#cancel());
    this.#area.addEventListener("pointerleave", () => { this.#hint.hidden = true; });
    element("graph-window").addEventListener("change", () => this.draw());
    element("graph-past").addEventListener("click", () => this.#loadPast(true));
  }

  /** The colour of a stream: each keeps its own while it is shown. */
  colorOf(stream) {
    if (!this.#colours.has(stream)) this.#colours.set(stream, this.#colours.size % colours);
    return `var(--series-${this.#colours.get(stream) + 1})`;
  }

  #computed(colour) {
    this.#probe.style.color = colour;
    return getComputedStyle(this.#probe).color;
  }

  /** Forgets what was shown. */
  clear() {
    this.#past = null;
    this.#stop();
    this.#cancel();
  }

  /** Other streams are shown: each gets a colour, in their order. */
  setStreams(names) {
    this.#colours.clear();
    for (const name of names) this.colorOf(name);
  }

  #stop() {
    if (this.#loading) this.#loading.abort();
    this.#loading = null;
    element("graph-past").textContent = "Fill from the past";
  }

  #window() {
    const view = this.#options.view();
    const [since, until] = [Date.parse(view.since), Date.parse(view.until)];
    if (!Number.isNaN(since) && !Number.isNaN(until) && until > since) return { from: since, to: until };
    const length = Number(element("graph-window").value) * 60_000;
    const to = Math.ceil(Date.now() / 1000) * 1000;
    return { from: to - length, to };
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.#area;
    if (!width || !height) return;
    const ratio = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const pen = this.#canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const { from, to } = this.#window();
    const inner = { width: width - left - 4, height: height - bottom - 6 };
    const step = barWidth(to - from, inner.width);
    const start = Math.floor(from / step) * step;
    const count = Math.max(1, Math.ceil((to - start) / step));
    const bars = this.#bars(start, start + count * step, count);
    const sums = bars.map((bar) => [...bar.values()].reduce((sum, rate) => sum + rate, 0));
    const top = ceiling(Math.max(...sums));
    this.#shown = { from: start, to: start + count * step, step, bars, sums, inner, count };
    this.#drawAxes(pen, { width, height, top, inner });
    const order = this.#options.rates.streams;
    if (this.#past) for (const name of this.#past.streams) if (!order.includes(name)) order.push(name);
    const fills = new Map(order.map((name) => [name, this.#computed(this.colorOf(name))]));
    const barPixels = inner.width / count;
    bars.forEach((bar, index) => {
      let y = 6 + inner.height;
      for (const name of order) {
        const rate = bar.get(name);
        if (!rate) continue;
        const tall = (rate / top) * inner.height;
        pen.fillStyle = fills.get(name);
        pen.fillRect(left + index * barPixels, y - tall, Math.max(1, barPixels - (barPixels > 3 ? 1 : 0)), tall);
        y -= tall;
      }
    });
    this.#drawLegend(order);
    const [now, highest] = [this.#options.rates.rate(Date.now()), Math.max(...sums)].map(perSecond);
    const words = `Events a second over ${span(to - from)}: now ${now}, highest ${highest}`;
    this.#canvas.setAttribute("aria-label", words);
  }

  /** What was seen, and where more is known of the past, that. */
  #bars(from, to, count) {
    const bars = this.#options.rates.bars(from, to, count);
    if (!this.#past) return bars;
    this.#past.bars(from, to, count).forEach((past, index) => {
      for (const [stream, rate] of past) bars[index].set(stream, Math.max(rate, bars[index].get(stream) ?? 0));
    });
    return bars;
  }

  #drawAxes(pen, { width, height, top, inner }) {
    pen.font = `11px ${getComputedStyle(this.#area).fontFamily}`;
    pen.fillStyle = this.#computed("var(--quiet)");
    pen.strokeStyle = this.#computed("var(--line)");
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (const part of [1, 0.5, 0]) {
      const y = 6.5 + Math.round((1 - part) * inner.height);
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(width - 4, y);
      pen.stroke();
      if (part !== 0.5 || inner.height > 50) pen.fillText(perSecond(top * part), left - 6, y);
    }
    pen.textAlign = "center";
    const { from, to } = this.#shown;
    const apart = barWidth(to - from, inner.width, 84);
    const isUniversal = this.#options.isUniversal();
    for (let time = Math.ceil(from / apart) * apart; time < to; time += apart) {
      const x = left + ((time - from) / (to - from)) * inner.width;
      if (x < left + 20 || x > width - 24) continue;
      pen.fillText(shortClock(time, apart < 60_000, isUniversal), x, height - bottom / 2 + 1);
    }
  }

  #drawLegend(order) {
    const legend = element("graph-legend");
    const now = Date.now();
    const wanted = order.slice(0, colours);
    if (legend.children.length !== wanted.length) {
      const part = (name) => make("span", { class: name });
      const entry = () => make("li", {}, part("dot"), make("bdi"), part("number"));
      legend.replaceChildren(...wanted.map(entry));
    }
    wanted.forEach((name, index) => {
      const item = legend.children[index];
      item.style.setProperty("--stream", this.colorOf(name));
      const [, label, number] = item.children;
      if (label.textContent !== name) label.textContent = name;
      number.textContent = `${perSecond(this.#options.rates.rate(now, name))}/s`;
    });
  }

  // The pointer

  #timeAt(x) {
    const { from, to, inner } = this.#shown;
    const part = Math.min(1, Math.max(0, (x - left) / inner.width));
    return from + part * (to - from);
  }

  #place(event) { return event.clientX - this.#area.getBoundingClientRect().left; }

  #press(event) {
    if (event.button !== 0 || !this.#shown) return;
    event.preventDefault();
    this.#area.setPointerCapture(event.pointerId);
    this.#dragged = { from: this.#timeAt(this.#place(event)), x: this.#place(event) };
  }

  #move(event) {
    if (!this.#shown) return;
    const x = this.#place(event);
    this.#showHint(x);
    if (!this.#dragged) return;
    const [start, end] = [Math.min(x, this.#dragged.x), Math.max(x, this.#dragged.x)];
    this.#selection.hidden = end - start < 4;
    this.#selection.style.left = `${Math.max(left, start)}px`;
    this.#selection.style.width = `${end - Math.max(left, start)}px`;
  }

  #release(event) {
    if (!this.#dragged) return;
    const x = this.#place(event);
    const moved = Math.abs(x - this.#dragged.x);
    const [from, to] = [this.#dragged.from, this.#timeAt(x)].sort((a, b) => a - b);
    this.#cancel();
    if (moved < 4) return;
    const step = 1000;
    const start = Math.floor(from / step) * step;
    this.#options.zoomed(start, Math.max(start + shortest, Math.ceil(to / step) * step));
  }

  #cancel() {
    this.#dragged = null;
    this.#selection.hidden = true;
  }

  #showHint(x) {
    const { from, step, bars, sums, count, inner } = this.#shown;
    const index = Math.floor(((x - left) / inner.width) * count);
    if (index < 0 || index >= count) {
      this.#hint.hidden = true;
      return;
    }
    const time = from + index * step;
    const highest = [...bars[index]].sort((a, b) => b[1] - a[1]).slice(0, 6);
    const lines = highest.map(([name, rate]) => make("span", {}, isolated(name), ` ${perSecond(rate)}/s`));
    const head = `${shortClock(time, true, this.#options.isUniversal())}  ${perSecond(sums[index])}/s`;
    this.#hint.replaceChildren(make("strong", { text: head }), ...lines);
    this.#hint.hidden = false;
    const width = this.#hint.offsetWidth;
    this.#hint.style.left = `${Math.min(Math.max(4, x + 12), this.#area.clientWidth - width - 4)}px`;
  }

  // The past

  /** Fills the graph where that is little to read. @param rate events a second of the streams shown */
  fillIfSlow(rate) {
    const { from, to } = this.#window();
    if (!this.#options.view().until && (rate * (to - from)) / 1000 <= pastAtOnce) this.#loadPast(false);
  }

  /** @param isAsked whether somebody wants to know what went wrong */
  async #loadPast(isAsked) {
    if (this.#loading) {
      this.#stop();
      if (this.#isAsked) return;
    }
    const { from } = this.#window();
    const loading = new AbortController();
    this.#isAsked = isAsked;
    this.#loading = loading;
    const past = new Rates();
    let count = 0;
    try {
      const since = new Date(from).toISOString();
      const address = pastAddress(this.#options.view(), since, this.#options.filter(), "meta.dt");
      for await (const line of linesOf(address, loading.signal)) {
        const event = parse(line);
        const time = eventTime(event);
        if (time === undefined) continue;
        past.note(time, String(event.meta.stream ?? event.meta.topic ?? ""));
        count += 1;
        if (isAsked && count % 500 === 0) element("graph-past").textContent = `Stop (${counted(count, "event")})`;
      }
      this.#past = past;
      this.draw();
    } catch (error) {
      if (isAsked && !loading.signal.aborted) this.#options.say(`The past did not load: ${error.message}`);
    }
    if (this.#loading === loading) this.#stop();
  }
}
