internal import EventFormats
internal import EventLog

extension FuzzTarget {
    /// Any bytes are refused or give entries within the limits; exact entries can be written in both forms and come back.
    static let lastEventID = FuzzTarget("last-event-id") { input throws(FuzzFinding) in
        let cursor: RequestedCursor
        do throws(LastEventIDError) { cursor = try LastEventID.parse(input, topics: ["a", "b"]) } catch {
            return try require(!error.description.isEmpty, "an error has a sentence")
        }
        try requireSound(cursor)
        try writeAndRead(cursor)
    }

    static func requireSound(_ cursor: RequestedCursor) throws(FuzzFinding) {
        let entries = cursor.entries
        if cursor.time != nil { return try require(entries.isEmpty && cursor.isWhole, "a time stands alone") }
        try require(1...LastEventID.entryLimit ~= entries.count, "there are entries, and not too many")
        var seen: Set<String> = []
        for entry in entries {
            try require(!entry.topic.isEmpty, "a topic has a name")
            try require(entry.partition ?? 0 >= 0, "no partition is negative")
            try require(seen.insert("\(entry.partition ?? -1) \(entry.topic)").inserted, "no partition comes twice")
            if case .at(let offset) = entry.place { try require(offset >= 0, "no offset is negative") }
            if entry.partition == nil {
                try require(entry.place == nil && entry.timestamp == nil, "a bare topic has no place")
            } else {
                try require(entry.place != nil || entry.timestamp != nil, "a partition has a place")
            }
        }
    }

    /// Writes those entries that say an offset, in both forms.
    static func writeAndRead(_ read: RequestedCursor) throws(FuzzFinding) {
        let exact = read.entries.compactMap { entry -> Cursor.Entry? in
            guard let partition = entry.partition, case .at(let offset) = entry.place else { return nil }
            return Cursor.Entry(
                TopicPartition(entry.topic, partition), Position(offset: offset, timestamp: entry.timestamp))
        }
        guard !exact.isEmpty else { return }
        let cursor = Cursor(exact)
        let encoder = CursorEncoder(cursor.entries.map(\.topicPartition), isWhole: read.isWhole)
        let expected = RequestedCursor(
            cursor.entries.map {
                RequestedPosition(
                    topic: $0.topicPartition.topic, partition: $0.topicPartition.partition,
                    place: .at($0.position.offset), timestamp: $0.position.timestamp)
            }, isWhole: read.isWhole, isFinal: read.isFinal)
        for form in IDForm.allCases {
            var id: [UInt8] = []
            encoder.append(cursor.entries.map(\.position), form: form, isFinal: read.isFinal, to: &id)
            guard id.count <= LastEventID.lengthLimit else { continue }
            try require(!id.contains { $0 < 0x20 || $0 == 0x7F }, "an id has no control character")
            try requireEqual(
                try? LastEventID.parse(id, topics: encoder.topics), expected, "an id of form \(form) comes back")
        }
    }
}
