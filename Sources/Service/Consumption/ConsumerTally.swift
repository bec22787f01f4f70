/// What one event loop counts of its clients, by row. Numbers of streams that are open are added when it is read, so that
/// nothing is counted for each event, and sums never fall.
package struct ConsumerTally: Sendable {
    /// Of streams that have ended; `clients` stays 0.
    private var ended: [ConsumerUse] = []

    package init() {}

    package mutating func didBegin(_ consumer: Consumer) { with(consumer.row) { $0.opened += 1 } }

    /// - Parameter bytes: that were sent to it, all in all.
    package mutating func didEnd(_ consumer: Consumer, bytes: Int) { with(consumer.row) { $0.bytes += bytes } }

    /// - Parameter open: each open stream with the bytes that were sent to it so far.
    package func uses(open: some Sequence<(Consumer, Int)>) -> [ConsumerUse] {
        var uses = ended
        for (consumer, bytes) in open {
            while uses.count <= consumer.row { uses.append(ConsumerUse()) }
            uses[consumer.row].clients += 1
            uses[consumer.row].bytes += bytes
        }
        return uses
    }

    private mutating func with(_ row: Int, _ change: (inout ConsumerUse) -> Void) {
        while ended.count <= row { ended.append(ConsumerUse()) }
        change(&ended[row])
    }
}
