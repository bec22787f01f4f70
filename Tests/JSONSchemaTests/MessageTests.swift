import JSON
import JSONSchema
import Testing

/// What is told of wrong values, in the words of ajv 6.
struct MessageTests {
    static func errors(
        _ schema: String, _ value: String, draft: SchemaDraft = .seven
    ) throws -> [ValidationError] {
        let schema = try CompiledSchema(
            JSONValue(Array(schema.utf8)), options: SchemaOptions(draft: draft, allowsInsecure: true))
        var validator = SchemaValidator()
        return validator.errors(of: try JSONDocument(Array(value.utf8)), by: schema)
    }

    @Test(arguments: [
        (#"{"properties":{"test":{"type":"string"}}}"#, #"{"test":1}"#, "'.test' should be string"),
        (#"{"required":["meta"]}"#, "{}", "'' should have required property 'meta'"),
        (#"{"type":["string","null"]}"#, "1", "'' should be string,null"),
        (
            #"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"b":1,"c":2}"#,
            "'' should NOT have additional properties, '' should NOT have additional properties"
        ),
        (#"{"additionalProperties":{"type":"string"}}"#, #"{"b":1}"#, "'['b']' should be string"),
        (#"{"properties":{"a-b":{"type":"string"}}}"#, #"{"a-b":1}"#, "'['a-b']' should be string"),
        (#"{"items":{"properties":{"x":{"maximum":3}}}}"#, #"[{},{"x":4}]"#, "'[1].x' should be <= 3"),
        (#"{"exclusiveMinimum":1.5}"#, "1.5", "'' should be > 1.5"),
        (#"{"minLength":2}"#, #""a""#, "'' should NOT be shorter than 2 characters"),
        (#"{"maxLength":2}"#, #""abc""#, "'' should NOT be longer than 2 characters"),
        (#"{"pattern":"^\\d+$"}"#, #""a""#, #"'' should match pattern "^\\d+$""#),
        (#"{"format":"date-time"}"#, #""a""#, #"'' should match format "date-time""#),
        (#"{"enum":[1,2]}"#, "3", "'' should be equal to one of the allowed values"),
        (#"{"const":1}"#, "3", "'' should be equal to constant"),
        (#"{"multipleOf":0.01}"#, "0.015", "'' should be multiple of 0.01"),
        (#"{"minItems":1}"#, "[]", "'' should NOT have fewer than 1 items"),
        (#"{"maxItems":1}"#, "[1,2]", "'' should NOT have more than 1 items"),
        (
            #"{"uniqueItems":true}"#, "[1,2,1.0,2]",
            "'' should NOT have duplicate items (items ## 1 and 3 are identical)"
        ),
        (#"{"minProperties":1}"#, "{}", "'' should NOT have fewer than 1 properties"),
        (#"{"not":{}}"#, "1", "'' should NOT be valid"),
        (
            #"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "1",
            "'' should be string, '' should be null, '' should match some schema in anyOf"
        ),
        (#"{"oneOf":[{},{}]}"#, "1", "'' should match exactly one schema in oneOf"),
        (#"{"allOf":[{"type":"string"},{"type":"null"}]}"#, "1", "'' should be string, '' should be null"),
        (
            #"{"if":{"required":["a"]},"then":{"required":["b"]}}"#, #"{"a":1}"#,
            "'' should have required property 'b', '' should match \"then\" schema"
        ),
        (
            #"{"dependencies":{"a":["b","c"]}}"#, #"{"a":1,"b":1}"#,
            "'' should have properties b, c when property a is present"
        ),
        (#"{"contains":{"type":"null"}}"#, "[]", "'' should contain a valid item"),
        (
            #"{"propertyNames":{"maxLength":1}}"#, #"{"ab":1}"#,
            "'' should NOT be longer than 1 characters, '' property name 'ab' is invalid"
        ),
        (#"{"properties":{"a":false}}"#, #"{"a":1}"#, "'.a' boolean schema is false"),
    ])
    func everyFaultIsToldInTheWordsOfTheValidatorOfEventGate(_ schema: String, _ value: String, _ text: String) throws {
        #expect(try Self.errors(schema, value).text == text)
    }

    @Test func anErrorHasItsPlaceInTheEventAndInTheSchema() throws {
        let schema =
            ##"{"definitions":{"a/b":{"properties":{"$c":{"type":"string"}}}},"properties":{"x":{"$ref":"#/definitions/a~1b"}}}"##
        let errors = try Self.errors(schema, #"{"x":{"$c":1}}"#)
        #expect(errors.map(\.dataPath) == [".x.$c"])
        #expect(errors.map(\.schemaPath) == ["#/definitions/a~1b/properties/%24c/type"])
        #expect(
            errors.map(\.json.bytes) == [
                Array(
                    ##"{"keyword":"type","dataPath":".x.$c","schemaPath":"#/definitions/a~1b/properties/%24c/type","params":{"type":"string"},"message":"should be string"}"##
                        .utf8)
            ])
    }

    @Test func anExclusiveLimitOfDraft4IsToldByItsOwnKeyword() throws {
        let errors = try Self.errors(#"{"maximum":3,"exclusiveMaximum":true}"#, "3", draft: .four)
        #expect(errors.map(\.keyword) == ["exclusiveMaximum"])
        #expect(errors.text == "'' should be < 3")
    }

    @Test func allFaultsAreToldUpToALimit() throws {
        let value = "[" + (0..<500).map { "\($0)" }.joined(separator: ",") + "]"
        let errors = try Self.errors(#"{"items":{"type":"string"}}"#, value)
        #expect(errors.count == SchemaValidator.errorLimit)
        #expect(errors.last?.dataPath == "[99]")
    }

    @Test func eachMemberOfANameThatStandsTwiceMustBeRight() throws {
        let schema = #"{"properties":{"a":{"type":"string"}}}"#
        #expect(try Self.errors(schema, #"{"a":1,"a":"x"}"#).text == "'.a' should be string")
        #expect(try Self.errors(schema, #"{"a":"x","\u0061":1}"#).text == "'.a' should be string")
    }

    @Test func numbersAreComparedWithoutRounding() throws {
        #expect(try Self.errors(#"{"maximum":9007199254740991}"#, "9007199254740992").count == 1)
        #expect(try Self.errors(#"{"maximum":12345678901234567890.1}"#, "12345678901234567890.2").count == 1)
        #expect(try Self.errors(#"{"maximum":1e400}"#, "1e399").isEmpty)
        #expect(try Self.errors(#"{"const":1e2}"#, "100.000").isEmpty)
        #expect(try Self.errors(#"{"multipleOf":0.1}"#, "0.3").isEmpty)
        #expect(try Self.errors(#"{"multipleOf":0.0001}"#, "123456789012345678901234567890.1234").isEmpty)
        #expect(try Self.errors(#"{"multipleOf":7}"#, "7e300").isEmpty)
        #expect(try Self.errors(#"{"multipleOf":7}"#, "1e300").count == 1)
        #expect(try Self.errors(#"{"type":"integer"}"#, "1.50e1").isEmpty)
        #expect(try Self.errors(#"{"type":"integer"}"#, "15e-1").count == 1)
    }
}
