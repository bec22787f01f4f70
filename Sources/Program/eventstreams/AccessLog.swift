internal import HTTP
internal import Server
internal import Telemetry

/// Writes a line for each stream that has ended and each request that was refused, at most so many a second.
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
            ("status", record.status), ("milliseconds", record.milliseconds),
        ]
        if let events = record.events { fields.append(("events", events)) }
        fields.append(("bytes", record.bytes))
        fields.append(("reason", record.reason))
        fields.append(("protocol", record.transport))
        if leftOut > 0 { fields.append(("left_out", leftOut)) }
        logger.log(.info, record.events == nil ? "request refused" : "stream ended", fields)
    }
}
