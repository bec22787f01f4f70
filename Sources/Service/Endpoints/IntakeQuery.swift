internal import Bytes
package import HTTP
internal import JSON

/// What the query of a request to store events says.
package struct IntakeQuery: Hashable, Sendable {
    /// Whether the answer need not wait for the log: `?hasty=true`.
    package let isHasty: Bool
    /// What `meta.stream` and `$schema` are where an event has none: `?stream=` and `?schema_uri=`.
    package let stream: String?
    package let schema: String?

    /// Whether a body of this `Content-Type` is read as JSON: what a page sends without asking first (`sendBeacon`) is text,
    /// and what browsers report has a type of its own (W3C Reporting API). None is taken for JSON.
    package static func isSupported(contentType: String?) -> Bool {
        guard let contentType else { return true }
        let essence = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
        return ["application/json", "text/plain", "application/reports+json"].contains(
            String(decoding: essence, as: UTF8.self).lowercased())
    }

    /// What to say of a body in another `Content-Encoding` than `IntakeCoding` has.
    package static func unsupported(coding: String) -> Problem {
        Problem(
            .unsupportedMediaType,
            "The body's Content-Encoding is \(Excerpt.of(coding)). Send it in gzip, or as it is without Content-Encoding."
        )
    }

    /// - Throws: `invalid_parameter` for anything else in the query.
    package init(_ query: String) throws(Problem) {
        let query = try Query(query)
        let known = ["hasty", "stream", "schema_uri"]
        if let other = query.fields.first(where: { !known.contains($0.name) }) {
            throw Problem(
                .invalidParameter,
                "There is no parameter \(Excerpt.of(other.name)) here, but \(known.joined(separator: ", ")); hasty=true is answered before the events are stored.",
                members: [.init("parameter", .string(Excerpt.of(other.name)))])
        }
        stream = query["stream"].flatMap { $0.isEmpty ? nil : $0 }
        schema = query["schema_uri"].flatMap { $0.isEmpty ? nil : $0 }
        switch query["hasty"] {
        case nil, "false": isHasty = false
        case "true", "": isHasty = true
        case let value?: throw .invalidParameter("hasty", value: value, allowed: "true or false")
        }
    }
}
