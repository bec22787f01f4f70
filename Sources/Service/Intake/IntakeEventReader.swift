internal import Bytes
internal import Catalogue
internal import EventLog
internal import Events
internal import JSON
internal import System
internal import Time

/// Checks the events of one body and makes records of them. Neighbouring events are mostly of one stream, which is looked up once.
struct IntakeEventReader {
    private let body: IntakeBody
    private let catalogue: StreamCatalogue
    private let now: Timestamp
    private let limits: IntakeLimits
    private let facts: IntakeFacts
    /// `now` as `meta.dt`, once it was needed.
    private var time: String?
    /// The stream of the event before.
    private var stream: PublicStream?
    /// The indices of records that aren't the event as it came.
    private var written: [UInt16] = []
    /// Of each accepted event: where its index is, in the body's or among the written ones.
    private var places: [(start: Int, isWritten: Bool)] = []

    init(
        _ body: IntakeBody, _ catalogue: StreamCatalogue, now: Timestamp, limits: IntakeLimits,
        facts: IntakeFacts
    ) {
        self.facts = facts
        self.body = body
        self.catalogue = catalogue
        self.now = now
        self.limits = limits
    }

    /// - Parameters:
    ///   - number: the event's place in the request.
    ///   - hints: whether to look for the names nearest to an unknown one, which takes a while.
    /// - Throws: why this event can't be stored.
    mutating func event(
        _ number: Int, _ place: IntakeBody.Place, hints: Bool, random: inout some RandomNumberGenerator
    ) throws(IntakeError) -> IntakeRequest.Accepted {
        guard let document = body.document(place) else {
            throw .invalidEvent("The event is nested deeper than \(IntakeBody.depth) levels.")
        }
        guard document.kind(of: document.root) == .object else {
            throw .invalidEvent("An event must be a JSON object.")
        }
        guard let meta = try Self.meta(document), document.kind(of: meta) == .object else {
            throw .invalidEvent("The event has no object \"meta\". It needs one with \"stream\", the stream's name.")
        }
        let members = try Members(of: meta, document)
        let stream = try stream(members.stream, document, hints: hints)
        guard let topic = stream.topics.first else { throw .internalFailure }
        var added: [(name: StaticString, value: String)] = []
        let id: String
        var canComeAgain = true
        if let given = try Self.string(members.id, "meta.id", document) {
            guard (1...256).contains(given.utf8.count) else {
                throw .invalidEvent("meta.id must be of 1 to 256 bytes. Leave it out to be given one.")
            }
            id = given
        } else {
            canComeAgain = facts.idempotencyKey != nil
            id = facts.idempotencyKey?.id(of: number) ?? UUIDText.random(&random)
            added.append(("id", id))
        }
        let timestamp: Timestamp
        if let given = try Self.string(members.dt, "meta.dt", document) {
            timestamp = try self.timestamp(given)
        } else {
            timestamp = now
            let text = time ?? ISO8601.format(now)
            time = text
            added.append(("dt", text))
        }
        if let requestID = facts.requestID, stream.takesRequestID, !members.hasRequestID {
            added.append(("request_id", requestID))
        }
        let key = try Self.key(document, stream)
        let value: [UInt8]
        if added.isEmpty {
            value = oneLine(Array(body.bytes[place.start..<place.end]))
        } else {
            value = oneLine(write(document, place, meta, last: members.last ?? meta, added))
        }
        guard value.count <= limits.event else { throw .tooLarge(what: "The event", limit: limits.event) }
        places.append(added.isEmpty ? (place.index, false) : (lastWritten, true))
        return IntakeRequest.Accepted(
            index: number, id: id, canComeAgain: canComeAgain, stream: stream.name, schemaTitle: stream.schemaTitle,
            headerFields: stream.headerFields,
            record: NewRecord(topic: topic, timestamp: timestamp, key: key, value: value))
    }

    /// To be called when all events were read.
    func giveIndices(to events: inout [IntakeRequest.Accepted]) {
        for (number, place) in places.enumerated() {
            events[number].record.index =
                RecordIndex(words: place.isWritten ? written : body.index, start: place.start)
        }
    }

    // MARK: Members

    /// The members that matter here. Each may stand once: of two, readers would differ in which one counts.
    private struct Members {
        var stream: JSONDocument.Index?
        var id: JSONDocument.Index?
        var dt: JSONDocument.Index?
        var hasRequestID = false
        /// The value of the last member of all.
        var last: JSONDocument.Index?

        init(of meta: JSONDocument.Index, _ document: JSONDocument) throws(IntakeError) {
            var twice: String?
            document.forEachMember(of: meta) { name, _ in
                if document.isName(name, "stream") {
                    if stream != nil { twice = "meta.stream" }
                    stream = name + 1
                } else if document.isName(name, "id") {
                    if id != nil { twice = "meta.id" }
                    id = name + 1
                } else if document.isName(name, "dt") {
                    if dt != nil { twice = "meta.dt" }
                    dt = name + 1
                } else if document.isName(name, "request_id") {
                    hasRequestID = true
                }
                last = name + 1
            }
            if let twice { throw Self.twice(twice) }
        }

        static func twice(_ path: String) -> IntakeError { .invalidEvent("The event has \(path) more than once.") }
    }

    private static func meta(_ document: JSONDocument) throws(IntakeError) -> JSONDocument.Index? {
        var found: JSONDocument.Index?
        var count = 0
        document.forEachMember(of: document.root) { name, _ in
            guard document.isName(name, "meta") else { return }
            found = name + 1
            count += 1
        }
        guard count < 2 else { throw Members.twice("meta") }
        return found
    }

    private static func string(
        _ value: JSONDocument.Index?, _ path: String, _ document: JSONDocument
    ) throws(IntakeError) -> String? {
        guard let value else { return nil }
        guard let string = document.string(value) else { throw .invalidEvent("\(path) must be a string.") }
        return string
    }

    private mutating func stream(
        _ value: JSONDocument.Index?, _ document: JSONDocument, hints: Bool
    ) throws(IntakeError) -> PublicStream {
        if let value, let stream, document.isText(value, stream.name) { return stream }
        guard let name = try Self.string(value, "meta.stream", document) else {
            throw .invalidEvent("The event has no meta.stream: name the stream it belongs to.")
        }
        guard let found = catalogue[name] else {
            // Not an alias, which would be refused.
            var nearest: [String] = []
            for near in hints ? Nearest.names(to: name, among: catalogue.names) : [] {
                if let own = catalogue[near]?.name, !nearest.contains(own) { nearest.append(own) }
            }
            throw .unknownStream(UnknownStreams([name], nearest: nearest))
        }
        // Clients tell events apart by the canonical name, whatever they asked for.
        guard found.name == name else {
            throw .invalidEvent(
                "meta.stream is \(Excerpt.of(name)), an alias. Write the stream's own name, \(found.name).")
        }
        stream = found
        return found
    }

    private func timestamp(_ text: String) throws(IntakeError) -> Timestamp {
        guard text.utf8.count <= IntakeLimits.timestampBytes, let timestamp = ISO8601.parse(text) else {
            throw .invalidEvent(
                "meta.dt is \"\(Excerpt.of(text))\". It must be ISO 8601 such as \(ISO8601.format(now)); leave it out to be given one."
            )
        }
        let (latest, overflow) = now.addingReportingOverflow(limits.future)
        guard overflow || timestamp <= latest else {
            throw .invalidEvent(
                "meta.dt is \(Excerpt.of(text)), more than \(limits.future / 1000) seconds ahead of the server's \(ISO8601.format(now))."
            )
        }
        return timestamp
    }

    // MARK: The record

    /// `message_key_fields`: an object of the values at these paths, as they are written in the event.
    private static func key(_ document: JSONDocument, _ stream: PublicStream) throws(IntakeError) -> [UInt8]? {
        guard !stream.keyFields.isEmpty else { return nil }
        var key: [UInt8] = [UInt8(ascii: "{")]
        for (place, field) in stream.keyFields.enumerated() {
            guard let value = document.value(at: field.path) else {
                let path = field.path.joined(separator: ".")
                throw .invalidEvent("The event has no \(Excerpt.of(path)), which is part of the key of \(stream.name).")
            }
            if place > 0 { key.append(UInt8(ascii: ",")) }
            JSONText.append(field.name, to: &key)
            key.append(UInt8(ascii: ":"))
            key.append(contentsOf: document.text(of: value))
        }
        key.append(UInt8(ascii: "}"))
        key.replaceLineBreaks(from: 0)
        return key
    }

    /// A JSON text has line breaks between its tokens only. As spaces they mean the same, and the event fits in one line of
    /// a stream.
    private func oneLine(_ bytes: consuming [UInt8]) -> [UInt8] {
        if body.hasLineBreaks { bytes.replaceLineBreaks(from: 0) }
        return bytes
    }

    private var lastWritten = 0

    /// The event with members added after the last one of `meta`, and its index.
    private mutating func write(
        _ document: JSONDocument, _ place: IntakeBody.Place, _ meta: JSONDocument.Index,
        last: JSONDocument.Index, _ added: [(name: StaticString, value: String)]
    ) -> [UInt8] {
        let end = document.end(of: last)
        let most = place.end - place.start + added.reduce(0) { $0 + $1.value.utf8.count + 16 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(most)
        bytes.append(body.bytes.span.extracting(place.start..<end))
        lastWritten = written.count
        let all = document.content(of: document.root)
        let inMeta = document.content(of: meta)
        let writer = JSONIndexWriter(bytes: most, words: all.upperBound + 2 * added.count, to: &written)
        let root = writer.open(at: 0, to: &written)
        writer.copy(all.lowerBound..<meta, of: document, shift: -place.start, to: &written)
        let object = writer.open(at: document.start(of: meta) - place.start, to: &written)
        writer.copy(inMeta, of: document, shift: -place.start, to: &written)
        // `meta` has a stream at the least: each that is added has one before it.
        for (name, value) in added {
            bytes.append(UInt8(ascii: ","))
            writer.append(bytes.count, to: &written)
            bytes.append(UInt8(ascii: "\""))
            bytes.append(name)
            bytes.append("\":")
            writer.append(bytes.count, to: &written)
            JSONText.append(value, to: &bytes)
        }
        let shift = bytes.count - (end - place.start)
        writer.close(object, end: document.end(of: meta) - place.start + shift, in: &written)
        bytes.append(body.bytes.span.extracting(end..<place.end))
        writer.copy(inMeta.upperBound..<all.upperBound, of: document, shift: shift - place.start, to: &written)
        writer.close(root, end: bytes.count, in: &written)
        writer.finish(hasEscapedNames: document.hasEscapedNames, in: &written)
        return bytes
    }
}
