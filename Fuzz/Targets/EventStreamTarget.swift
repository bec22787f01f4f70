internal import EventFormats

extension FuzzTarget {
    /// The parser gives the same whatever pieces a body comes in, and the same as a plain reading of the standard; what it
    /// gave can be encoded and comes back.
    static let eventStream = FuzzTarget("event-stream") { input throws(FuzzFinding) in
        let whole = read(input, pieces: [])
        if case .success(let items) = whole, input.count <= limit {
            try requireEqual(items, PlainEventStream.items(of: input), "the parser reads what the standard says")
            try encodeAndRead(items)
        }
        try requireEqual(read(input, pieces: [1]), whole, "byte by byte it is the same")
        var seed = input.reduce(UInt64(input.count)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        for _ in 0..<4 {
            let pieces = (0..<7).map { _ in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(seed >> 60)
            }
            try requireEqual(read(input, pieces: pieces + [1]), whole, "in pieces of \(pieces) it is the same")
        }
    }

    /// Small, so that inputs reach it.
    private static let limit = 512

    /// Pushes pieces of the given sizes in turn; no sizes: all at once.
    private static func read(
        _ input: [UInt8], pieces: [Int]
    ) -> Result<[EventStreamItem], EventStreamError> {
        var parser = EventStreamParser(limit: limit)
        var items: [EventStreamItem] = []
        var rest = input[...]
        var turn = 0
        do throws(EventStreamError) {
            while !rest.isEmpty {
                let size = pieces.isEmpty ? rest.count : pieces[turn % pieces.count]
                let piece = rest.prefix(size)
                try parser.push(piece.span, into: &items)
                rest = rest.dropFirst(size)
                turn += 1
            }
        } catch { return .failure(error) }
        return .success(items)
    }

    private static func encodeAndRead(_ items: [EventStreamItem]) throws(FuzzFinding) {
        var bytes: [UInt8] = []
        var expected: [EventStreamItem] = []
        for item in items {
            guard case .event(let event) = item else { continue }
            let type: EventType =
                switch event.type {
                case "gap": .gap
                case "error": .error
                default: .message
                }
            EventStreamEncoder.appendEvent(type: type, id: event.lastEventID.span, data: event.data.span, to: &bytes)
            expected.append(
                .event(ReceivedEvent(type: "\(type)", data: event.data, lastEventID: event.lastEventID)))
        }
        var parser = EventStreamParser()
        guard let items = try? parser.push(bytes) else { throw FuzzFinding("what was encoded can't be read") }
        try requireEqual(items, expected, "what was encoded is read as it was")
    }
}
