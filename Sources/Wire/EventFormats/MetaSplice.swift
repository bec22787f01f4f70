public import EventLog
public import JSON

/// Puts a record's place into its `meta` object: contract, section 3. Made once for each partition.
///
/// All other bytes stay as they are, but that the result is one line: CR and LF between tokens become spaces (within
/// strings JSON doesn't allow them). Members that are there are replaced where they stand, missing ones are added at the
/// end of `meta` in the order topic, partition, offset, key. Where names stand more than once, each is replaced, so that
/// every reader sees the same, whichever it takes.
public struct MetaSplice: Sendable {
    private let topic: [UInt8]
    private let partition: [UInt8]
    /// The two as members, with the third's name.
    private let members: [UInt8]

    public init(_ topicPartition: TopicPartition) {
        var topic: [UInt8] = []
        JSONText.append(topicPartition.topic, to: &topic)
        var partition: [UInt8] = []
        partition.append(decimal: Int64(topicPartition.partition))
        var members: [UInt8] = []
        members.append("\"topic\":")
        members.append(contentsOf: topic)
        members.append(",\"partition\":")
        members.append(contentsOf: partition)
        members.append(",\"offset\":")
        self.topic = topic
        self.partition = partition
        self.members = members
    }

    /// Appends the record's object with its place in `meta`.
    ///
    /// - Parameters:
    ///   - key: the record's. As JSON if it is JSON of no more than 62 levels, else as a string, with U+FFFD for what is
    ///     not UTF-8. Without a key a member `key` that the record brought stays.
    /// - Returns: false, with nothing appended, where the document is not an object.
    public func append(
        _ document: JSONDocument, offset: Offset, key: [UInt8]? = nil, to bytes: inout [UInt8]
    ) -> Bool {
        let root = document[document.root]
        guard root.kind == .object else { return false }
        var edit = Edit(document: document, offset: offset, key: key.map(Self.json), place: root.start)
        let start = bytes.count
        bytes.reserveCapacity(start + root.end - root.start + members.count + 64 + (edit.key?.count ?? 0))

        var hasMeta = false
        var name = document.root + 1
        while name < root.next {
            let value = name + 1
            if document.isString(name, "meta") {
                hasMeta = true
                if document[value].kind == .object {
                    splice(&edit, meta: value, &bytes)
                } else {
                    edit.copy(upTo: document[value].start, &bytes)
                    appendMeta(edit, &bytes)
                    edit.place = document[value].end
                }
            }
            name = document[value].next
        }
        if !hasMeta {
            edit.copy(upTo: root.end - 1, &bytes)
            if root.next > document.root + 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append("\"meta\":")
            appendMeta(edit, &bytes)
        }
        edit.copy(upTo: root.end, &bytes)
        bytes.replaceLineBreaks(from: start)
        return true
    }

    /// What is written of one record, and how far its text has been copied.
    private struct Edit {
        let document: JSONDocument
        let offset: Offset
        /// As JSON.
        let key: [UInt8]?
        var place: Int

        mutating func copy(upTo end: Int, _ bytes: inout [UInt8]) {
            bytes.append(document.bytes.span.extracting(place..<end))
            place = end
        }
    }

    /// Appends a `meta` of our own.
    private func appendMeta(_ edit: Edit, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        bytes.append(members.span)
        bytes.append(decimal: edit.offset)
        if let key = edit.key {
            bytes.append(",\"key\":")
            bytes.append(key.span)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Copies up to the end of the `meta` that the record brought, with its members replaced and added.
    private func splice(_ edit: inout Edit, meta: Int, _ bytes: inout [UInt8]) {
        let document = edit.document
        let node = document[meta]
        var (hasTopic, hasPartition, hasOffset, hasKey) = (false, false, false, edit.key == nil)
        var name = meta + 1
        while name < node.next {
            let value = document[name + 1]
            if document.isString(name, "topic") {
                hasTopic = true
                edit.copy(upTo: value.start, &bytes)
                bytes.append(topic.span)
                edit.place = value.end
            } else if document.isString(name, "partition") {
                hasPartition = true
                edit.copy(upTo: value.start, &bytes)
                bytes.append(partition.span)
                edit.place = value.end
            } else if document.isString(name, "offset") {
                hasOffset = true
                edit.copy(upTo: value.start, &bytes)
                bytes.append(decimal: edit.offset)
                edit.place = value.end
            } else if let key = edit.key, document.isString(name, "key") {
                hasKey = true
                edit.copy(upTo: value.start, &bytes)
                bytes.append(key.span)
                edit.place = value.end
            }
            name = value.next
        }
        edit.copy(upTo: node.end - 1, &bytes)
        if !hasTopic, !hasPartition, !hasOffset {
            // The usual case: a record that was not sent by this service before.
            if node.next > meta + 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(members.span)
            bytes.append(decimal: edit.offset)
        } else {
            // At least one member is there, so each that follows needs a comma.
            if !hasTopic {
                bytes.append(",\"topic\":")
                bytes.append(topic.span)
            }
            if !hasPartition {
                bytes.append(",\"partition\":")
                bytes.append(partition.span)
            }
            if !hasOffset {
                bytes.append(",\"offset\":")
                bytes.append(decimal: edit.offset)
            }
        }
        if !hasKey, let key = edit.key {
            bytes.append(",\"key\":")
            bytes.append(key.span)
        }
    }

    /// A key as a JSON value. The root and `meta` are around it, and the whole may be as deep as a document may be.
    private static func json(_ key: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        if let document = try? JSONDocument(key, depth: 62) {
            result.append(contentsOf: document.text(of: document.root))
        } else {
            JSONText.append(String(decoding: key, as: UTF8.self), to: &result)
        }
        return result
    }
}
