internal import Streaming

/// One client's socket: a buffer that takes so many bytes and is emptied by the client.
final class SimulatedSink {
    var buffer: [UInt8] = []
    /// The rules that the loop had taken over when it wrote the bytes of the buffer: from which byte on, counted from the
    /// stream's first.
    private(set) var rules: [(start: Int, version: Int)] = []
    private var taken = 0
    let loop: Int
    var capacity: Int
    var isBlocked = false
    var isClosed = false
    /// The server has ended the body in order.
    var isFinished = false

    init(capacity: Int, loop: Int) {
        self.capacity = capacity
        self.loop = loop
    }

    func wrote(under version: Int, from start: Int) {
        if rules.last?.version != version { rules.append((taken + start, version)) }
    }

    /// Takes bytes that were written under the same rules, at most so many.
    func take(_ most: Int) -> (bytes: [UInt8], version: Int) {
        while rules.count > 1, rules[1].start <= taken { rules.removeFirst() }
        let count = rules.count > 1 ? min(most, rules[1].start - taken) : most
        let bytes = Array(buffer.prefix(count))
        buffer.removeFirst(bytes.count)
        taken += bytes.count
        return (bytes, rules.first?.version ?? 0)
    }
}

final class SimulatedSinks: SinkTable {
    private(set) var sinks: [Int: SimulatedSink] = [:]
    private(set) var partialWrites = 0
    private var last = 0
    /// The version of the rules that each loop has taken over.
    var versions: [Int] = []

    func open(capacity: Int, loop: Int) -> Int {
        last += 1
        sinks[last] = SimulatedSink(capacity: capacity, loop: loop)
        return last
    }

    func close(_ id: Int) { sinks[id] = nil }

    subscript(_ id: Int) -> SimulatedSink? { sinks[id] }

    func write(_ bytes: Span<UInt8>, to id: Int) -> Int {
        guard let sink = sinks[id], !sink.isClosed else { return 0 }
        precondition(!sink.isBlocked, "written to while not writable")
        let count = min(bytes.count, max(sink.capacity - sink.buffer.count, 0))
        sink.wrote(under: versions[sink.loop], from: sink.buffer.count)
        for index in 0..<count { sink.buffer.append(bytes[index]) }
        if count < bytes.count {
            sink.isBlocked = true
            partialWrites += count > 0 ? 1 : 0
        }
        return count
    }

    func unsentBytes(of id: Int) -> Int { sinks[id]?.buffer.count ?? 0 }
}
