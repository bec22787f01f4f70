internal import EventFilter
internal import Events
internal import JSON

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
            isPart(result.tree(result.root), of: document.tree(document.root)),
            "the values kept are the event's own, in order")
        for name in Projection.always where document.value(at: ["meta", name]) != nil {
            try require(result.value(at: ["meta", name]) != nil, "meta.\(name) is kept")
        }
    }

    private static func isPart(_ part: JSONValue, of whole: JSONValue) -> Bool {
        switch (part, whole) {
        case (.object(let part), .object(let whole)):
            var rest = whole[...]
            return part.allSatisfy { member in
                guard
                    let place = rest.firstIndex(where: { $0.name == member.name && isPart(member.value, of: $0.value) })
                else { return false }
                rest = rest[(place + 1)...]
                return true
            }
        case (.array(let part), .array(let whole)):
            var rest = whole[...]
            return part.allSatisfy { element in
                guard let place = rest.firstIndex(where: { isPart(element, of: $0) }) else { return false }
                rest = rest[(place + 1)...]
                return true
            }
        default: return part == whole
        }
    }
}
