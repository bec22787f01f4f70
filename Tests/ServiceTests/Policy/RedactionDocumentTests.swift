import JSON
import Redaction
import Testing

@Suite struct RedactionDocumentTests {
    private func apply(_ redaction: JSONValue?, _ pages: JSONValue? = nil, to text: String) throws -> String? {
        try RedactionDocument.redactor(redaction: redaction, pages: pages)
            .apply(streams: ["a"], to: JSONDocument(Array(text.utf8))).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func readsRules() throws {
        let rules: JSONValue = [
            "rules": [
                [
                    "streams": ["a"], "match": ["wiki": ["x", 1], "bot": false], "remove": ["user"],
                    "replace": ["p.q": [:]],
                ],
                ["streams": ["b"], "remove": ["n"]],
            ]
        ]
        #expect(
            try apply(rules, to: #"{"wiki":"x","bot":false,"user":1,"p":{"q":2},"n":3}"#)
                == #"{"wiki":"x","bot":false,"p":{"q":{}},"n":3}"#)
        #expect(try apply(rules, to: #"{"wiki":"x","bot":true,"user":1}"#) == nil)
    }

    @Test func readsPagesWithTitlesOfAnyKind() throws {
        let pages: JSONValue = ["d": ["Title", 42, true]]
        for title in ["\"title\"", "42", "true"] {
            let event = #"{"meta":{"domain":"d"},"page_title":\#(title)"#
            #expect(try apply(nil, pages, to: event + #","performer":1}"#) == event + "}")
        }
    }

    @Test func nothingConfiguredIsNothingToDo() throws {
        #expect(try RedactionDocument.redactor(redaction: nil, pages: nil).isEmpty)
        #expect(try RedactionDocument.redactor(redaction: .null, pages: .null).isEmpty)
    }

    @Test(
        arguments: [
            7, [], ["rule": []], ["rules": 7], ["rules": [7]], ["rules": [[:]]], ["rules": [["remove": []]]],
            ["rules": [["remove": "user"]]],
            ["rules": [["remove": [7]]]], ["rules": [["remove": ["a..b"]]]],
            ["rules": [["remove": ["a"], "streams": []]]],
            ["rules": [["remove": ["a"], "streams": "a"]]], ["rules": [["remove": ["a"], "match": ["x": [:]]]]],
            ["rules": [["remove": ["a"], "match": ["": 1]]]], ["rules": [["remove": ["a"], "stream": ["a"]]]],
            ["rules": [["replace": [7]]]],
        ] as [JSONValue])
    func aSlipIsRefusedRatherThanShowWhatIsToBeHidden(redaction: JSONValue) {
        #expect(throws: RedactionDocument.Failure.self) {
            try RedactionDocument.redactor(redaction: redaction, pages: nil)
        }
    }

    @Test(arguments: [7, ["d": "Title"], ["d": [[:]]]] as [JSONValue])
    func refusesOtherFormsOfPages(pages: JSONValue) {
        #expect(throws: RedactionDocument.Failure.self) { try RedactionDocument.redactor(redaction: nil, pages: pages) }
    }
}
