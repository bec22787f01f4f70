internal import EventFormats
internal import EventLog
internal import JSON
internal import Streaming
internal import Synchronization

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

/// Makes an event of each record that is a JSON object, with its index; a record `gap` is a gap.
struct IndexingPreparer: RecordPreparer {
    var version = 1

    func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block {
        var bytes: [UInt8] = []
        var index: [UInt16] = []
        var entries: ContiguousArray<Block.Entry> = []
        var gaps: [Gap] = []
        var scanner = JSONScanner()
        for record in records {
            let start = bytes.count
            bytes += record.value
            scanner.removeAll()
            guard (try? scanner.scanAll(record.value.span, depth: 8)) != nil else {
                entries.append(
                    Block.Entry(
                        kind: .gap, offset: record.offset, timestamp: record.timestamp, start: gaps.count,
                        end: gaps.count))
                gaps.append(
                    Gap(partition, from: record.offset, to: record.offset + 1, reason: .unreadable, detail: ""))
                continue
            }
            entries.append(
                Block.Entry(
                    kind: .event, offset: record.offset, timestamp: record.timestamp, start: start, end: bytes.count,
                    index: Int32(index.count)))
            scanner.appendIndex(ofTextOf: record.value.count, to: &index)
        }
        return Block(range: range, entries: entries, bytes: bytes, index: index, gaps: gaps, version: version)
    }
}

/// Counts what is told to it.
final class Calls: Sendable {
    private let made = Atomic(0)

    var count: Int { made.load(ordering: .relaxed) }
    func note() { made.add(1, ordering: .relaxed) }
}
