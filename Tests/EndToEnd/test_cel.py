"""Filters against other implementations of CEL: on what both have, both say the same.

Expressions are generated about what events have. The others raise an error where a field is missing or of another kind; such a pair
shows nothing and is left out. Where they answer, there is no difference, with what is kept out of the expressions because it is meant to differ:
fields that are missing or null in arithmetic, numbers with fractions (exact here, binary there), and names that are words of CEL's own.
"""

import gzip
import json
import random
import subprocess

import cel
import celpy
import pytest

from events import Events
from server import BINARY

PATTERNS = ["^[A-Z]", "[0-9]+$", "a.*b", "(?i)TALK", "^.{3,8}$", "wiki|user", r"\\d"]


class Maker:
    """Expressions by seed, about these events."""

    def __init__(self, seed, events):
        self.random = random.Random(seed)
        self.fields = {}
        for event in events:
            self.collect(event, ())

    def collect(self, value, path):
        for name, member in value.items():
            # Names that are no identifiers can't be written in CEL.
            if not name.isidentifier() or name in ("in", "as", "namespace", "package", "function", "return", "var", "const", "let", "loop"):
                continue
            if isinstance(member, dict):
                self.collect(member, (*path, name))
            else:
                values = self.fields.setdefault(".".join((*path, name)), [])
                if len(values) < 200:
                    values.append(member)

    def field(self, *kinds):
        names = [name for name, values in self.fields.items() if any(type(value) in kinds for value in values)]
        name = self.random.choice(names)
        return name, self.random.choice([value for value in self.fields[name] if type(value) in kinds])

    def literal(self, value):
        if isinstance(value, str):
            return '"' + "".join(
                character if character.isprintable() and character not in '"\\' else f"\\U{ord(character):08x}" for character in value) + '"'
        return json.dumps(value)

    def near(self, value):
        """A value, or one close to it."""
        if self.random.random() < 0.7:
            return value
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.random.choice([-1, 1, 1000])
        return value + "x" if self.random.random() < 0.5 else value[:-1]

    def test(self):
        kind = self.random.randrange(9)
        if kind == 0:
            name, value = self.field(bool)
            return self.random.choice([name, f"!{name}", f"{name} == {self.literal(value)}"])
        if kind in (1, 2):
            name, value = self.field(str, int, bool)
            return f"{name} {self.random.choice(['==', '!='])} {self.literal(self.near(value))}"
        if kind == 3:
            name, value = self.field(int)
            return f"{name} {self.random.choice(['<', '<=', '>', '>='])} {self.literal(self.near(value))}"
        if kind == 4:
            name, value = self.field(str)
            method = self.random.choice(["startsWith", "endsWith", "contains"])
            start, end = sorted(self.random.choices(range(len(value) + 1), k=2))
            part = {"startsWith": value[:end], "endsWith": value[start:], "contains": value[start:end]}[method]
            return f"{name}.{method}({self.literal(part)})"
        if kind == 5:
            name, _ = self.field(str)
            return f"{name}.matches({self.literal(self.random.choice(PATTERNS))})"
        if kind == 6:
            name, value = self.field(str, int)
            values = [value] + [self.random.choice([other for other in self.fields[name] if type(other) is type(value)]) for _ in range(3)]
            return f"{name} in [{', '.join(self.literal(value) for value in values)}]"
        if kind == 7:
            (a, value), (b, other) = self.field(int), self.field(int)
            operator = self.random.choice("+-")
            result = value + other if operator == "+" else value - other
            return f"{a} {operator} {b} {self.random.choice(['<', '>', '=='])} {self.literal(self.near(result))}".replace("-", "- ")
        name, value = self.field(str)
        return f"size({name}) {self.random.choice(['<', '>', '=='])} {len(value)}"

    def expression(self, depth=2):
        kind = self.random.randrange(6) if depth else 5
        if kind in (0, 1):
            return f"({self.expression(depth - 1)} && {self.expression(depth - 1)})"
        if kind in (2, 3):
            return f"({self.expression(depth - 1)} || {self.expression(depth - 1)})"
        if kind == 4:
            return f"!({self.expression(depth - 1)})"
        return self.test()


def made_events():
    events = Events(7)
    return [events.next(minor=number % 3 == 0, length={"old": number * 37, "new": number * number}, tags=["a", f"t{number % 4}"])
            for number in range(40)]


def recorded_events(shared):
    with gzip.open(shared / "data/recentchange-2024-08-22-04h.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(4000))][::100]


def ours(binary, directory, expressions, events):
    (directory / "filters").write_text("".join(expression + "\n" for expression in expressions), encoding="utf-8")
    (directory / "events").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    output = subprocess.run(
        [binary, "filter", "verdicts", directory / "filters", directory / "events"], stdout=subprocess.PIPE, check=True, timeout=60).stdout
    return output.decode().splitlines()


def by_common_expression_language(expressions, events):
    """Yields for each expression what it says of each event: true, false, or None where it is an error."""
    for expression in expressions:
        program = cel.compile(expression)
        yield [answer(lambda: program.execute(event)) for event in events]


def by_cel_python(expressions, events):
    environment = celpy.Environment()
    activations = [{name: celpy.json_to_cel(value) for name, value in event.items() if name.isidentifier()}
                   for event in events]
    for expression in expressions:
        program = environment.program(environment.compile(expression))
        yield [answer(lambda: truth(program.evaluate(activation))) for activation in activations]


def truth(value):
    return bool(value) if isinstance(value, celpy.celtypes.BoolType) else None


def answer(evaluate):
    try:
        value = evaluate()
    except Exception:
        return None
    return value if isinstance(value, bool) else None


def counts_bytes(expression, event):
    """CEL's specification has size() count a string's code points."""
    return "size(" in expression and not json.dumps(event, ensure_ascii=False).isascii()


# Differences that are known, by implementation.
EXPLAINED = {by_common_expression_language: counts_bytes, by_cel_python: lambda expression, event: False}


def differences(expressions, events, verdicts, others, explained):
    compared, found = 0, []
    for expression, line, theirs in zip(expressions, verdicts, others):
        assert not line.startswith("error"), f"{expression}: {line}"
        for number, verdict in enumerate(theirs):
            if verdict is None:
                continue
            compared += 1
            if verdict != (line[number] == "1") and not explained(expression, events[number]):
                found.append(f"{expression}: {line[number]} here, {verdict} there, for {json.dumps(events[number])[:2000]}")
    return compared, found


@pytest.mark.parametrize("source", ["made", "recorded"])
@pytest.mark.parametrize("implementation, count", [(by_common_expression_language, 1000), (by_cel_python, 60)])
def test_filters_hold_where_other_implementations_of_cel_say_so(shared, tmp_path, source, implementation, count):
    events = made_events() if source == "made" else recorded_events(shared)
    maker = Maker(11, events)
    expressions = [maker.expression() for _ in range(count)]
    verdicts = ours(BINARY, tmp_path, expressions, events)
    compared, found = differences(expressions, events, verdicts, implementation(expressions, events), EXPLAINED[implementation])
    assert not found, "\n".join(found[:10])
    # Most pairs say something, and not always the same.
    assert compared > count * len(events) / 2
    ones = sum(line.count("1") for line in verdicts)
    assert 0.1 < ones / (count * len(events)) < 0.9
