internal import EventFilter
internal import Events
internal import JSON
internal import TestSupport

extension FuzzTarget {
    /// The input is a list of fields, a line break, and an event: what is kept of it is JSON whose values are the
    /// event's own.
    static let projection = FuzzTarget("projection") { input throws(FuzzFinding) in
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let projection = try? Projection(String(decoding: parts[0], as: UTF8.self)) else {
            return
        }
        try requireEqual(try? Projection(projection.description), projection, "what is printed is the same projection")
        guard let document = try? JSONDocument(Array(parts[1])), let event = Event(document) else { return }
        var bytes: [UInt8] = []
        projection.append(event, to: &bytes)
        guard let result = try? JSONDocument(bytes) else {
            throw FuzzFinding("not so: what is kept is JSON: \(String(decoding: bytes, as: UTF8.self))")
        }
        try require(
            result.tree(result.root).isPart(of: document.tree(document.root)),
            "the values kept are the event's own, in order")
        for name in Projection.always where document.value(at: ["meta", name]) != nil {
            try require(result.value(at: ["meta", name]) != nil, "meta.\(name) is kept")
        }
    }
}
