internal import EventFormats

/// One client's side of its response, from the first byte of the head on: bytes in, events counted. Between two reads it
/// keeps what is not a whole event, and nothing else that grows.
struct ClientStream {
    /// 16 MiB.
    static let eventLimit = 16 << 20

    private(set) var framing: BodyFraming?
    /// The head, or the event, that is not whole yet.
    private var waiting: [UInt8] = []
    private var inflater: Inflater?
    /// Where the audit has it.
    private(set) var place = DeliveryAudit.start
    private(set) var events: Int64 = 0

    /// The head has come, and says 200.
    var isStreaming: Bool { framing != nil }
    /// The body has ended as its framing says.
    var isDone: Bool { framing?.isDone ?? false }

    mutating func take(_ bytes: Span<UInt8>, _ tally: inout DeliveryTally) throws(StreamFault) {
        guard framing == nil else { return try takeBody(bytes, &tally) }
        // Lifetime: the bytes are copied within the closure.
        unsafe bytes.withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
        guard let end = Self.endOfHead(waiting) else {
            guard waiting.count < AnswerHead.limit else { throw .headTooLong }
            return
        }
        let all = waiting
        waiting = []
        try begin(AnswerHead(all[..<end]))
        try takeBody(all.span.extracting(end...), &tally)
    }

    /// From here on only the body's bytes are taken.
    mutating func begin(_ head: AnswerHead) throws(StreamFault) {
        guard head.status == 200 else { throw .refused(status: head.status) }
        framing = BodyFraming(head)
        if head.isGzip { inflater = try Inflater() }
    }

    /// The connection has ended.
    func finish() throws(StreamFault) {
        guard framing?.mayEnd == true else { throw .brokenOff }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) }
    }

    private mutating func takeBody(_ bytes: Span<UInt8>, _ tally: inout DeliveryTally) throws(StreamFault) {
        guard var framing else { return }
        defer { self.framing = framing }
        var place = 0
        while let range = try framing.next(in: bytes, &place) {
            guard let inflater else {
                try takeEvents(bytes.extracting(range), &tally)
                continue
            }
            var text: [UInt8] = []
            try inflater.inflate(bytes.extracting(range), into: &text)
            try takeEvents(text.span, &tally)
        }
    }

    private mutating func takeEvents(_ bytes: Span<UInt8>, _ tally: inout DeliveryTally) throws(StreamFault) {
        if waiting.isEmpty {
            let rest = takeBlocks(bytes, &tally)
            if rest < bytes.count {
                // Lifetime: the bytes are copied within the closure.
                unsafe bytes.extracting(rest...).withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
            }
        } else {
            // Out of the stream while it is read, so that the stream may be changed meanwhile.
            var whole: [UInt8] = []
            swap(&whole, &waiting)
            unsafe bytes.withUnsafeBufferPointer { unsafe whole.append(contentsOf: $0) }
            let rest = takeBlocks(whole.span, &tally)
            if rest < whole.count {
                whole.removeFirst(rest)
                swap(&whole, &waiting)
            }
        }
        guard waiting.count <= Self.eventLimit else { throw .eventTooLong }
    }

    /// Returns where the event begins that is not whole.
    private mutating func takeBlocks(_ bytes: Span<UInt8>, _ tally: inout DeliveryTally) -> Int {
        var blocks = EventBlocks()
        while let block = blocks.next(in: bytes) {
            if block.dataLines > 0 { events += 1 }
            place = tally.take(block, in: bytes, at: place)
        }
        return blocks.rest
    }
}
