internal import Catalogue
internal import JSON
internal import JSONSchema

/// Copies header fields of a request into its events, as `producers.eventgate.enrich_fields_from_http_headers` of their stream says:
/// where the event has nothing at the path, its schema names it, and the request has the field.
struct HeaderFields {
    let field: (String) -> String?
    /// Fields that were asked for last, and whether the request has one of them: the same for most of its events.
    private var last: (fields: [PublicStream.HeaderField], hasAny: Bool) = ([], false)

    init(field: @escaping (String) -> String?) { self.field = field }

    /// Bytes of a value; a longer one is left out.
    private static let valueBytes = 4096

    /// Whether the request has one of these fields.
    mutating func hasAny(of fields: [PublicStream.HeaderField]) -> Bool {
        if fields != last.fields { last = (fields, fields.contains { field($0.header)?.isEmpty == false }) }
        return last.hasAny
    }

    /// - Returns: the event with what is added; nil: nothing is.
    func added(to event: JSONDocument, _ fields: [PublicStream.HeaderField], by schema: CompiledSchema) -> [UInt8]? {
        var document = event
        var result: [UInt8]?
        for field in fields {
            guard let value = self.field(field.header), !value.isEmpty, value.utf8.count <= Self.valueBytes,
                schema.hasProperty(at: field.path), let bytes = Self.add(.string(value), at: field.path, to: document)
            else { continue }
            // Each is added to what those before it have made: two may be in one object that was not there.
            guard let next = try? JSONDocument(bytes, depth: IntakeBody.depth) else { continue }
            document = next
            result = bytes
        }
        return result
    }

    /// Nil where the event has something there, or something else than an object on the way.
    private static func add(_ value: JSONValue, at path: [String], to document: JSONDocument) -> [UInt8]? {
        var (object, depth) = (document.root, 0)
        while depth < path.count, let next = document.member(named: path[depth], of: object) {
            (object, depth) = (next, depth + 1)
        }
        guard depth < path.count, document.kind(of: object) == .object else { return nil }
        var value = value
        for name in path[(depth + 1)...].reversed() { value = .object([.init(name, value)]) }
        var edits = JSONEdits()
        edits.add(.append(name: path[depth], value: value.bytes), at: Array(path[..<depth]))
        return edits.apply(to: document)
    }
}
