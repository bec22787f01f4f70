// Small drawings of a day: a line of numbers, and a strip of states. A null is a time of which nothing is known.

const space = "http://www.w3.org/2000/svg";

function draw(tag, attributes = {}, ...children) {
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

function title(words) {
  const made = draw("title");
  made.textContent = words;
  return made;
}

/** Runs of numbers between those that are not known, as [place, numbers]. */
export function runs(values) {
  const found = [];
  let run = null;
  values.forEach((value, place) => {
    if (value === null) {
      run = null;
      return;
    }
    if (!run) {
      run = [place, []];
      found.push(run);
    }
    run[1].push(value);
  });
  return found;
}

/** A number as a coordinate: short, since there are many. */
const short = (number) => Math.round(number * 100) / 100;

/**
 * A line over a day. Where nothing is known, the ground is grey.
 *
 * @param values numbers or null, oldest first
 * @param words what it shows, for those who don't see it
 */
export function line(values, words, { isTall = false } = {}) {
  const [width, height] = [values.length, 100];
  const top = Math.max(1, ...values.filter((value) => value !== null));
  const parts = [title(words)];
  values.forEach((value, place) => {
    // Neighbours are one rectangle.
    if (value !== null || (place > 0 && values[place - 1] === null)) return;
    let end = place;
    while (end < width && values[end] === null) end += 1;
    parts.push(draw("rect", { class: "away", x: place, y: 0, width: end - place, height }));
  });
  for (const [start, run] of runs(values)) {
    const points = run.map((value, index) => `${start + index + 0.5},${short(height - (value / top) * (height - 4))}`);
    const [first, last] = [start + 0.5, start + run.length - 0.5];
    parts.push(draw("path", { class: "area", d: `M${first},${height}L${points.join("L")}L${last},${height}Z` }));
    parts.push(draw("path", { class: "edge", d: `M${points.join("L")}${run.length === 1 ? "h.01" : ""}` }));
  }
  const attributes = { class: isTall ? "line tall" : "line", viewBox: `0 0 ${width} ${height}` };
  return draw("svg", { ...attributes, preserveAspectRatio: "none", role: "img", "aria-label": words }, ...parts);
}

/** The states of a day, a bar for each step: its height tells how many events there were. */
export function strip(states, events, words) {
  const top = Math.max(1, ...events.filter((value) => value !== null));
  const bars = states.map((state, place) => {
    const tall = state === null ? 12 : 25 + 75 * Math.sqrt((events[place] ?? 0) / top);
    return draw("rect", { class: state ?? "unknown", x: place + 0.1, y: short(100 - tall), width: 0.8, height: short(tall) });
  });
  const attributes = { class: "strip", viewBox: `0 0 ${states.length} 100`, preserveAspectRatio: "none" };
  return draw("svg", { ...attributes, role: "img", "aria-label": words }, title(words), ...bars);
}
