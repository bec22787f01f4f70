internal import Bytes
public import EventLog
public import JSON

/// Puts a record's place into its `meta` object: contract, section 3. Made once for each partition.
///
/// All other bytes stay as they are, but that the result is one line: CR and LF between tokens become spaces (within
/// strings JSON doesn't allow them). `topic`, `partition`, `offset` and `key` tell of this record and nothing else: those that
/// are there are replaced where they stand, missing ones are added at the end of `meta` in this order, and a `key` goes away
/// where the record has none. Where names stand more than once, each is replaced, so that every reader sees the same,
/// whichever it takes.
public struct MetaSplice: Sendable {
    private let topic: [UInt8]
    private let partition: [UInt8]

    public init(_ topicPartition: TopicPartition) {
        var topic: [UInt8] = []
        JSONText.append(topicPartition.topic, to: &topic)
        var partition: [UInt8] = []
        partition.append(decimal: Int64(topicPartition.partition))
        self.topic = topic
        self.partition = partition
    }

    /// The bytes that four members and the object around them have beside their values, and the most of an offset.
    private static let overhead = 80

    /// Appends the record's object with its place in `meta`, and the index of what was appended.
    ///
    /// - Parameters:
    ///   - metas: the event's, where they are known.
    ///   - key: the record's. As JSON if it is JSON that keeps the whole within `Event.maximumDepth` levels, else as a
    ///     string, with U+FFFD for what is not UTF-8.
    ///   - scanner: reads the key.
    public func append(
        _ event: Event, metas: [JSONDocument.Index]? = nil, offset: Offset, key: [UInt8]? = nil,
        to bytes: inout [UInt8],
        index: inout [UInt16], scanner: inout JSONScanner
    ) {
        let metas = metas ?? event.metas
        let document = event.document
        let key = key.map { Self.json($0, &scanner) }
        // Of each `meta`, or of the one that is made.
        let added = topic.count + partition.count + (key?.bytes.count ?? 0) + Self.overhead
        let addedWords = 12 + (key?.wordCount(of: 0) ?? 0)
        let length = document.end(of: document.root) - document.start(of: document.root)
        let most = length + added * max(metas.count, 1)
        let writer = JSONIndexWriter(
            bytes: most, words: document.wordCount(of: document.root) + addedWords * max(metas.count, 1), to: &index)
        var output = Output(
            document: document, place: document.start(of: document.root), start: bytes.count, writer: writer)
        let first = bytes.count

        let root = writer.open(at: 0, to: &index)
        let content = document.content(of: document.root)
        var name = content.lowerBound
        for meta in metas {
            output.keep(name..<meta, bytes, &index)
            if document.kind(of: meta) == .object {
                splice(meta, offset, key, &output, &bytes, &index)
            } else {
                output.copy(upTo: document.start(of: meta), &bytes)
                make(offset, key, &output, &bytes, &index)
                output.place = document.end(of: meta)
            }
            name = document.next(after: meta)
        }
        output.keep(name..<content.upperBound, bytes, &index)
        if metas.isEmpty {
            output.copy(upTo: document.end(of: document.root) - 1, &bytes)
            if !content.isEmpty { bytes.append(UInt8(ascii: ",")) }
            output.name("meta", &bytes, &index)
            make(offset, key, &output, &bytes, &index)
        }
        output.copy(upTo: document.end(of: document.root), &bytes)
        writer.close(root, end: bytes.count - first, in: &index)
        writer.finish(hasEscapedNames: document.hasEscapedNames || key?.hasEscapedNames == true, in: &index)
        bytes.replaceLineBreaks(from: first)
    }

    /// Appends a `meta` of our own.
    private func make(
        _ offset: Offset, _ key: JSONDocument?, _ output: inout Output, _ bytes: inout [UInt8], _ index: inout [UInt16]
    ) {
        let meta = output.writer.open(at: bytes.count - output.start, to: &index)
        bytes.append(UInt8(ascii: "{"))
        let missing: Members = key == nil ? .place : .all
        add(missing, isFirst: true, offset, key, &output, &bytes, &index)
        bytes.append(UInt8(ascii: "}"))
        output.writer.close(meta, end: bytes.count - output.start, in: &index)
    }

    private struct Members: OptionSet {
        let rawValue: UInt8
        static let topic = Members(rawValue: 1)
        static let partition = Members(rawValue: 2)
        static let offset = Members(rawValue: 4)
        static let key = Members(rawValue: 8)
        static let place: Members = [.topic, .partition, .offset]
        static let all: Members = [.topic, .partition, .offset, .key]
    }

    /// Copies the `meta` that the record brought, with its members replaced, removed and added.
    private func splice(
        _ meta: JSONDocument.Index, _ offset: Offset, _ key: JSONDocument?, _ output: inout Output,
        _ bytes: inout [UInt8], _ index: inout [UInt16]
    ) {
        let document = output.document
        let object = output.writer.open(at: output.shifted(document.start(of: meta), bytes), to: &index)
        var missing: Members = key == nil ? .place : .all
        /// The value of the last member that is kept.
        var kept: JSONDocument.Index?
        let content = document.content(of: meta)
        /// The first word that is neither taken over nor left out yet.
        var rest = content.lowerBound
        var name = content.lowerBound
        while name < content.upperBound {
            let value = name + 1
            let next = document.next(after: value)
            if let member = Self.member(name, document) {
                if member == .key, key == nil {
                    output.keep(rest..<name, bytes, &index)
                    // With the comma before it, or where it is the first with the one behind it.
                    output.copy(upTo: kept.map(document.end) ?? document.start(of: name), &bytes)
                    let behind = kept == nil && next < content.upperBound ? document.start(of: next) : nil
                    output.place = behind ?? document.end(of: value)
                } else {
                    missing.remove(member)
                    output.keep(rest..<value, bytes, &index)
                    output.copy(upTo: document.start(of: value), &bytes)
                    append(member, offset, key, &output, &bytes, &index)
                    output.place = document.end(of: value)
                    kept = value
                }
                rest = next
            } else {
                kept = value
            }
            name = next
        }
        output.keep(rest..<content.upperBound, bytes, &index)
        let end = document.end(of: meta)
        output.copy(upTo: end - 1, &bytes)
        add(missing, isFirst: kept == nil, offset, key, &output, &bytes, &index)
        output.copy(upTo: end, &bytes)
        output.writer.close(object, end: bytes.count - output.start, in: &index)
    }

    private static func member(_ name: JSONDocument.Index, _ document: JSONDocument) -> Members? {
        switch document.bytes[document.start(of: name) + 1] {
        case UInt8(ascii: "t") where document.isName(name, "topic"): .topic
        case UInt8(ascii: "p") where document.isName(name, "partition"): .partition
        case UInt8(ascii: "o") where document.isName(name, "offset"): .offset
        case UInt8(ascii: "k") where document.isName(name, "key"): .key
        case UInt8(ascii: "\\"):
            document.isName(name, "topic")
                ? .topic
                : document.isName(name, "partition")
                    ? .partition
                    : document.isName(name, "offset") ? .offset : document.isName(name, "key") ? .key : nil
        default: nil
        }
    }

    /// Appends members with their names.
    private func add(
        _ members: Members, isFirst: Bool, _ offset: Offset, _ key: JSONDocument?, _ output: inout Output,
        _ bytes: inout [UInt8], _ index: inout [UInt16]
    ) {
        var isFirst = isFirst
        func add(_ member: Members, _ name: StaticString) {
            guard members.contains(member) else { return }
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            output.name(name, &bytes, &index)
            append(member, offset, key, &output, &bytes, &index)
        }
        add(.topic, "topic")
        add(.partition, "partition")
        add(.offset, "offset")
        add(.key, "key")
    }

    /// Appends a member's value.
    private func append(
        _ member: Members, _ offset: Offset, _ key: JSONDocument?, _ output: inout Output, _ bytes: inout [UInt8],
        _ index: inout [UInt16]
    ) {
        if member == .key, let key {
            let shift = bytes.count - output.start - key.start(of: key.root)
            output.writer.copy(0..<key.wordCount(of: key.root), of: key, shift: shift, to: &index)
            bytes.append(key.bytes.span.extracting(key.start(of: key.root)..<key.end(of: key.root)))
            return
        }
        output.writer.append(bytes.count - output.start, to: &index)
        switch member {
        case .topic: bytes.append(topic.span)
        case .partition: bytes.append(partition.span)
        default: bytes.append(decimal: offset)
        }
    }

    /// A key as a JSON value. The root and `meta` are around it.
    private static func json(_ key: [UInt8], _ scanner: inout JSONScanner) -> JSONDocument {
        if let document = try? JSONDocument(key, depth: Event.maximumDepth - 2, scanner: &scanner) { return document }
        var text: [UInt8] = []
        JSONText.append(String(decoding: key, as: UTF8.self), to: &text)
        scanner.removeAll()
        // A string is one word at byte 0, whatever is in it.
        return (try? JSONDocument(text, depth: 1, scanner: &scanner)) ?? JSONDocument(text, index: [0, 0])
    }
}

/// What is written of one record, and how far its text has been copied.
private struct Output {
    let document: JSONDocument
    /// The first byte of the record's text that is not copied yet.
    var place: Int
    /// Where the record's text begins in the output.
    let start: Int
    let writer: JSONIndexWriter

    /// Where a byte of the record that is still to be copied will be, from the start of its text.
    func shifted(_ place: Int, _ bytes: [UInt8]) -> Int { place + bytes.count - start - self.place }

    mutating func copy(upTo end: Int, _ bytes: inout [UInt8]) {
        guard end > place else { return }
        bytes.append(document.bytes.span.extracting(place..<end))
        place = end
    }

    /// Takes over names and values, whose bytes are copied later with what is around them.
    func keep(_ words: Range<JSONDocument.Index>, _ bytes: [UInt8], _ index: inout [UInt16]) {
        writer.copy(words, of: document, shift: bytes.count - start - place, to: &index)
    }

    /// Appends a member's name and its colon.
    func name(_ name: StaticString, _ bytes: inout [UInt8], _ index: inout [UInt16]) {
        writer.append(bytes.count - start, to: &index)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(name)
        bytes.append("\":")
    }
}
