internal import EventLog
internal import Events
internal import JSON

extension FuzzTarget {
    /// The first byte says how many bytes of key follow (255: there is no key), the rest is the record. Spliced, it is one
    /// line, and the value that the record's tree with its place put in would be.
    static let metaSplice = FuzzTarget("meta-splice") { input throws(FuzzFinding) in
        guard let keyLength = input.first.map(Int.init) else { return }
        let key = keyLength == 255 ? nil : Array(input.dropFirst().prefix(keyLength))
        let record = Array(input.dropFirst(1 + (key?.count ?? 0)))
        guard let document = try? JSONDocument(record, depth: 64) else { return }
        guard let event = Event(document) else { return }
        var (bytes, index) = ([] as [UInt8], [] as [UInt16])
        var scanner = JSONScanner()
        MetaSplice(TopicPartition("to\"pic", 7))
            .append(event, offset: 1_234_567_890_123, key: key, to: &bytes, index: &index, scanner: &scanner)
        try require(!bytes.contains { $0 == 0x0A || $0 == 0x0D }, "the result is one line")
        guard let result = try? JSONValue(bytes, depth: Event.maximumDepth) else {
            throw FuzzFinding("the result is not JSON")
        }
        try requireEqual(result, expected(document.tree(document.root), key), "the result has its place")
        try requireEqual(
            JSONDocument(bytes, index: index).tree(0), result, "the index that is made with it is that of the result")
    }

    private static func expected(_ record: JSONValue, _ key: [UInt8]?) -> JSONValue {
        guard case .object(var members) = record else { return record }
        var place: [JSONValue.Member] = [
            .init("topic", "to\"pic"), .init("partition", 7), .init("offset", 1_234_567_890_123),
        ]
        if let key {
            // Two of the levels are around the key.
            let value =
                (try? JSONValue(key, depth: Event.maximumDepth - 2)) ?? .string(String(decoding: key, as: UTF8.self))
            place.append(.init("key", value))
        }
        if !members.contains(where: { $0.name == "meta" }) { members.append(.init("meta", .object([]))) }
        for index in members.indices where members[index].name == "meta" {
            var meta: [JSONValue.Member] = []
            if case .object(let brought) = members[index].value { meta = brought }
            if key == nil { meta.removeAll { $0.name == "key" } }
            for member in place {
                let found = meta.indices.filter { meta[$0].name == member.name }
                for index in found { meta[index].value = member.value }
                if found.isEmpty { meta.append(member) }
            }
            members[index].value = .object(meta)
        }
        return .object(members)
    }
}
