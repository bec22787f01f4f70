internal import EventLog
internal import Streaming

let t0 = TopicPartition("t", 0)
let t1 = TopicPartition("t", 1)
let u0 = TopicPartition("u", 0)

/// Makes an event of each record, its bytes as they are.
struct PlainPreparer: RecordPreparer {
    func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block {
        var bytes: [UInt8] = []
        var entries: ContiguousArray<Block.Entry> = []
        for record in records {
            let start = bytes.count
            bytes += record.value
            entries.append(
                Block.Entry(
                    kind: .event, offset: record.offset, timestamp: record.timestamp, start: start, end: bytes.count))
        }
        return Block(range: range, entries: entries, bytes: bytes)
    }
}
