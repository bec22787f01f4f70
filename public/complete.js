// What may stand where the caret is in a filter.

const fieldAtEnd = /(?:`[^`]*`?|[A-Za-z_$][\w$]*)(?:\.(?:`[^`]*`?|[A-Za-z_$][\w$]*)?)*$/;
const path = "((?:`[^`]+`|[A-Za-z_$][\\w$]*)(?:\\.(?:`[^`]+`|[A-Za-z_$][\\w$]*))*)";
const valueAfter = new RegExp(`${path}\\s*(?:==|!=|<=|>=|<|>)\\s*("[^"]*|[\\w.+-]*)$`);
const listAfter = new RegExp(`${path}\\s+in\\s*\\[(?:[^\\[\\]]*,)?\\s*("[^"]*|[\\w.+-]*)$`);
const elementBefore = new RegExp(`("[^"]*")\\s+in\\s+([\\w$.\`]*)$`);
const operatorAfter = new RegExp(`(?:^|[\\s(!])${path}\\s+$`);

const methods = [
  ["startsWith", "begins with a text"], ["endsWith", "ends with a text"], ["contains", "has a text in it"],
  ["matches", "fits a regular expression"],
];
const operators = [
  ["== ", "is"], ["!= ", "is not"], ["in [", "is one of"], ["> ", "is above"], ["< ", "is below"],
];
const joints = [["&& ", "and"], ["|| ", "or"]];
const offered = ([text, detail]) => ({ text, label: text.trim(), detail });
const limit = 12;

/**
 * @param book the fields that events have
 * @return where the completed piece begins, and items of `text` to put there, `label` and `detail`
 */
export function completions(text, caret, book) {
  const before = text.slice(0, caret);
  const value = valueAfter.exec(before) || listAfter.exec(before);
  if (value) return values(value[1], value[2], caret, book);
  if (insideString(before)) return { from: caret, items: [] };
  const element = elementBefore.exec(before);
  if (element) return fields(element[2], caret, book, (field) => field.kind === "list");
  const typed = fieldAtEnd.exec(before);
  if (typed) return fields(typed[0], caret, book, () => true);
  const operator = operatorAfter.exec(before);
  if (operator && !["in", "true", "false", "null"].includes(operator[1])) {
    return { from: caret, items: [...operators, ...joints].map(offered) };
  }
  // A field stands at the beginning, and behind an operator; behind a value there is room for another condition.
  if (/(?:^|[(!,&|[+*<>=-])\s*$/.test(before)) return fields("", caret, book, () => true);
  return { from: caret, items: before.endsWith(" ") ? joints.map(offered) : [] };
}

/** Whether the text ends within a string. */
function insideString(text) {
  let quote = "";
  for (let place = 0; place < text.length; place += 1) {
    const mark = text[place];
    if (quote && mark === "\\") place += 1;
    else if (quote) quote = mark === quote ? "" : quote;
    else if (mark === "\"" || mark === "'") quote = mark;
  }
  return quote !== "";
}

function values(path, typed, caret, book) {
  const wanted = typed.replace(/^"/, "").toLowerCase();
  const items = book.values(path)
    .filter((text) => text.toLowerCase().replace(/^"/, "").includes(wanted) && text !== typed)
    .slice(0, limit)
    .map((text) => ({ text, label: text, detail: "" }));
  return { from: caret - typed.length, items };
}

function fields(typed, caret, book, isFit) {
  const wanted = typed.toLowerCase();
  const dot = typed.lastIndexOf(".");
  const owner = dot > 0 ? typed.slice(0, dot) : "";
  if (owner && book.has(owner) && book.field(owner).kind === "string") {
    const begun = wanted.slice(dot + 1);
    const items = methods.filter(([name]) => name.toLowerCase().startsWith(begun))
      .map(([name, detail]) => ({ text: `${owner}.${name}("`, label: `.${name}("…")`, detail }));
    return { from: caret - typed.length, items };
  }
  const rank = (path) => {
    const lower = path.toLowerCase();
    if (lower.startsWith(wanted)) return 0;
    return lower.split(".").some((part) => part.startsWith(wanted)) ? 1 : lower.includes(wanted) ? 2 : 3;
  };
  const items = book.all
    .filter((field) => isFit(field) && field.path !== typed)
    .map((field, order) => ({ field, order, rank: rank(field.path) }))
    .filter((found) => found.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .slice(0, limit)
    .map(({ field }) => ({ text: field.path, label: field.path, detail: detailOf(field, book) }));
  return { from: caret - typed.length, items };
}

function detailOf(field, book) {
  const some = book.values(field.path).slice(0, 3).join(", ");
  const shown = some.length > 44 ? `${some.slice(0, 43)}…` : some;
  return shown ? `${field.kind} · ${shown}` : field.kind;
}

/** Examples of filters that fit the fields of a stream. */
export function examples(book) {
  const has = (path) => book.has(path);
  const first = (path, other) => book.values(path)[0] ?? other;
  const list = [];
  const add = (isFit, filter, words) => isFit && list.push({ filter, words });
  const wiki = ["wiki", "database", "wiki_id"].find(has);
  const title = ["title", "page_title", "page.page_title"].find(has);
  const bot = ["bot", "performer.user_is_bot", "performer.is_bot"].find(has);
  add(wiki, `${wiki} == ${first(wiki, "\"enwiki\"")}`, "of one wiki");
  add(bot, `!${bot}`, "not by bots");
  const some = wiki ? book.values(wiki).slice(0, 2).join(", ") || "\"enwiki\", \"dewiki\"" : "";
  add(wiki && bot, `${wiki} in [${some}] && !${bot}`, "of some wikis, by people");
  add(title, `${title}.startsWith("Talk:")`, "titles that begin with a text");
  add(title, `${title}.contains("cat")`, "titles with a text in them");
  add(has("length.new"), "length.new - length.old > 1000", "that make a page much longer");
  add(has("namespace"), "namespace in [0, 14]", "of articles and categories");
  add(has("log_type"), "has(log_type)", "that have a field");
  add(has("user"), "user.matches(\"^[0-9.]+$\")", "by users whose name is an address");
  add(has("tags"), "\"mobile edit\" in tags", "with one tag");
  add(has("rev_len"), "rev_len > 50000", "of long pages");
  for (const field of book.all.slice(0, 40)) {
    if (list.length >= 6) break;
    const [value] = book.values(field.path);
    const isFit = value && field.kind !== "list" && !field.path.startsWith("meta.");
    add(isFit, `${field.path} == ${value}`, `where ${field.path} is ${value}`);
  }
  add(has("meta.domain"), `meta.domain.endsWith(".org")`, "of domains that end so");
  return list;
}
