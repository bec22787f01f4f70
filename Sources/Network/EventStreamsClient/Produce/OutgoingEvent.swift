internal import JSON

/// An event that is to be sent.
struct OutgoingEvent: Hashable, Sendable {
    /// Its place among the events given.
    let index: Int
    /// With its `meta.id`.
    let bytes: [UInt8]

    init(index: Int, bytes: [UInt8]) {
        self.index = index
        self.bytes = bytes
    }

    struct Refusal: Error, Hashable { let reason: String }

    /// - Parameter id: that of an event which has none; nil: it stays without.
    /// - Throws: what can't be one of a request's events.
    init(_ event: [UInt8], index: Int, limit: Int, id: String?) throws(Refusal) {
        guard event.count <= limit else { throw Refusal(reason: "longer than \(limit) bytes") }
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(event) } catch {
            throw Refusal(reason: "not JSON: \(error)")
        }
        guard document[document.root].kind == .object else { throw Refusal(reason: "not a JSON object") }
        self.index = index
        bytes = id.flatMap { Self.identified(document, $0) } ?? event
    }

    /// The event with a `meta.id`; nil: it has one, or has a `meta` that the server must judge.
    private static func identified(_ document: JSONDocument, _ id: String) -> [UInt8]? {
        let meta = document.member("meta", of: document.root)
        if let meta {
            guard document[meta].kind == .object, document.member("id", of: meta) == nil else { return nil }
        }
        let id = JSONValue.string(id).bytes
        var edits = JSONEdits()
        if meta == nil {
            edits.add(.append(name: "meta", value: Array("{\"id\":".utf8) + id + [UInt8(ascii: "}")]), at: [])
        } else {
            edits.add(.append(name: "id", value: id), at: ["meta"])
        }
        return edits.apply(to: document)
    }
}
