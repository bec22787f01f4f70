internal import Bytes
public import EventFormats
public import EventLog
public import Events
internal import JSON

/// Neighbouring records of one partition, made ready to be sent: each was parsed, redacted and given its `meta` once, for all
/// clients. Never changes, so that it can be shared.
public final class Block: Sendable {
    /// One record of the block, or the place of some that can't be had.
    public struct Entry: Hashable, Sendable {
        public enum Kind: UInt8, Hashable, Sendable {
            case event
            /// An event that only those who ask for canaries get.
            case canary
            /// A record that is no event: it shows as nothing but the next id.
            case skipped
            /// Records that nobody will get: `gap(of:)` says which, and why.
            case gap
        }

        public var kind: Kind
        public var offset: Offset
        /// Where to read on: the offset after this one, or after all that the gap tells of.
        public var next: Offset
        public var timestamp: Timestamp
        /// Where its data is in the block's bytes.
        public var start: Int
        public var end: Int
        /// Where its index is in the block's; nothing is there unless it is an event.
        public var index: Int32
        /// The hash of the record's key (`Share.hash`); below 0 where it has none.
        private var hash: Int32

        /// Of the record's key (`Share.hash`); nil where it has none.
        public var keyHash: Int32? { hash < 0 ? nil : hash }

        public init(
            kind: Kind, offset: Offset, next: Offset? = nil, timestamp: Timestamp, start: Int, end: Int,
            index: Int32 = -1, keyHash: Int32? = nil
        ) {
            self.kind = kind
            self.offset = offset
            self.next = next ?? offset &+ 1
            self.timestamp = timestamp
            self.start = start
            self.end = end
            self.index = index
            hash = keyHash ?? -1
        }

        /// The position after this entry. After a gap nothing is known of the record before.
        public var position: Position { Position(offset: next, timestamp: kind == .gap ? nil : timestamp) }
    }

    /// The offsets covered: none of the partition's in this range is left out.
    public let range: Range<Offset>
    /// In order of offset.
    public let entries: ContiguousArray<Entry>
    /// The data of all entries, one behind the other.
    public let bytes: [UInt8]
    /// The indices of all events, one behind the other: what filters read in the place of the text.
    private let index: [UInt16]
    /// In the order of the entries that tell of them.
    private let gaps: [Gap]
    /// The version of what is published (catalogue, redaction) that the records were prepared under. A block without
    /// records holds under every version: `.max`.
    public let version: Int

    /// - Precondition: the entries are in order and within the range, and their data within the bytes.
    public init(
        range: Range<Offset>, entries: ContiguousArray<Entry>, bytes: [UInt8], index: [UInt16] = [], gaps: [Gap] = [],
        version: Int = 0
    ) {
        self.version = entries.isEmpty ? .max : version
        self.range = range
        self.entries = entries
        self.bytes = bytes
        self.index = index
        self.gaps = gaps
    }

    /// A block that tells of missing records.
    public init(_ gap: Gap, range: Range<Offset>) {
        self.range = range
        gaps = [gap]
        version = .max
        entries = [
            Entry(kind: .gap, offset: range.lowerBound, next: range.upperBound, timestamp: .min, start: 0, end: 0)
        ]
        bytes = []
        index = []
    }

    /// What an entry tells of that stands for records which can't be had: its `start` is the gap's number.
    public func gap(of entry: Entry) -> Gap? {
        entry.kind == .gap && gaps.indices.contains(entry.start) ? gaps[entry.start] : nil
    }

    /// The event of an entry; nil where the entry is none, or came without an index.
    public func event(_ entry: Entry) -> Event? {
        guard entry.index >= 0 else { return nil }
        return Event(JSONDocument(bytes, base: entry.start, index: index, at: Int(entry.index)))
    }

    /// The event of an entry; one that came without an index is read anew. Nil where the entry is none.
    func readEvent(_ entry: Entry) -> Event? {
        if let event = event(entry) { return event }
        guard entry.kind == .event || entry.kind == .canary,
            let document = try? JSONDocument(Array(bytes[entry.start..<entry.end]), depth: Event.maximumDepth)
        else { return nil }
        return Event(document)
    }

    /// What the block costs in memory, about: its bytes, their index, its entries and the objects themselves.
    public var cost: Int {
        bytes.count + index.count * MemoryLayout<UInt16>.stride + entries.count * MemoryLayout<Entry>.stride + 192
    }

    /// What stands where a block was let go of.
    static let none = Block(range: 0..<0, entries: [], bytes: [])

    /// The index of the first entry that tells of anything at or after `offset`: a gap may begin before it. The number of
    /// entries where there is none.
    func index(from offset: Offset) -> Int {
        entries.indices.firstIndex(thatHasReached: { entries[$0].next > offset })
    }
}
