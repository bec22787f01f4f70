// The same stream by other means, ready to be copied.

import { filterOf, streamAddress } from "./address.js";

/** A word for a POSIX shell. */
export function shellWord(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A string that JavaScript and Python read alike. */
function quoted(text) {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** @return texts by kind: `curl`, `javascript`, `python`, `consume` */
export function usage(view, origin) {
  const address = origin + streamAddress(view);
  return {
    curl: curl(view, origin),
    javascript: `const stream = new EventSource(${quoted(address)});
stream.onmessage = (message) => {
  const event = JSON.parse(message.data);
  console.log(event.meta.dt, event);
};
stream.addEventListener("gap", (message) => console.warn("missed", JSON.parse(message.data)));`,
    python: `import json
from requests_sse import EventSource

url = ${quoted(address)}
with EventSource(url) as stream:
    for event in stream:
        if event.type == "message":
            print(json.loads(event.data))
        elif event.type == "gap":
            print("missed", event.data)`,
    consume: `eventstreams consume ${shellWord(address)}`,
  };
}

/** With each parameter by itself, so that it can be read and changed. */
function curl(view, origin) {
  const path = streamAddress({ ...view, since: "", until: "", last: "", filter: "", conditions: [], canary: false });
  const words = [];
  const filter = filterOf(view);
  if (view.since) words.push(`since=${view.since}`);
  if (view.until) words.push(`until=${view.until}`);
  if (!view.since && view.last) words.push(`last=${view.last}`);
  if (filter) words.push(`filter=${filter}`);
  if (view.canary) words.push("canary=true");
  const lines = words.map((word) => ` \\\n    --data-urlencode ${shellWord(word)}`).join("");
  return words.length ? `curl -N -G ${shellWord(origin + path)}${lines}` : `curl -N ${shellWord(origin + path)}`;
}
