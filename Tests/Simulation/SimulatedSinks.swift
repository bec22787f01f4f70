internal import Streaming

/// One client's socket: a buffer that takes so many bytes and is emptied by the client.
final class SimulatedSink {
    var buffer: [UInt8] = []
    var capacity: Int
    var isBlocked = false
    var isClosed = false
    /// The server has ended the body in order.
    var isFinished = false

    init(capacity: Int) { self.capacity = capacity }
}

final class SimulatedSinks: SinkTable {
    private(set) var sinks: [Int: SimulatedSink] = [:]
    private(set) var partialWrites = 0
    private var last = 0

    func open(capacity: Int) -> Int {
        last += 1
        sinks[last] = SimulatedSink(capacity: capacity)
        return last
    }

    func close(_ id: Int) { sinks[id] = nil }

    subscript(_ id: Int) -> SimulatedSink? { sinks[id] }

    func write(_ bytes: Span<UInt8>, to id: Int) -> Int {
        guard let sink = sinks[id], !sink.isClosed else { return 0 }
        precondition(!sink.isBlocked, "written to while not writable")
        let count = min(bytes.count, max(sink.capacity - sink.buffer.count, 0))
        for index in 0..<count { sink.buffer.append(bytes[index]) }
        if count < bytes.count {
            sink.isBlocked = true
            partialWrites += count > 0 ? 1 : 0
        }
        return count
    }

    func unsentBytes(of id: Int) -> Int { sinks[id]?.buffer.count ?? 0 }
}
