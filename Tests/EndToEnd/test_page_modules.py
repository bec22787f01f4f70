"""The parts of the page that show nothing: each is given something and asked what it makes of it."""

import json

import pytest

from browser import chromium
from server import Server
from events import STREAMS


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs the body of a function on the page's origin; `use("name")` is the module of that name."""
    server = Server(tmp_path_factory.mktemp("modules") / "server", streams=STREAMS).start()
    driver = chromium()
    driver.get(f"{server.url}/robots.txt")

    def run(body, *arguments):
        result = driver.execute_async_script("""
            const [body, given, done] = arguments;
            const use = (name) => import(`/v2/ui/${name}.js`);
            const made = new (async () => {}).constructor("use", "given", body);
            made(use, given).then((value) => done({ value }), (error) => done({ error: String(error.stack || error) }));
            """, body, list(arguments))
        assert "error" not in result, result["error"]
        return result["value"]

    yield run
    driver.quit()
    server.kill()


# server-sent events

STREAM = ("\ufeff:ok\n\nevent: message\nid: [1]\ndata: {\"a\":1}\n\n: heartbeat\nid: [2]\n\nretry: 1500\r\n"
          "data: one\r\ndata:two\r\n\r\nevent: gap\rdata: {}\r\rdata\n\ndata: cut off")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_messages_are_the_same_however_a_stream_is_cut(run, size):
    messages, retry, last = run("""
        const { MessageReader } = await use("sse");
        const [text, size] = given;
        const reader = new MessageReader("[0]");
        const messages = [];
        for (let place = 0; place < text.length; place += size) messages.push(...reader.push(text.slice(place, place + size)));
        return [messages, reader.retry, reader.id];""", STREAM, size)
    assert [(m["event"], m["data"], m["id"]) for m in messages] == [
        ("message", '{"a":1}', "[1]"), ("", "", "[2]"), ("message", "one\ntwo", "[2]"), ("gap", "{}", "[2]"), ("message", "", "[2]")]
    assert (retry, last) == (1500, "[2]")


def test_attempts_get_rarer_and_wait_as_long_as_the_server_asks(run):
    waits, asked, seconds, date = run("""
        const { waitBefore, retryAfter } = await use("feed");
        const waits = [0, 1, 2, 5, 50].map((attempt) => [waitBefore(attempt, undefined, 0), waitBefore(attempt, undefined, 1)]);
        return [waits, waitBefore(0, 9000, 0), retryAfter("7", 0), retryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 0)];""")
    assert waits == [[250, 500], [500, 1000], [1000, 2000], [8000, 16000], [15000, 30000]]
    assert (asked, seconds, date) == (9000, 7000, 60000)


# addresses

@pytest.mark.parametrize("hash_", [
    "#/?streams=a,b", "#/?streams=a&since=PT1H&until=PT0S", "#/?streams=a&last=0", "#/?streams=a&last=1000",
    "#/?streams=a&filter=x%20%3D%3D%20%22%26%23%22&also=y%20!%3D%201&also=z&canary=true&columns=a,b.c",
    "#/?streams=a&event=dc1.a/2/345&panel=journal&top=meta.dt",
])
def test_an_address_says_the_same_after_it_was_read(run, hash_):
    assert run("const a = await use('address'); return a.hashOf(a.viewOf(given[0]));", hash_) == hash_


@pytest.mark.parametrize("hash_, streams", [
    ("", []), ("#/", []), ("#", []), ("#a,b?last=10", ["a", "b"]), ("#%E0%A4%A", []), ("#/?streams=a,,%20b,a", ["a", "b"]),
    ("#/?streams=a&streams=b", ["a", "b"]), ("#/?event=nothing&panel=alert(1)&last=99999999", []),
])
def test_old_and_broken_addresses_are_read(run, hash_, streams):
    view = run("return (await use('address')).viewOf(given[0]);", hash_)
    assert view["streams"] == streams
    assert view["event"] is None and view["panel"] is None


@pytest.mark.parametrize("address, now", [
    ("/v2/stream/a?last=100", "/v2/stream/a"), ("/v2/stream/a", "/v2/stream/a"),
    ("/v2/stream/a?since=PT1H&filter=x%26last=1&canary=true", "/v2/stream/a?filter=x%26last=1&canary=true"),
])
def test_what_is_skipped_to_has_no_beginning_in_the_past(run, address, now):
    assert run("return (await use('session')).withoutStart(given[0]);", address) == now


def test_an_address_of_anyone_is_bounded(run):
    lengths = run("""
        const { viewOf } = await use("address");
        const hash = "#/?streams=a&filter=" + "x".repeat(1e6) + "&columns=" + "a,".repeat(1e5) + "&also=b".repeat(1e4);
        const view = viewOf(hash + "&also=" + " in in".repeat(1e5));
        return [view.filter.length, view.columns.length, view.conditions.length];""")
    assert lengths == [8192, 64, 64]


def test_a_view_is_the_address_of_a_stream(run):
    view = "{ ...a.emptyView(), streams: ['a/b', 'c'], since: '2020-01-01T00:00:00Z', last: '', filter: 'x || y', conditions: ['z == 1'], canary: true }"
    address = run(f"const a = await use('address'); return a.streamAddress({view});")
    assert address == "/v2/stream/a%2Fb,c?since=2020-01-01T00:00:00Z&filter=(x%20%7C%7C%20y)%20%26%26%20z%20%3D%3D%201&canary=true"


# paths and conditions

@pytest.mark.parametrize("names, text", [
    (["meta", "dt"], "meta.dt"), (["$schema"], "$schema"), (["a-b", "c"], "`a-b`.c"), (["in"], "`in`"), (["a`b\\"], "`a\\`b\\\\`"),
    (["__proto__", "x.y"], "__proto__.`x.y`"), (["größe"], "`größe`"),
])
def test_a_path_is_written_as_filters_write_it_and_read_again(run, names, text):
    assert run("return (await use('path')).printPath(given[0]);", names) == text
    assert run("return (await use('path')).parsePath(given[0]);", text) == names


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "`a", "`a`b", "a..b"])
def test_what_is_no_path_is_none(run, text):
    assert run("return (await use('path')).parsePath(given[0]);", text) is None


@pytest.mark.parametrize("names, value, is_it, is_not", [
    (["wiki"], "en\"x", 'wiki == "en\\"x"', 'wiki != "en\\"x"'), (["n"], 1.5, "n == 1.5", "n != 1.5"),
    (["a", "b-c"], None, "a.`b-c` == null", "a.`b-c` != null"), (["bot"], True, "bot == true", "bot != true"),
    (["tags", 0], "x", '"x" in tags', '!("x" in tags)'), (["list", 0, "a"], 1, None, None), (["a"], {}, None, None),
    (["a"], [], None, None), (["a"], "x" * 2000, None, None), ([""], 1, None, None),
])
def test_a_click_makes_a_condition_that_can_be_turned_round(run, names, value, is_it, is_not):
    made = run("const c = await use('condition'); return [c.condition(given[0], given[1], true), c.condition(given[0], given[1], false)];", names, value)
    assert made == [is_it, is_not]
    if is_it:
        assert run("const c = await use('condition'); return [c.negated(given[0]), c.negated(given[1])];", is_it, is_not) == [is_not, is_it]
        both = run("const c = await use('condition'); return c.withCondition(['a', given[1]], given[0]);", is_it, is_not)
        assert both == ["a", is_it], "it takes the place of its opposite"


def test_an_event_has_no_fields_but_its_own(run):
    found = run("""
        const { valueAt } = await use("path");
        const event = JSON.parse('{"a":{"__proto__":{"b":1}},"constructor":2}');
        return [["a", "__proto__", "b"], ["constructor"], ["a", "toString"], ["a", "constructor"], ["x", "y"]].map((names) => valueAt(event, names) ?? null);""")
    assert found == [1, 2, None, None, None]


# text

@pytest.mark.parametrize("value, text", [
    ("a\u202eb\u2066c\u0000", "a\\u202eb\\u2066c\\u0000"), ("a\u200eb", "a\u200eb"), ({"a": [1, None, {"b": "x"}]}, '{a: [1, null, {b: "x"}]}'), ([], "[]"),
    (0, "0"), ("", ""),
])
def test_a_value_is_one_line_that_turns_nothing_round(run, value, text):
    assert run("return (await use('text')).brief(given[0]);", value) == text


def test_a_long_or_deep_value_costs_no_more_than_what_is_shown(run):
    lengths, seconds = run("""
        const { brief } = await use("text");
        let deep = [];
        for (let level = 0; level < 5000; level += 1) deep = [deep];
        const values = ["x".repeat(1e6), Array(1e6).fill(1), deep, { ["k".repeat(1e6)]: 1 }];
        const before = performance.now();
        const lengths = values.map((value) => brief(value).length);
        return [lengths, (performance.now() - before) / 1000];""")
    assert max(lengths) <= 400
    assert seconds < 5, "far more than it takes: this bounds a hang and measures nothing"


@pytest.mark.parametrize("text", ['{"a":[1,{"b":"x\\"]}"}],"c":{},"d":[ ],"e":12345678901234567890}', "[]", '"a"', "{"])
def test_json_is_spread_without_a_change(run, text):
    spread = run("return (await use('text')).spread(given[0]);", text)
    assert spread.replace("\n", "").replace("  ", "").replace('": ', '":').replace(" ", "") == text.replace(" ", "")


def test_large_numbers_stay_what_they_are(run):
    exact = run("""
        const { parseExactly } = await use("text");
        const event = parseExactly('{"a":12345678901234567890,"b":1,"c":0.1,"d":1e400,"e":[9007199254740993]}');
        return [String(event.a), typeof event.b, typeof event.c, String(event.d), String(event.e[0])];""")
    assert exact == ["12345678901234567890", "number", "number", "1e400", "9007199254740993"]


# completion

BOOK = """
    const { FieldBook } = await use("fields");
    const book = new FieldBook();
    for (const wiki of ["aa", "aa", "bb"]) book.note({ wiki, title: "T " + wiki, tags: ["x"], n: 1, length: { old: 1, new: 2 }, "a-b": true });
"""


@pytest.mark.parametrize("text, items", [
    ("wi", ["wiki"]), ("len", ["length.old", "length.new"]), ("wiki == ", ['"aa"', '"bb"']), ("n > 0 && wiki != \"b", ['"bb"']),
    ("wiki in [\"aa\", ", ['"aa"', '"bb"']), ("`a", ["`a-b`"]), ("title.st", ['title.startsWith("']), ('"x" in ', ["tags"]),
    ('title.contains("wi', []), ("wiki ", ["== ", "!= ", "in [", "> ", "< ", "&& ", "|| "]), ("(!wi", ["wiki"]), ("nothing", []),
    ("n == 1", []), ("n == 1 ", ["&& ", "|| "]), ('wiki == "aa" && ti', ["title"]), ("(", ["wiki", "title", "tags", "n", "length.old", "length.new", "`a-b`"]),
])
def test_a_filter_is_completed_by_fields_and_values(run, text, items):
    found = run(BOOK + """
        const { completions } = await use("complete");
        return completions(given[0], given[0].length, book).items.map((item) => item.text);""", text)
    assert found == items


def test_fields_are_bounded_whatever_events_hold(run):
    count, values = run("""
        const { FieldBook } = await use("fields");
        const book = new FieldBook();
        for (let number = 0; number < 3000; number += 1) book.note({ [`field${number}`]: number, same: `v${number}` });
        return [book.all.length, book.values("same").length];""")
    assert count <= 600 and values <= 24


# rates, differences, files

def test_rates_are_told_by_stream_and_by_bar(run):
    bars, rate, width, top = run("""
        const { Rates, barWidth, ceiling } = await use("rates");
        const rates = new Rates();
        for (let time = 0; time < 10000; time += 100) rates.note(time, time < 5000 ? "a" : "b");
        return [rates.bars(0, 10000, 2).map((bar) => [...bar]), rates.rate(10000), barWidth(300000, 900), [0, 7, 10, 11, 240].map(ceiling)];""")
    assert bars == [[["a", 10]], [["b", 10]]]
    assert (rate, width, top) == (10, 1000, [1, 10, 10, 20, 300])


def test_two_events_differ_where_their_values_do(run):
    found = run("""
        const { differences } = await use("differences");
        const text = ['{"a":1,"b":{"c":[1,2],"d":null},"e":"x","__proto__":1}', '{"a":1,"b":{"c":[1,3],"d":null},"f":"x","__proto__":2}'];
        return differences(...text.map((one) => JSON.parse(one)));""")
    assert [(one["path"], one.get("before"), one.get("after")) for one in found] == [
        ("b.c", [1, 2], [1, 3]), ("f", None, "x"), ("__proto__", 1, 2), ("e", "x", None)]


@pytest.mark.parametrize("value, field", [
    ("plain", "plain"), ("a,b", '"a,b"'), ('say "x"', '"say ""x"""'), ("two\nlines", '"two\nlines"'), (-1, "-1"), (None, ""), (True, "true"),
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), (" =1", "' =1"), ("\uff1d1", "'\uff1d1"), ({"a": 1}, '"{""a"":1}"'),
])
def test_a_field_of_a_csv_file_is_no_formula(run, value, field):
    made = run("return (await use('export')).csvField(given[0]);", value)
    assert made == field or made == f'"{field}"'


def test_a_shell_takes_a_word_as_it_is(run):
    words = run("const u = await use('usage'); return given[0].map(u.shellWord);", ["a=b", "it's", "$(x)", "", "a b", "-x"])
    assert words == ["a=b", "'it'\\''s'", "'$(x)'", "''", "'a b'", "-x"]


def test_frequent_values_are_counted_apart_by_kind(run):
    top = run("""
        const { Tally } = await use("top");
        const tally = new Tally();
        for (const value of ["1", 1, 1, undefined, ["x", "x"], null, { a: 1 }]) tally.note(value);
        return [tally.top(9).map(({ text, count }) => [text, count]), tally.events, tally.missing];""")
    assert sorted(map(tuple, top[0])) == sorted([("1", 2), ("x", 2), ("1", 1), ("null", 1), ("{a: 1}", 1)])
    assert top[1:] == [7, 1]


def test_streams_are_found_by_name_alias_and_description(run):
    streams = [{"name": "x.page", "aliases": ["p"], "description": "Pages.", "rate": 1}, {"name": "x.user", "aliases": [], "description": "Who edits a page.", "rate": 9}]
    found = run("const p = await use('picker'); return given[1].map((typed) => p.matching(given[0], typed).map((one) => one.name));",
                streams, ["", "page", "USER", "edits who", "p", "nothing"])
    assert found == [["x.user", "x.page"], ["x.page", "x.user"], ["x.user"], ["x.user"], ["x.page", "x.user"], []]
    assert run("const p = await use('picker'); return [p.busiest(given[0]).name, p.resolved(['p', 'x.page', 'y'], given[0])];", streams) == [
        "x.user", {"names": ["x.page"], "unknown": ["y"]}]


def test_what_is_kept_is_bounded_in_rows_and_in_characters(run):
    kept = run("""
        const { Store, eventRow } = await use("store");
        const few = new Store(10);
        for (let number = 0; number < 25; number += 1) few.add(eventRow(JSON.stringify({ number }), "", 0));
        few.trim();
        const large = new Store();
        for (let number = 0; number < 60; number += 1) large.add(eventRow(JSON.stringify("x".repeat(1e6)), "", 0));
        large.trim();
        const numbers = [0, 9].map((place) => few.event(few.newest(place)).number);
        return [few.count, few.dropped, numbers, few.placeOf(few.newest(3)), large.count];""")
    assert kept == [10, 15, [24, 15], 3, 47]


def test_times_are_told_in_words(run):
    words = run("""
        const { span, ago, timeWords } = await use("time");
        return [[0, 400, 12000, 300000, 7200000, 5 * 86400000].map(span), ago(0, 61000), ago(5000, 5000), timeWords("PT1H")];""")
    assert words == [["0 s", "400 ms", "12 s", "5 min", "2 h", "5 d"], "1 min ago", "now", "the last hour"]


def test_a_gap_is_told_in_words(run):
    gap = {"topic": "t", "partition": 1, "from": 5, "to": 8, "reason": "retention"}
    words = run("return (await use('store')).gapRow(given[0], '', 0).words;", json.dumps(gap))
    assert words == "Gap: 3 records missed in t, partition 1 (offsets 5 to 7): they are no longer kept"
    assert run("return (await use('store')).gapRow('no JSON', '', 0).words;").startswith("Gap: ")
