internal import JSON

/// Reads the ids that clients send: contract, section 4. Whatever the bytes, it returns or throws.
///
/// Of several entries for the same partition, or for the same topic as a whole, the last counts, as in `Cursor`.
public enum LastEventID {
    /// Bytes of an id.
    public static let lengthLimit = 16 << 10
    /// Entries of an id.
    public static let entryLimit = 256

    /// Reads either form, whichever it is.
    ///
    /// - Parameters:
    ///   - topics: the request's, in any order. Only the compact form is checked against them.
    /// - Returns: at least one entry, in the order of the text; or none but a time.
    public static func parse(
        _ bytes: [UInt8], topics: [String]
    ) throws(LastEventIDError) -> RequestedCursor {
        guard bytes.count <= lengthLimit else { throw .tooLong(limit: lengthLimit) }
        guard let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { throw .empty }
        switch first {
        case UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "{"): return try parseJSON(bytes)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            return try CompactIDDecoder.decode(bytes, topics: CursorEncoder.sorted(topics))
        default: throw .unknownForm
        }
    }

    /// The entries without those that a later one replaces.
    private static func unique(_ entries: [RequestedPosition]) -> [RequestedPosition] {
        guard entries.count > 1 else { return entries }
        struct Target: Hashable {
            var topic: String
            var partition: Int32?
        }
        var seen: Set<Target> = []
        let kept = entries.reversed().filter { seen.insert(Target(topic: $0.topic, partition: $0.partition)).inserted }
        return kept.reversed()
    }

    private static func parseJSON(_ bytes: [UInt8]) throws(LastEventIDError) -> RequestedCursor {
        let document: JSONDocument
        do { document = try JSONDocument(bytes, depth: 16) } catch { throw .invalidJSON(error) }
        var entries: [RequestedPosition] = []
        var counts: [Int64?] = []
        var isFinal = false
        switch document[document.root].kind {
        case .array:
            let elements = document.elements(of: document.root)
            guard elements.count <= entryLimit else { throw .tooManyEntries(limit: entryLimit) }
            for (index, element) in elements.enumerated() {
                do throws(LastEventIDError.Fault) {
                    entries.append(try entry(document, element))
                    if let member = present("entries", document, element) {
                        counts.append(document.wholeNumber(member))
                    }
                    if document.boolean(document.member("final", of: element)) == true { isFinal = true }
                } catch { throw .invalidEntry(index, error) }
            }
        case .string:
            let names = (document.string(document.root) ?? "").split(separator: ",", omittingEmptySubsequences: false)
            guard names.count <= entryLimit else { throw .tooManyEntries(limit: entryLimit) }
            for (index, name) in names.enumerated() {
                guard !name.isEmpty else { throw .invalidEntry(index, .emptyTopic) }
                entries.append(RequestedPosition(topic: String(name)))
            }
        default: throw .notAList
        }
        guard !entries.isEmpty else { throw .emptyList }
        entries = unique(entries)
        // The one who left out an entry, or joined two ids, means what is listed and nothing else.
        let isWhole = !counts.isEmpty && counts.allSatisfy { $0 == Int64(entries.count) }
        return RequestedCursor(
            entries, isWhole: isWhole && entries.allSatisfy { $0.partition != nil }, isFinal: isFinal)
    }

    /// Unknown members are ignored, and `null` is the same as no member.
    private static func entry(
        _ document: JSONDocument, _ index: Int
    ) throws(LastEventIDError.Fault) -> RequestedPosition {
        if let topic = document.string(index) {
            guard !topic.isEmpty else { throw .emptyTopic }
            return RequestedPosition(topic: topic)
        }
        guard document[index].kind == .object else { throw .notAnEntry }
        guard let topic = document.string(document.member("topic", of: index)) else { throw .topic }
        guard !topic.isEmpty else { throw .emptyTopic }
        guard let partition = document.wholeNumber(document.member("partition", of: index)),
            let partition = Int32(exactly: partition), partition >= 0
        else { throw .partition }
        var entry = RequestedPosition(topic: topic, partition: partition)
        if let member = present("offset", document, index) {
            switch document.wholeNumber(member) {
            case -1: entry.place = .end
            case -2: entry.place = .beginning
            case .some(let offset) where offset >= 0: entry.place = .at(offset)
            default: throw .offset
            }
        }
        if let member = present("timestamp", document, index) {
            guard let timestamp = document.wholeNumber(member) else { throw .timestamp }
            entry.timestamp = timestamp
        }
        guard entry.place != nil || entry.timestamp != nil else { throw .noPlace }
        return entry
    }

    private static func present(_ name: StaticString, _ document: JSONDocument, _ index: Int) -> Int? {
        document.member(name, of: index).flatMap { document[$0].kind == .null ? nil : $0 }
    }
}

extension LastEventIDError.Fault: Error {}
