import JSON
import JSONSchema
import Testing

struct RefusedSchemaTests {
    static func refusal(_ schema: JSONValue, _ options: SchemaOptions = SchemaOptions()) -> SchemaError? {
        do throws(SchemaError) {
            _ = try CompiledSchema(schema, options: options)
            return nil
        } catch { return error }
    }

    static func refusal(_ schema: String, _ options: SchemaOptions = SchemaOptions()) throws -> SchemaError? {
        refusal(try JSONValue(Array(schema.utf8), depth: 512), options)
    }

    @Test(arguments: [
        (#"{"pattern":"a"}"#, #"{"pattern":"a","maxLength":9}"#),
        (#"{"format":"uri"}"#, #"{"format":"uri","maxLength":9}"#),
        (#"{"properties":{"a":{"format":"x"}}}"#, #"{"properties":{"format":{"type":"string"}}}"#),
        (#"{"uniqueItems":true}"#, #"{"uniqueItems":true,"maxItems":9}"#),
        (
            #"{"uniqueItems":true,"items":{"type":["string","object"]}}"#,
            #"{"uniqueItems":true,"items":{"type":"string"}}"#
        ),
        (#"{"patternProperties":{"a":{}}}"#, #"{"patternProperties":{"a":{}},"propertyNames":{"maxLength":9}}"#),
    ])
    func aSchemaByWhichValidatingMayTakeLongIsInsecure(_ insecure: String, _ secure: String) throws {
        #expect(try Self.refusal(insecure)?.reason == .insecure)
        #expect(try Self.refusal(insecure, SchemaOptions(allowsInsecure: true)) == nil)
        #expect(try Self.refusal(secure) == nil)
    }

    @Test(arguments: [
        #"{"type":"strin"}"#, #"{"type":[]}"#, #"{"minLength":-1}"#, #"{"minimum":"1"}"#, #"{"properties":[]}"#,
        #"{"required":"a"}"#, #"{"required":["a","a"]}"#, #"{"multipleOf":0}"#, #"{"allOf":[]}"#, #"{"items":1}"#, "1",
        "[]",
        #"{"pattern":"(","maxLength":1}"#, #"{"pattern":"(?=a)","maxLength":1}"#,
        #"{"pattern":"(a)\\1","maxLength":1}"#,
        ##"{"$ref":"#/definitions/none"}"##, ##"{"$ref":"http://example.com/none"}"##,
        ##"{"$schema":"http://example.com/"}"##,
        // For the same value without end.
        ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"}]}"##, ##"{"dependencies":{"a":{"not":{"$ref":"#"}}}}"##,
        ##"{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}},"items":{"$ref":"#/definitions/a"}}"##,
    ])
    func whatIsNoSchemaIsInvalid(_ schema: String) throws {
        #expect(try Self.refusal(schema)?.reason == .invalid)
    }

    @Test func aSchemaThatIsTooLargeIsRefused() throws {
        let deep = String(repeating: #"{"items":"#, count: 200) + "{}" + String(repeating: "}", count: 200)
        #expect(try Self.refusal(deep)?.reason == .tooLarge)
        // By way of references nothing is deep.
        let names = (0..<1000).map { ##""\##($0)":{"items":{"$ref":"#/definitions/\##($0 + 1)"}}"## }.joined(
            separator: ",")
        #expect(try Self.refusal(##"{"definitions":{\##(names),"1000":{}},"$ref":"#/definitions/0"}"##) == nil)
        let chain = (0..<1000).map { ##""\##($0)":{"allOf":[{"$ref":"#/definitions/\##($0 + 1)"}]}"## }.joined(
            separator: ",")
        #expect(
            try Self.refusal(##"{"definitions":{\##(chain),"1000":{}},"$ref":"#/definitions/0"}"##)?.reason == .tooLarge
        )
        let many = (0..<300).map { #""\#($0)":{}"# }.joined(separator: ",")
        let limits = SchemaLimits(nodes: 100)
        #expect(try Self.refusal(#"{"properties":{\#(many)}}"#, SchemaOptions(limits: limits))?.reason == .tooLarge)
    }
}
