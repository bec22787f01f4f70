import JSON
import JSONSchema
import Testing

struct DefaultTests {
    static func check(_ schema: String, _ value: String) throws -> String {
        let schema = try CompiledSchema(JSONValue(Array(schema.utf8)))
        var validator = SchemaValidator()
        return switch validator.check(try JSONDocument(Array(value.utf8)), by: schema) {
        case .valid: "valid"
        case .filled(let bytes): String(decoding: bytes, as: UTF8.self)
        case .invalid(let errors): errors.text
        }
    }

    @Test(arguments: [
        (#"{"properties":{"a":{"default":"x"}}}"#, #"{ "b" : 1.50 }"#, #"{ "b" : 1.50,"a":"x" }"#),
        (#"{"properties":{"a":{"default":"x"}}}"#, "{}", #"{"a":"x"}"#),
        (#"{"properties":{"a":{"default":"x"}}}"#, #"{"\u0061":1}"#, "valid"),
        (#"{"properties":{"a":{"default":1},"b":{"default":[2]}}}"#, #"{"c":{}}"#, #"{"c":{},"a":1,"b":[2]}"#),
        (
            #"{"properties":{"m":{"properties":{"a":{"default":1}}},"z":{"default":0}}}"#, #"{"m":{"x":[]},"y":2}"#,
            #"{"m":{"x":[],"a":1},"y":2,"z":0}"#
        ),
        // A default makes room for others.
        (#"{"properties":{"m":{"default":{},"properties":{"a":{"default":1}}}}}"#, "{}", #"{"m":{"a":1}}"#),
        // It counts as there.
        (#"{"properties":{"a":{"default":1}},"required":["a"]}"#, "{}", #"{"a":1}"#),
        (#"{"properties":{"a":{"default":1,"type":"string"}}}"#, "{}", "'.a' should be string"),
        // Where a schema need not be followed, its defaults mean nothing.
        (#"{"anyOf":[{"properties":{"a":{"default":1}}}]}"#, "{}", "valid"),
        (#"{"allOf":[{"properties":{"a":{"default":1}}}]}"#, "{}", #"{"a":1}"#),
        (#"{"properties":{"a":{"default":1},"b":{"type":"string"}}}"#, #"{"b":1}"#, "'.b' should be string"),
    ])
    func missingMembersAreFilledInAndEveryOtherByteStays(_ schema: String, _ value: String, _ result: String) throws {
        #expect(try Self.check(schema, value) == result)
    }

    @Test func defaultsWithoutEndAreRefused() throws {
        let schema = ##"{"properties":{"a":{"default":{},"$comment":"","allOf":[{"$ref":"#"}]}}}"##
        #expect(try Self.check(schema, "{}") == "'' is too complex to be validated")
    }
}
