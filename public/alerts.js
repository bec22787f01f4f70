// Tells of events to somebody who does not look: by a notification, by a sound. Only if asked to.

import { settings } from "./settings.js";
import { brief, counted } from "./text.js";

/** At most one in so many milliseconds, however many events come. */
const apart = 5000;

export class Alerts {
  #sound = null;
  #last = 0;
  #count = 0;
  #timer = 0;
  #text = "";

  get isOn() { return settings.get("notify") || settings.get("sound"); }

  /** Asks for what the browser wants to be asked for; must be called from a click. @return what stands in the way */
  async allow(name) {
    if (name === "sound") {
      this.#beep();
      return "";
    }
    if (!("Notification" in window)) return "This browser has no notifications.";
    const isOpen = Notification.permission === "default";
    const answer = isOpen ? await Notification.requestPermission() : Notification.permission;
    if (answer === "granted") return "";
    return "Notifications are not allowed for this page; the browser's settings for it say so.";
  }

  /** @param text a line about the newest of them */
  arrived(count, text) {
    if (!this.isOn) return;
    this.#count += count;
    this.#text = text;
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, this.#last + apart - Date.now()));
  }

  #tell() {
    this.#timer = 0;
    this.#last = Date.now();
    const title = this.#count === 1 ? "An event" : counted(this.#count, "event");
    this.#count = 0;
    if (settings.get("sound")) this.#beep();
    if (settings.get("notify") && document.hidden && Notification.permission === "granted") {
      const body = brief(this.#text, 160);
      const notification = new Notification(title, { body, tag: "eventstreams", icon: "icon.svg" });
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
    }
  }

  #beep() {
    try {
      this.#sound ??= new AudioContext();
      const { currentTime: now, destination } = this.#sound;
      const tone = this.#sound.createOscillator();
      const gain = this.#sound.createGain();
      tone.frequency.value = 660;
      gain.gain.setValueAtTime(0.0001, now);
      gain.gain.exponentialRampToValueAtTime(0.12, now + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, now + 0.25);
      tone.connect(gain).connect(destination);
      tone.start(now);
      tone.stop(now + 0.3);
    } catch {
      // A computer without sound is told by a notification, if at all.
    }
  }
}
