internal import Catalogue
internal import EventLog
internal import Intake
internal import JSON

extension FuzzTarget {
    /// A body is refused as a whole, or each of its events is stored or refused. What is stored is one line of JSON with its
    /// stream and id, and the index that comes with it is the one that a scan of it gives.
    static let intake = FuzzTarget("intake") { body throws(FuzzFinding) in
        var random = SystemRandomNumberGenerator()
        guard let catalogue = try? StreamCatalogue([PublicStream("a")]),
            let request = try? IntakeRequest(body: body, catalogue: catalogue, now: 1_795_255_200_123, random: &random)
        else { return }
        // What its request says of all of them is added to events that lack it, and refuses none.
        let facts = IntakeFacts(stream: "a", schema: "/s/1.0.0")
        let filled = try? IntakeRequest(
            body: body, catalogue: catalogue, now: 1_795_255_200_123, facts: facts, random: &random)
        try require(
            filled?.count == request.count && filled?.accepted.count ?? 0 >= request.accepted.count,
            "what is added refuses no event")
        guard let whole = try? JSONValue(body, depth: 513) else { throw FuzzFinding("not so: a body is JSON") }
        try requireEqual(request.count, whole.array?.count ?? 1, "each event is stored or refused")
        for event in request.accepted {
            let value = event.record.value
            guard let record = try? JSONDocument(value) else { throw FuzzFinding("not so: a record is JSON") }
            try require(!value.contains { $0 == 0x0A || $0 == 0x0D }, "a record is one line")
            try requireEqual(record.string(record.value(at: ["meta", "stream"])), "a", "a record names its stream")
            try requireEqual(record.string(record.value(at: ["meta", "id"])), event.id, "a record has its id")
            let index = event.record.index
            try require(!index.isEmpty, "a record has an index")
            let indexed = JSONDocument(value, index: index.words, at: index.start)
            try requireEqual(indexed.tree(0), record.tree(0), "a record's index is its own")
        }
    }
}
