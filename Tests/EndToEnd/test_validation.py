"""Validating by JSON Schema, beside another implementation."""

import json
import random
import subprocess

import jsonschema
import pytest

from server import BINARY

DRAFTS = {4: jsonschema.Draft4Validator, 6: jsonschema.Draft6Validator, 7: jsonschema.Draft7Validator}
NAMES = ["a", "b", "c", "é", "a/b", "$d"]


class Maker:
    """Random schemas, and values that have something to do with them."""

    def __init__(self, seed, draft):
        self.dice, self.draft = random.Random(seed), draft

    def value(self, depth=3):
        kinds = [lambda: None, lambda: self.dice.random() < 0.5, lambda: self.dice.randint(-4, 9),
                 # Whether 1.0 is a whole number, draft 4 leaves open.
                 lambda: self.dice.choice([0.5, -2.25, 12345678901234567890] + ([1.0, 1e3] if self.draft > 4 else [])),
                 lambda: self.dice.choice(["", "a", "ab", "abc", "é", "😀😀", "1", "a\nb", '"\\'])]
        if depth > 0:
            kinds += [lambda: [self.value(depth - 1) for _ in range(self.dice.randint(0, 4))],
                      lambda: {self.dice.choice(NAMES): self.value(depth - 1) for _ in range(self.dice.randint(0, 4))}] * 2
        return self.dice.choice(kinds)()

    def names(self):
        return self.dice.sample(NAMES, self.dice.randint(1, 3))

    def schema(self, depth=3):
        if depth <= 0 or (self.draft > 4 and self.dice.random() < 0.05):
            return self.dice.choice([{}, {"type": "integer"}, {"type": "string"}] + ([True, False] if self.draft > 4 else []))
        sub = lambda: self.schema(depth - 1)  # noqa: E731
        keywords = {
            "type": lambda: self.dice.choice(["object", "array", "string", "integer", "number", "boolean", "null", ["object", "array"]]),
            "minimum": lambda: self.dice.choice([-3, 0, 1.5]), "maximum": lambda: self.dice.choice([5, 0.5, 12345678901234567889]),
            "multipleOf": lambda: self.dice.choice([2, 3, 0.25]), "minLength": lambda: self.dice.randint(0, 3),
            "maxLength": lambda: self.dice.randint(0, 3), "pattern": lambda: self.dice.choice(["^a", "b$", "[0-9]", "^$", "é"]),
            "minItems": lambda: self.dice.randint(0, 3), "maxItems": lambda: self.dice.randint(0, 3),
            "uniqueItems": lambda: self.dice.random() < 0.7, "items": lambda: self.dice.choice([sub, lambda: [sub(), sub()]])(),
            "additionalItems": sub, "minProperties": lambda: self.dice.randint(0, 2), "maxProperties": lambda: self.dice.randint(0, 3),
            "required": self.names, "properties": lambda: {name: sub() for name in self.names()},
            "patternProperties": lambda: {self.dice.choice(["^a", "b"]): sub()}, "additionalProperties": sub,
            "dependencies": lambda: {self.dice.choice(NAMES): self.dice.choice([sub, self.names])()},
            "enum": lambda: [value for value in (self.value(1) for _ in range(3))] + [7], "not": sub,
            "allOf": lambda: [sub(), sub()], "anyOf": lambda: [sub(), sub()], "oneOf": lambda: [sub(), sub()],
            "$ref": lambda: "#/definitions/" + self.dice.choice(["x", "y"]),
        }
        if self.draft > 4:
            keywords |= {"const": lambda: self.value(1), "contains": sub, "propertyNames": sub,
                         "exclusiveMinimum": lambda: self.dice.randint(-3, 3), "exclusiveMaximum": lambda: self.dice.randint(0, 9)}
        if self.draft > 6:
            keywords |= {"if": sub, "then": sub, "else": sub}
        chosen = self.dice.sample(sorted(keywords), self.dice.randint(1, 4))
        return {"$ref": keywords["$ref"]()} if "$ref" in chosen else {keyword: keywords[keyword]() for keyword in chosen}

    def root(self):
        """What it refers to goes down into values, so nothing leads to itself for the same value."""
        definitions = {"x": {"properties": {"a": {"$ref": "#/definitions/y"}}, "type": ["object", "integer"]},
                       "y": {"items": {"$ref": "#/definitions/x"}}}
        return {"$schema": f"http://json-schema.org/draft-0{self.draft}/schema#", "definitions": definitions, "allOf": [self.schema()]}


@pytest.mark.parametrize("draft", [4, 6, 7])
def test_random_values_follow_random_schemas_here_where_they_do_in_another_implementation(draft, tmp_path):
    told = []
    for seed in range(60):
        maker = Maker(seed, draft)
        schema, values = maker.root(), [maker.value() for _ in range(40)]
        other = DRAFTS[draft](schema)
        right = [other.is_valid(value) for value in values]
        (tmp_path / "schema.json").write_text(json.dumps(schema))
        (tmp_path / "values").write_text("".join(json.dumps(value) + "\n" for value in values))
        answer = subprocess.run([BINARY, "schemas", "validate", "--json", tmp_path / "schema.json", tmp_path / "values"],
                                capture_output=True, text=True, timeout=60)
        assert answer.returncode in (0, 1), answer.stderr
        wrong = {json.loads(line)["line"] for line in answer.stdout.splitlines()}
        for number, (value, is_right) in enumerate(zip(values, right), start=1):
            if (number not in wrong) != is_right:
                told.append((schema, value, is_right))
    assert told == []
