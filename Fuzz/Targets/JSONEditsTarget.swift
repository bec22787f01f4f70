internal import EventLog
internal import JSON
internal import Service

extension FuzzTarget {
    /// Edits of a JSON text leave a JSON text without what was removed; and taking an event in never gives a record that isn't
    /// one line of JSON.
    static let jsonEdits = FuzzTarget("json-edits") { input throws(FuzzFinding) in
        guard let document = try? JSONDocument(input) else { return }
        var edits = JSONEdits()
        edits.add(.remove, at: ["a"])
        edits.add(.remove, at: ["b", "a"])
        edits.add(.replace(Array("{}".utf8)), at: ["c"])
        edits.add(.append(name: "d", value: Array("1".utf8)), at: ["b"])
        if let result = edits.apply(to: document) {
            guard let edited = try? JSONDocument(result) else { throw FuzzFinding("not so: an edited text is JSON") }
            try require(edited.values(at: ["a"]).isEmpty, "nothing removed is left")
            try require(edited.values(at: ["b", "a"]).isEmpty, "nothing removed is left further down")
        }
        try takeIn(input)
    }

    private static func takeIn(_ body: [UInt8]) throws(FuzzFinding) {
        var random = SystemRandomNumberGenerator()
        guard let catalogue = try? StreamCatalogue([PublicStream("a")]),
            let request = try? IntakeRequest(body: body, catalogue: catalogue, now: 1_795_255_200_123, random: &random)
        else { return }
        for event in request.accepted {
            guard let record = try? JSONDocument(event.record.value) else {
                throw FuzzFinding("not so: a record is JSON")
            }
            try require(!event.record.value.contains { $0 == 0x0A || $0 == 0x0D }, "a record is one line")
            try requireEqual(record.string(record.value(at: ["meta", "stream"])), "a", "a record names its stream")
            try requireEqual(record.string(record.value(at: ["meta", "id"])), event.id, "a record has its id")
        }
    }
}
