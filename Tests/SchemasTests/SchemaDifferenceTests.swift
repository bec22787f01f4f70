import JSON
import Schemas
import Testing

@Suite struct SchemaDifferenceTests {
    private func changes(_ old: String, _ new: String) throws -> [SchemaDifference] {
        func value(_ text: String) throws -> JSONValue {
            try SchemaDocument(
                name: SchemaName(title: "a", version: "current"), path: "a", bytes: Array(text.utf8)
            ).value
        }
        return SchemaDifference.all(from: try value(old), to: try value(new))
    }

    @Test(arguments: [
        ("{required: [a]}", "{required: [a, b]}"), ("{required: [a]}", "{}"),
        ("{type: object}", "{type: object, required: [a]}"),
        ("{type: object}", "{additionalProperties: false, type: object}"),
        ("{additionalProperties: true}", "{additionalProperties: false}"),
        ("{properties: {a: {type: string}}}", "{properties: {}}"),
        ("{properties: {a: {type: string}}}", "{properties: {a: {type: integer}}}"),
        ("{properties: {a: {type: string}}}", "{properties: {a: {type: string, maxLength: 3}}}"),
        ("{properties: {a: {type: string, maxLength: 3}}}", "{properties: {a: {type: string, maxLength: 4}}}"),
        ("{properties: {a: {type: string, enum: [x, y]}}}", "{properties: {a: {type: string, enum: [x]}}}"),
        ("{properties: {a: {type: string}}}", "{properties: {a: {type: string, enum: [x]}}}"),
        ("{properties: {a: {type: integer}}}", "{properties: {a: {type: integer, minimum: 0}}}"),
        ("{properties: {a: {items: {type: string}}}}", "{properties: {a: {items: {type: integer}}}}"),
        ("{additionalProperties: {type: string}}", "{additionalProperties: {type: integer}}"),
        ("{title: a}", "{title: b}"), ("{default: 1}", "{}"),
        ("{oneOf: [{type: string}]}", "{oneOf: [{type: integer}]}"),
    ])
    func whatBreaksIsSaid(_ old: String, _ new: String) throws {
        let found = try changes(old, new)
        #expect(found.contains { $0.breaks }, "\(found)")
        #expect(found.allSatisfy { !$0.words.isEmpty })
    }

    @Test(arguments: [
        ("{$id: /a/1.0.0, description: a, examples: [1]}", "{$id: /a/1.1.0, description: b, examples: [2]}"),
        ("{properties: {a: {type: string}}}", "{properties: {a: {type: string}, b: {type: object, required: [c]}}}"),
        ("{properties: {a: {enum: [x]}}}", "{properties: {a: {enum: [x, y]}}}"), ("{}", "{additionalProperties: true}"),
        ("{required: [a, b]}", "{required: [b, a]}"), ("{type: [a, b]}", "{type: [b, a]}"),
        ("{type: integer}", "{type: integer, minimum: -9007199254740991, maximum: 9007199254740991}"),
        ("{}", "{title: a}"),
    ])
    func whatFitsIsNotSaidToBreak(_ old: String, _ new: String) throws {
        let found = try changes(old, new)
        #expect(!found.contains { $0.breaks }, "\(found)")
    }

    @Test func changesNameTheirField() throws {
        let found = try changes(
            "{properties: {a: {properties: {b: {items: {type: string}}}}}}",
            "{properties: {a: {properties: {b: {items: {type: integer}}, c: {type: string}}}}}")
        #expect(found.map(\.field) == ["a.b[]", "a.c"])
        #expect(found[0].words == "the type was string and is integer")
        #expect(found[1].words == "the field is new (string)")
    }
}
