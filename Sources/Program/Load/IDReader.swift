internal import EventFormats
internal import EventLog

/// Reads ids of the JSON form, the compact form, and plain whole numbers, and numbers the partitions they name.
///
/// Ids of one stream differ from each other in little but numbers. So the text between the numbers of the last id is
/// kept, and an id with the same text there is read without being parsed.
struct IDReader: Sendable {
    /// The next offset to read in a partition.
    struct Entry: Hashable, Sendable {
        /// The partition's number.
        var partition: Int
        var offset: Int64
    }

    enum Form: Hashable, Sendable {
        /// Positions in a log: each record has one offset, and which are delivered is the subscription's choice.
        case positions
        /// A server's own count of events, that leaves none out.
        case number
    }

    /// Needed for the compact form alone.
    private let topics: [String]
    private var partitions: [TopicPartition: Int] = [:]
    private(set) var form: Form?

    // The last JSON id: what stands before each offset, and whether a timestamp follows.
    private var pieces: [[UInt8]] = []
    private var numbers: [Int] = []

    init(topics: [String] = []) { self.topics = topics }

    /// Partitions seen so far.
    var partitionCount: Int { partitions.count }

    /// The entries, in order of their partitions' numbers; nil: the id says nothing this can read.
    mutating func read(_ id: [UInt8]) -> [Entry]? {
        if let entries = readLikeTheLast(id) { return entries }
        if let number = Self.number(id) {
            form = form ?? .number
            return [Entry(partition: partition(TopicPartition("", 0)), offset: number + 1)]
        }
        guard let requested = try? LastEventID.parse(id, topics: topics).entries, !requested.isEmpty else { return nil }
        var entries: [Entry] = []
        for entry in requested {
            guard let partition = entry.partition, case .at(let offset) = entry.place else { return nil }
            entries.append(
                Entry(partition: self.partition(TopicPartition(entry.topic, partition)), offset: offset))
        }
        form = form ?? .positions
        keep(id, entries)
        return entries.sorted { $0.partition < $1.partition }
    }

    private mutating func partition(_ partition: TopicPartition) -> Int {
        if let number = partitions[partition] { return number }
        let number = partitions.count
        partitions[partition] = number
        return number
    }

    /// nil: not a number, or one so large that no other could follow.
    private static func number(_ id: [UInt8]) -> Int64? {
        guard !id.isEmpty, id.count <= 18, id.allSatisfy({ 48...57 ~= $0 }) else { return nil }
        return id.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    // MARK: Ids like the last

    private static let offsetName = Array("\"offset\":".utf8)
    private static let timestampName = Array(",\"timestamp\":".utf8)

    /// Takes the text apart at its offsets and timestamps. Where it isn't written as expected nothing is kept.
    private mutating func keep(_ id: [UInt8], _ entries: [Entry]) {
        (pieces, numbers) = ([], [])
        guard id.first == UInt8(ascii: "["), entries.map(\.partition) == entries.map(\.partition).sorted() else {
            return
        }
        var place = 0
        for entry in entries {
            guard let name = Self.find(Self.offsetName, in: id, from: place) else {
                (pieces, numbers) = ([], [])
                return
            }
            let start = name + Self.offsetName.count
            pieces.append(Array(id[place..<start]))
            numbers.append(entry.partition)
            place = start
            guard Self.digits(id, &place) == entry.offset else {
                (pieces, numbers) = ([], [])
                return
            }
            if id[place...].starts(with: Self.timestampName) {
                place += Self.timestampName.count
                guard Self.digits(id, &place) != nil else {
                    (pieces, numbers) = ([], [])
                    return
                }
            }
        }
        pieces.append(Array(id[place...]))
    }

    private func readLikeTheLast(_ id: [UInt8]) -> [Entry]? {
        guard !numbers.isEmpty else { return nil }
        var entries: [Entry] = []
        entries.reserveCapacity(numbers.count)
        var place = 0
        for (index, partition) in numbers.enumerated() {
            guard Self.take(pieces[index], id, &place), let offset = Self.digits(id, &place) else { return nil }
            entries.append(Entry(partition: partition, offset: offset))
            if Self.take(Self.timestampName, id, &place) {
                guard Self.digits(id, &place) != nil else { return nil }
            }
        }
        guard let last = pieces.last, Self.take(last, id, &place), place == id.count else { return nil }
        return entries
    }

    private static func take(_ piece: [UInt8], _ id: [UInt8], _ place: inout Int) -> Bool {
        guard id.count - place >= piece.count else { return false }
        for index in piece.indices where piece[index] != id[place + index] { return false }
        place += piece.count
        return true
    }

    private static func digits(_ id: [UInt8], _ place: inout Int) -> Int64? {
        let start = place
        var number: Int64 = 0
        while place < id.count, 48...57 ~= id[place], place - start < 18 {
            number = number * 10 + Int64(id[place] - 48)
            place += 1
        }
        return place > start ? number : nil
    }

    private static func find(_ text: [UInt8], in id: [UInt8], from start: Int) -> Int? {
        guard id.count >= text.count else { return nil }
        return (start...max(start, id.count - text.count)).first { id[$0...].starts(with: text) }
    }
}
