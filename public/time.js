// Times and spans in words.

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** "12 s", "5 min", "3 h", "2 d": the largest unit that says it, rounded down. */
export function span(milliseconds) {
  const length = Math.max(0, milliseconds);
  if (length < second) return length < 1 ? "0 s" : `${Math.round(length)} ms`;
  if (length < minute) return `${Math.floor(length / second)} s`;
  if (length < hour) return `${Math.floor(length / minute)} min`;
  if (length < 2 * day) return `${Math.floor(length / hour)} h`;
  return `${Math.floor(length / day)} d`;
}

export function ago(time, now) {
  const length = now - time;
  if (length < second) return length < -minute ? `in ${span(-length)}` : "now";
  return `${span(length)} ago`;
}

const pad = (number, digits = 2) => String(number).padStart(digits, "0");

/** The time of a day, to the millisecond; with the date where it is another day than today. */
export function clock(time, now, isUniversal) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "";
  const get = (name) => (isUniversal ? date[`getUTC${name}`]() : date[`get${name}`]());
  const today = new Date(now);
  const isToday = isUniversal
    ? date.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)
    : date.toDateString() === today.toDateString();
  const hours = `${pad(get("Hours"))}:${pad(get("Minutes"))}:${pad(get("Seconds"))}`;
  if (isToday) return `${hours}.${pad(get("Milliseconds"), 3)}`;
  return `${pad(get("Month") + 1)}-${pad(get("Date"))} ${hours}`;
}

/** Hours and minutes, and seconds where they matter. */
export function shortClock(time, withSeconds, isUniversal) {
  const date = new Date(time);
  const get = (name) => (isUniversal ? date[`getUTC${name}`]() : date[`get${name}`]());
  return `${pad(get("Hours"))}:${pad(get("Minutes"))}${withSeconds ? `:${pad(get("Seconds"))}` : ""}`;
}

/** The time that an event tells; undefined where it tells none. */
export function eventTime(event) {
  const text = event && event.meta && event.meta.dt;
  const time = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

const durations = new Map([
  ["PT0S", "now"], ["PT1M", "the last minute"], ["PT10M", "the last 10 minutes"], ["PT1H", "the last hour"],
  ["P1D", "the last day"], ["P7D", "the last week"],
]);

/** A `since` or `until` in words. */
export function timeWords(text) {
  if (durations.has(text)) return durations.get(text);
  const time = Date.parse(text);
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(time)) {
    const date = new Date(time);
    return `${date.toISOString().slice(0, 10)} ${shortClock(time, true, false)}`;
  }
  return text;
}
