internal import EventFormats

/// What all clients of a load received, counted and checked.
struct DeliveryTally: Sendable {
    /// Distinct events whose times are read in a tenth of a second at most: reading them is dear, and an event's time is
    /// read once for all clients.
    static let timesPerTick = 200
    /// Where ids don't tell which event it is, the time of every so many-th is read.
    static let timeInterval: Int64 = 64

    var audit: DeliveryAudit
    /// Until an event was read here.
    var latencies = LatencyHistogram()
    /// Until the kernel here had it: without the time that it waited for this program.
    var arrivals = LatencyHistogram()
    private(set) var events: Int64 = 0
    private(set) var gaps: Int64 = 0
    /// Events of type `error`.
    private(set) var errors: Int64 = 0
    /// Events whose ids can't be read, or that come before any id.
    private(set) var unchecked: Int64 = 0
    /// Events that came before their own time, by the clock here: the clocks differ.
    private(set) var early: Int64 = 0
    /// Unix time in microseconds, to be set before bytes are taken.
    var now: Int64 = 0
    /// When the kernel had the newest of the bytes that are taken, in the same unit; nil: it does not say. Of several events
    /// in one read the earlier ones came before that, so that it is the most that it may have taken.
    var arrival: Int64?
    var timesLeft = DeliveryTally.timesPerTick
    private let timestamp: EventTimestamp?
    /// Whether events have times that are looked for.
    var measuresLatency: Bool { timestamp != nil }

    init(audit: DeliveryAudit = DeliveryAudit(), timestamp: EventTimestamp?) {
        self.audit = audit
        self.timestamp = timestamp
    }

    /// - Returns: the client's new place.
    mutating func take(
        _ block: EventBlocks.Block, in bytes: Span<UInt8>, at place: DeliveryAudit.Place
    ) -> DeliveryAudit.Place {
        switch block.kind {
        case .silent: return place
        case .error:
            errors += 1
            return place
        case .gap: gaps += 1
        case .event: events += 1
        case .progress: break
        }
        let step: DeliveryAudit.Step = block.kind == .event ? .event : block.kind == .gap ? .gap : .progress
        guard let id = block.id, let next = audit.take(step, bytes.extracting(id), at: place) else {
            if step == .event {
                unchecked += 1
                if timestamp != nil, events % Self.timeInterval == 0 { record(readTime(block, bytes)) }
            }
            return place
        }
        if step == .event, timestamp != nil {
            let known = audit.time(at: next)
            if known.isRead {
                record(known.microseconds)
            } else if timesLeft > 0 {
                timesLeft -= 1
                let time = readTime(block, bytes)
                audit.setTime(time, at: next)
                record(time)
            }
        }
        return next
    }

    private func readTime(_ block: EventBlocks.Block, _ bytes: Span<UInt8>) -> Int64? {
        guard let timestamp, block.dataLines == 1, let data = block.data else { return nil }
        var copy: [UInt8] = []
        // Lifetime: the bytes are copied within the closure.
        unsafe bytes.extracting(data).withUnsafeBufferPointer { unsafe copy.append(contentsOf: $0) }
        return timestamp.microseconds(in: copy)
    }

    private mutating func record(_ time: Int64?) {
        guard let time else { return }
        if time > now { early += 1 }
        latencies.record(now - time)
        if let arrival { arrivals.record(arrival - time) }
    }
}
