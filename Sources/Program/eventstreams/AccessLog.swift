internal import Bytes
internal import HTTP
internal import Server
internal import Telemetry

/// Writes a line for each stream that begins or has ended and each request that was refused, at most so many a second.
struct AccessLog: Sendable {
    private let logger: Logger
    private let rate: LineRate

    /// Nil: no lines are wanted.
    init?(linesPerSecond: Int, _ logger: Logger) {
        guard linesPerSecond > 0 else { return nil }
        self.logger = logger
        rate = LineRate(perSecond: linesPerSecond)
    }

    /// Lines left out so far.
    var leftOut: Int { rate.leftOut }

    func write(_ record: AccessRecord) {
        guard let leftOut = rate.take() else { return }
        var fields: [Logger.Field] = [
            ("address", record.address.description), ("method", record.method), ("target", record.target),
            ("status", record.status),
        ]
        if record.kind != .began { fields.append(("milliseconds", record.milliseconds)) }
        if let events = record.events { fields.append(("events", events)) }
        if record.kind != .began { fields += [("bytes", record.bytes), ("reason", record.reason)] }
        if !record.streams.isEmpty { fields.append(("streams", Excerpt.list(record.streams))) }
        if let filter = record.filter { fields.append(("filter", filter)) }
        if !record.agent.isEmpty { fields.append(("agent", record.agent)) }
        fields.append(("protocol", record.transport))
        if leftOut > 0 { fields.append(("left_out", leftOut)) }
        let message =
            switch record.kind {
            case .began: "stream began"
            case .ended: "stream ended"
            case .refused: "request refused"
            }
        logger.log(.info, message, fields)
    }
}
