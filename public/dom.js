// Elements of the page. What an event holds is shown as text alone: nothing of it is ever read as HTML.

export const element = (id) => document.getElementById(id);

/**
 * Makes an element. `text` is its text, a function listens to the event of its name, `true` is an attribute without a
 * value, and undefined, null and false leave an attribute out; those of ARIA say true and false.
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("aria-") && typeof value === "boolean") made.setAttribute(name, String(value));
    else if (value === undefined || value === null || value === false) continue;
    else if (typeof value === "function") made.addEventListener(name, value);
    else if (name === "text") made.textContent = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

/** A small button with a text. */
export function textButton(text, click, attributes = {}) {
  return make("button", { type: "button", class: "small", text, click, ...attributes });
}

/** A text of an event, whose direction has no effect on what stands around it. */
export const isolated = (text) => make("bdi", { text });

export const quiet = (text) => make("span", { class: "quiet", text });

let announcement = 0;

/** Says something to those who listen to the page instead of looking at it. The last of several at once is said. */
export function announce(text) {
  clearTimeout(announcement);
  announcement = setTimeout(() => { element("announcements").textContent = text; }, 200);
}

/** Copies a text, and says so for a moment. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the permission, or over plain HTTP, there is the older way.
    const area = make("textarea", { class: "hidden-visually", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(`${what} copied`);
}

let toastTimer = 0;

export function toast(text) {
  const place = element("toast");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.classList.remove("shown"), 1800);
  announce(text);
}

/** Lets the browser do what else it has to: also quickly in a tab that nobody sees, where timers are slowed down. */
export function breathe() {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(0);
  });
}

/** Puts a popover below the element that opened it, within the window. */
export function place(popover, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const left = Math.max(8, Math.min(box.left, innerWidth - width - 8));
  const below = box.bottom + 4;
  const top = below + height <= innerHeight - 8 ? below : Math.max(8, box.top - height - 4);
  popover.style.left = `${left}px`;
  popover.style.top = `${top < box.top && box.top - height - 4 < 8 ? Math.max(8, innerHeight - height - 8) : top}px`;
}

/** Places a popover below a button whenever it opens, after which `opened` may do more. */
export function placeBelow(popover, button, opened = () => {}) {
  popover.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    place(popover, button);
    opened();
  });
}
