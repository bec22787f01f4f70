/// What a load came to.
struct LoadOutcome: Sendable {
    var asked = 0
    /// Over HTTP/2: opened, for all clients.
    var connections = 0
    /// Got a stream.
    var connected = 0
    /// By the name of the reason: not connected, or answered with something else than a stream.
    var failures: [String: Int] = [:]
    /// By the name of the reason: had a stream that did not end in order.
    var broken: [String: Int] = [:]
    /// The server ended the stream in order.
    var ended = 0
    /// Got nothing more though others did.
    var stalled = 0
    /// Got events to the end, but fewer than others had.
    var behind = 0

    /// Microseconds until the last connection was answered.
    var opening: Int64 = 0
    /// Microseconds measured; events, bytes and processor time are of these.
    var measured: Int64 = 0
    var events: Int64 = 0
    var bytes: Int64 = 0
    /// Of one client since it connected.
    var fewestEvents: Int64 = 0
    var mostEvents: Int64 = 0
    var latencies = LatencyHistogram()
    var arrivals = LatencyHistogram()
    var early: Int64 = 0

    var form: IDReader.Form?
    var findings = DeliveryAudit.Findings()
    var unchecked: Int64 = 0
    var gaps: Int64 = 0
    var errors: Int64 = 0

    /// Of this program, in microseconds.
    var ownProcessor: Int64 = 0
    var ownMemory: Int64 = 0
    /// Of the server until the last connection was answered; nil as below.
    var openingProcessor: Int64?
    /// Of the server, in microseconds; nil: not asked for, or the process is gone.
    var serverProcessor: Int64?
    /// Before the first connection, and when the measuring ended.
    var serverMemory: (before: Int64, after: Int64)?

    var failed: Int { failures.values.reduce(0, +) }
    var brokenOff: Int { broken.values.reduce(0, +) }

    /// Everybody was served, and got everything once and in order, as far as ids can tell.
    var isGood: Bool { findings == .init() && stalled == 0 && failed == 0 && brokenOff == 0 && connected == asked }
}
