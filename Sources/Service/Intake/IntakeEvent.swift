internal import Bytes
internal import EventLog
internal import HTTP
internal import JSON
internal import System
internal import Time

/// One event on its way into the log: checked, completed, and given a topic.
struct IntakeEvent {
    let id: String
    let stream: String
    let record: NewRecord

    /// What there is to know before an event is read, for the answer about one that fails.
    static func id(of document: JSONDocument) -> String? {
        document.string(document.value(at: ["meta", "id"])).map { Excerpt.of($0) }
    }

    /// - Parameters:
    ///   - document: the event alone.
    ///   - hints: whether to look for the names nearest to an unknown one, which takes a while.
    /// - Throws: why this event can't be stored.
    init(
        _ document: JSONDocument, catalogue: StreamCatalogue, now: Timestamp, limits: IntakeLimits,
        hints: Bool, random: inout some RandomNumberGenerator
    ) throws(IntakeError) {
        guard document[document.root].kind == .object else {
            throw .invalidEvent("An event must be a JSON object.")
        }
        guard let meta = try Self.member("meta", of: document.root, document, as: "meta"),
            document[meta].kind == .object
        else {
            throw .invalidEvent("The event has no object \"meta\". It needs one with \"stream\", the stream's name.")
        }
        let stream = try Self.stream(meta, document, catalogue, hints: hints)
        var edits = JSONEdits()
        if let given = try Self.string("id", of: meta, document) {
            guard (1...256).contains(given.utf8.count) else {
                throw .invalidEvent("meta.id must be of 1 to 256 bytes. Leave it out to be given one.")
            }
            id = given
        } else {
            id = UUIDText.random(&random)
            edits.add(.append(name: "id", value: JSONValue.string(id).bytes), at: ["meta"])
        }
        let timestamp: Timestamp
        if let given = try Self.string("dt", of: meta, document) {
            timestamp = try Self.timestamp(given, now: now, limits: limits)
        } else {
            timestamp = now
            edits.add(.append(name: "dt", value: JSONValue.string(ISO8601.format(now)).bytes), at: ["meta"])
        }
        let value = Self.oneLine(edits.apply(to: document) ?? document.bytes)
        guard value.count <= limits.event else { throw .tooLarge(what: "The event", limit: limits.event) }
        guard let topic = stream.topics.first else { throw .internalFailure }
        self.stream = stream.name
        record = NewRecord(
            topic: topic, timestamp: timestamp, key: try Self.key(document, stream), value: value)
    }

    /// A JSON text has line breaks between its tokens only. As spaces they mean the same, and the event fits in one line of
    /// a stream.
    private static func oneLine(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return bytes }
        return bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    }

    /// A member that may stand once: of two, readers would differ in which one counts.
    private static func member(
        _ name: String, of object: JSONDocument.Index, _ document: JSONDocument, as shown: String
    ) throws(IntakeError) -> JSONDocument.Index? {
        let found = document.members(of: object).filter { document.string($0.name) == name }
        guard found.count <= 1 else { throw .invalidEvent("The event has \(shown) more than once.") }
        return found.first?.value
    }

    private static func string(
        _ name: String, of meta: JSONDocument.Index, _ document: JSONDocument
    ) throws(IntakeError) -> String? {
        guard let value = try member(name, of: meta, document, as: "meta.\(name)") else { return nil }
        guard let string = document.string(value) else {
            throw .invalidEvent("meta.\(name) must be a string.")
        }
        return string
    }

    private static func stream(
        _ meta: JSONDocument.Index, _ document: JSONDocument, _ catalogue: StreamCatalogue, hints: Bool
    ) throws(IntakeError) -> PublicStream {
        guard let name = try string("stream", of: meta, document) else {
            throw .invalidEvent("The event has no meta.stream: name the stream it belongs to.")
        }
        guard let stream = catalogue[name] else {
            // Not an alias, which would be refused.
            var nearest: [String] = []
            for near in hints ? Nearest.names(to: name, among: catalogue.names) : [] {
                if let own = catalogue[near]?.name, !nearest.contains(own) { nearest.append(own) }
            }
            throw .unknownStream(UnknownStreams([name], nearest: nearest))
        }
        // Clients tell events apart by the canonical name, whatever they asked for.
        guard stream.name == name else {
            throw .invalidEvent(
                "meta.stream is \(Excerpt.of(name)), an alias. Write the stream's own name, \(stream.name).")
        }
        return stream
    }

    private static func timestamp(_ text: String, now: Timestamp, limits: IntakeLimits) throws(IntakeError) -> Timestamp
    {
        guard text.utf8.count <= TimeExpression.limit, let timestamp = ISO8601.parse(text) else {
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
        return oneLine(key + [UInt8(ascii: "}")])
    }
}
