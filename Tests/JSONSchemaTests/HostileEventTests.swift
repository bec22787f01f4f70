import JSON
import JSONSchema
import Testing

/// Events that would take long: they are refused, and nothing traps.
struct HostileEventTests {
    static func errors(_ schema: String, _ value: String, depth: Int = 64) throws -> [ValidationError] {
        let schema = try CompiledSchema(JSONValue(Array(schema.utf8)), options: SchemaOptions(allowsInsecure: true))
        var validator = SchemaValidator()
        return validator.errors(of: try JSONDocument(Array(value.utf8), depth: depth), by: schema)
    }

    @Test func anEventAsDeepAsEventsMayBeIsValidatedByASchemaThatRefersToItself() throws {
        let value = String(repeating: #"{"a":"#, count: 511) + "{}" + String(repeating: "}", count: 511)
        #expect(try Self.errors(##"{"properties":{"a":{"$ref":"#"}}}"##, value, depth: 512).isEmpty)
        #expect(
            try Self.errors(##"{"type":"object","allOf":[{"properties":{"a":{"$ref":"#"}}}]}"##, value, depth: 512)
                .isEmpty)
    }

    @Test func aSchemaThatBranchesWithoutEndIsGivenUp() throws {
        let branches = (0..<60).map {
            ##""\##($0)":{"anyOf":[{"allOf":[{"$ref":"#/definitions/\##($0 + 1)"},false]},{"allOf":[{"$ref":"#/definitions/\##($0 + 1)"},false]}]}"##
        }.joined(separator: ",")
        let schema = ##"{"definitions":{\##(branches),"60":{"type":"string"}},"$ref":"#/definitions/0"}"##
        #expect(try Self.errors(schema, "1").text == "'' is too complex to be validated")
    }

    @Test func manyLargeEqualItemsAreGivenUpOrAnswered() throws {
        let object = "{" + (0..<100).map { "\"\($0)\":\($0)" }.joined(separator: ",") + "}"
        let array = "[" + Array(repeating: object, count: 100).joined(separator: ",") + "]"
        #expect(try Self.errors(#"{"uniqueItems":true}"#, array).count == 1)
        let numbers = "[" + (0..<20_000).map { "\($0)" }.joined(separator: ",") + "]"
        #expect(try Self.errors(#"{"uniqueItems":true}"#, numbers).isEmpty)
    }

    @Test func aLongNumberIsANumber() throws {
        let digits = String(repeating: "9", count: 100_000)
        #expect(try Self.errors(#"{"multipleOf":3}"#, digits).isEmpty)
        #expect(try Self.errors(#"{"maximum":1}"#, digits).count == 1)
        #expect(try Self.errors(#"{"multipleOf":3}"#, "3e\(digits)").isEmpty)
        #expect(try Self.errors(#"{"maximum":1}"#, "1e-\(digits)").isEmpty)
    }

    /// As `uri-reference` of EventGate's validator: no white space of any kind, wherever it stands.
    @Test(arguments: [
        ("a#b", true), ("a#b#c", true), ("a\\b", true), ("\\a", false), ("a#b\\c", false), ("a b", false),
        ("a\u{A0}b#c", false), ("a\u{A0}b#c#d", false), ("a#b\u{2028}", false), ("\u{E9}#\u{2020}", true),
    ])
    func aReferenceHasNoWhiteSpace(_ text: String, _ isRight: Bool) throws {
        let schema = try CompiledSchema(JSONValue(Array(#"{"format":"uri-reference","maxLength":99}"#.utf8)))
        var validator = SchemaValidator()
        #expect(validator.isValid(try JSONDocument(JSONValue.string(text).bytes), by: schema) == isRight)
    }
}
