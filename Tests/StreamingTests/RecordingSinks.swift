internal import Streaming

/// Sinks that take so many bytes and remember them.
final class RecordingSinks: SinkTable {
    struct Sink {
        var bytes: [UInt8] = []
        /// How many bytes it takes before it blocks.
        var room = Int.max
        var writes: [Int] = []
        var unsent = 0
    }

    private(set) var sinks: [Sink] = []

    func open(room: Int = .max) -> Int {
        sinks.append(Sink(room: room))
        return sinks.count - 1
    }

    subscript(_ id: Int) -> Sink {
        get { sinks[id] }
        set { sinks[id] = newValue }
    }

    func write(_ bytes: Span<UInt8>, to id: Int) -> Int {
        let count = min(bytes.count, sinks[id].room)
        for index in 0..<count { sinks[id].bytes.append(bytes[index]) }
        sinks[id].room -= count
        sinks[id].writes.append(count)
        return count
    }

    func unsentBytes(of id: Int) -> Int { sinks[id].unsent }
}
