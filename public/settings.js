// What a person set, kept in the browser.

const prefix = "eventstreams.";

/** What was remembered under a name, or something else where nothing was or the browser keeps nothing. */
export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(prefix + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  try {
    if (value === null || value === undefined) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing shows the page all the same.
  }
}

const choices = {
  theme: { usual: "system", values: ["system", "light", "dark"] },
  times: { usual: "clock", values: ["clock", "ago"] },
  zone: { usual: "local", values: ["local", "UTC"] },
  /** Seconds in the background after which a stream stops; 0: it does not. */
  sleep: { usual: 300 },
  sound: { usual: false, values: [true, false] },
  notify: { usual: false, values: [true, false] },
  graph: { usual: true, values: [true, false] },
  side: { usual: 440 },
};

class Settings extends EventTarget {
  /** What was read before: it is asked for with each row that is drawn. */
  #known = new Map();

  constructor() {
    super();
    // Set in another tab.
    addEventListener("storage", ({ key }) => {
      const name = key?.startsWith(prefix) ? key.slice(prefix.length) : "";
      if (!this.#known.delete(name)) return;
      this.dispatchEvent(new CustomEvent("change", { detail: name }));
    });
  }

  get(name) {
    if (!this.#known.has(name)) this.#known.set(name, this.#read(name));
    return this.#known.get(name);
  }

  #read(name) {
    const { usual, values } = choices[name];
    const value = recall(name, usual);
    const isFit = values ? values.includes(value) : Number.isFinite(value) && value >= 0;
    return isFit ? value : usual;
  }

  set(name, value) {
    remember(name, value === choices[name].usual ? null : value);
    this.#known.set(name, value);
    this.dispatchEvent(new CustomEvent("change", { detail: name }));
  }
}

export const settings = new Settings();
