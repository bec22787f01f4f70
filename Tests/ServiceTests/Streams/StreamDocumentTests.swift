import Catalogue
import JSON
import Testing

@Suite struct StreamDocumentTests {
    private func streams(
        _ text: String, path: String? = nil, defaults: JSONValue? = nil, overrides: JSONValue? = nil
    ) throws -> [PublicStream] {
        try StreamDocument.streams(
            in: JSONValue(Array(text.utf8)), path: path, defaults: defaults, overrides: overrides)
    }

    @Test func readsEverySetting() throws {
        let text = #"""
            {"streams":{"a.b":{"stream":"a.b","topics":["x","y"],"topic_prefixes":["no."],"stream_aliases":["b"],
            "schema_title":"t","description":"d","partitions":3,"canary_events_enabled":true,"consumers":{},
            "message_key_fields":{"page_id":"page.page_id","wiki":"wiki"}}}}
            """#
        let expected = PublicStream(
            "a.b", aliases: ["b"], topics: ["x", "y"], schemaTitle: "t", description: "d", partitions: 3,
            keyFields: [.init(name: "page_id", path: ["page", "page_id"]), .init(name: "wiki", path: ["wiki"])])
        #expect(try streams(text) == [expected])
    }

    @Test func aSettingThatNobodyKnowsIsWarnedOfWithTheOneThatWasMeant() throws {
        let text = #"""
            {"a":{"topcis":["x"],"Stream_Alias":["b"],"consumers":{},"sample":{},"destination_event_service":"x",
            "producers":{},"canary_events_enabled":true,"my_own_note":1},"b":{"topics":["x"]}}
            """#
        let warnings = try StreamCatalogue(try streams(text)).warnings
        #expect(
            warnings == [
                "the stream a has the unknown setting topcis; did you mean topics?",
                "the stream a has the unknown setting Stream_Alias; did you mean stream_aliases?",
            ])
    }

    @Test func topicsAreThePrefixesOrTheNameWhereNoneAreListed() throws {
        #expect(try streams(#"{"a":{"topic_prefixes":["eqiad.","codfw."]}}"#).first?.topics == ["eqiad.a", "codfw.a"])
        #expect(try streams(#"{"a":{"topic_prefixes":null,"topics":null}}"#).first?.topics == ["a"])
        #expect(try streams(#"{"a":null}"#) == [PublicStream("a")])
        #expect(try streams(#"{"a":{"message_key_fields":["w"]}}"#).first?.keyFields == [.init(name: "w", path: ["w"])])
        #expect(try streams(#"{"/^a.*/":{"topics":["x"]}}"#).isEmpty)
    }

    @Test func thePathLeadsToTheMapping() throws {
        let text = #"{"streams":{"a":{}},"deep":{"er":{"b":{}}}}"#
        #expect(try streams(text).map(\.name) == ["a"])
        #expect(try streams(text, path: "deep.er").map(\.name) == ["b"])
        #expect(try streams(#"{"b":{}}"#, path: "").map(\.name) == ["b"])
        #expect { try streams(text, path: "deep.x") } throws: { "\($0)".contains("nothing at deep.x") }
    }

    @Test func defaultsLieUnderAndOverridesOver() throws {
        let result = try streams(
            #"{"streams":{"a":{"description":"fetched","partitions":2}}}"#,
            defaults: ["a": ["description": "default", "schema_title": "t"], "b": [:]],
            overrides: ["a": ["partitions": 5]])
        let a = try #require(result.first { $0.name == "a" })
        #expect(a.description == "fetched" && a.schemaTitle == "t" && a.partitions == 5)
        #expect(Set(result.map(\.name)) == ["a", "b"])
    }

    @Test(arguments: [
        "7", "[]", "null", #"{"streams":[]}"#, #"{"a":7}"#, #"{"a":[]}"#, #"{"a":{"topics":"x"}}"#,
        #"{"a":{"topics":[1]}}"#,
        #"{"a":{"topic_prefixes":{}}}"#, #"{"a":{"partitions":"3"}}"#, #"{"a":{"partitions":1.5}}"#,
        #"{"a":{"partitions":99999999999}}"#,
        #"{"a":{"description":[]}}"#, #"{"a":{"schema_title":1}}"#, #"{"a":{"stream_aliases":"b"}}"#,
        #"{"a":{"message_key_fields":"b"}}"#,
        #"{"error":{"code":"internal_api_error","info":"try again"}}"#, #"{"a":{"x":1},"b":{"y":{}}}"#,
        #"{"a":{"message_key_fields":{"b":""}}}"#, #"{"a":{"message_key_fields":[1]}}"#,
    ])
    func refusesOtherFormsWithASentence(text: String) {
        #expect { try streams(text) } throws: { $0 is CatalogueError && !"\($0)".isEmpty }
    }
}
