internal import JSON

/// Adds to events what their request says of all of them: `meta.stream` and `$schema`, where an event has none. A browser that posts
/// reports (W3C Reporting API) writes neither.
struct MissingMembers {
    let stream: String?
    let schema: String?

    /// Nil: the request says nothing of its events.
    init?(_ facts: IntakeFacts) {
        guard facts.stream != nil || facts.schema != nil else { return nil }
        stream = facts.stream
        schema = facts.schema
    }

    /// The body with what is added. What is no object stays as it is.
    func added(to body: IntakeBody) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (number, place) in body.events.enumerated() {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            let event = Array(body.bytes[place.start..<place.end])
            bytes += place.isTooDeep ? event : added(to: event)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private func added(to event: [UInt8]) -> [UInt8] {
        guard let document = try? JSONDocument(event, depth: IntakeBody.depth),
            document.kind(of: document.root) == .object
        else { return event }
        var edits = JSONEdits()
        if let schema, document.member("$schema", of: document.root) == nil {
            edits.add(.append(name: "$schema", value: JSONValue.string(schema).bytes), at: [])
        }
        if let stream {
            let text = JSONValue.string(stream).bytes
            let meta = document.member("meta", of: document.root)
            if meta == nil {
                edits.add(
                    .append(name: "meta", value: JSONValue.object([.init("stream", .string(stream))]).bytes), at: [])
            } else if let meta, document.kind(of: meta) == .object, document.member("stream", of: meta) == nil {
                edits.add(.append(name: "stream", value: text), at: ["meta"])
            }
        }
        return edits.apply(to: document) ?? event
    }
}
