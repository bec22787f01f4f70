// How many events came in each second, by stream.

const kept = 3600;

export class Rates {
  #seconds = new Map();
  #streams = new Map();

  /** @param time milliseconds since 1970 */
  note(time, stream) {
    const second = Math.floor(time / 1000);
    let counts = this.#seconds.get(second);
    if (!counts) {
      counts = new Map();
      this.#seconds.set(second, counts);
      if (this.#seconds.size > kept * 1.1) this.#forget();
    }
    counts.set(stream, (counts.get(stream) ?? 0) + 1);
    this.#streams.set(stream, (this.#streams.get(stream) ?? 0) + 1);
  }

  #forget() {
    const seconds = [...this.#seconds.keys()].sort((a, b) => a - b);
    for (const second of seconds.slice(0, seconds.length - kept)) this.#seconds.delete(second);
  }

  /** The streams that were seen, busiest first. */
  get streams() {
    return [...this.#streams].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  }

  /**
   * Events a second in each of `count` equal parts of a span, by stream.
   *
   * @return a list of maps from stream to rate, oldest first
   */
  bars(from, to, count) {
    const width = (to - from) / count;
    const bars = Array.from({ length: count }, () => new Map());
    const add = (second, counts) => {
      const index = Math.floor((second * 1000 - from) / width);
      if (index < 0 || index >= count) return;
      const bar = bars[index];
      for (const [stream, number] of counts) bar.set(stream, (bar.get(stream) ?? 0) + number / (width / 1000));
    };
    for (const [second, counts] of this.#seconds) add(second, counts);
    return bars;
  }

  /** Events a second over the last ten full seconds. */
  rate(now, stream) {
    const last = Math.floor(now / 1000);
    let sum = 0;
    for (let second = last - 10; second < last; second += 1) {
      const counts = this.#seconds.get(second);
      if (!counts) continue;
      for (const [name, number] of counts) if (stream === undefined || name === stream) sum += number;
    }
    return sum / 10;
  }

  clear() {
    this.#seconds.clear();
    this.#streams.clear();
  }
}

/** A whole number of seconds for each bar, so that none has more seconds in it than its neighbour. */
export function barWidth(span, pixels, narrowest = 3) {
  const most = Math.max(1, Math.floor(pixels / narrowest));
  const widths = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
  return (widths.find((seconds) => span / (seconds * 1000) <= most) ?? Math.ceil(span / 1000 / most)) * 1000;
}

/** A round number that is not below a highest value. */
export function ceiling(highest) {
  if (!(highest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 3, 5, 10].map((step) => step * power).find((value) => value >= highest * 0.999) ?? 10 * power;
}
