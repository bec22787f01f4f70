internal import Bytes
public import JSON

/// Why a request is refused, and what to change: a problem document (RFC 9457; contract, section 7).
public struct Problem: Error, Hashable, Sendable {
    public var type: ProblemType
    /// What is wrong with this very request and what is allowed instead. What the client sent stands in it as `Excerpt`.
    public var detail: String
    /// Further members of the document.
    public var members: [JSONValue.Member]
    /// Seconds.
    public var retryAfter: Int?
    /// The methods of the path; for `method_not_allowed`.
    public var allow: [String]

    public init(
        _ type: ProblemType, _ detail: String, members: [JSONValue.Member] = [], retryAfter: Int? = nil,
        allow: [String] = []
    ) {
        self.type = type
        self.detail = detail
        self.members = members
        self.retryAfter = retryAfter
        self.allow = allow
    }

    public var status: Int { type.status }

    /// Whether a browser's EventSource is told this in a stream instead of by status, since it would give up for ever
    /// (contract, section 7: overload and limits).
    public var isTemporary: Bool { status == 429 || status == 503 }

    /// The request that a problem document speaks of.
    public struct Occurrence: Hashable, Sendable {
        public var method: String
        /// As it was sent: path and query.
        public var uri: String
        /// A URI reference for this one occurrence, such as `urn:uuid:` and the request's id; the `uri` where nil.
        public var instance: String?

        public init(method: String, uri: String, instance: String? = nil) {
            self.method = method
            self.uri = uri
            self.instance = instance
        }
    }

    /// The document. Of a stream's `error` event it is the data.
    public func document(_ occurrence: Occurrence) -> JSONValue {
        let uri = Excerpt.of(occurrence.uri, limit: 500)
        let fixed: [JSONValue.Member] = [
            .init("type", .string(type.rawValue)),
            .init("title", .string(type.title)),
            .init("status", .integer(status)),
            .init("detail", .string(detail)),
            .init("instance", .string(occurrence.instance.map { Excerpt.of($0, limit: 500) } ?? uri)),
            .init("method", .string(Excerpt.of(occurrence.method, limit: 20))),
            .init("uri", .string(uri)),
        ]
        return .object(fixed + members.filter { own in !fixed.contains { $0.name == own.name } })
    }

    /// The answer to the request.
    public func answer(_ occurrence: Occurrence) -> Answer {
        var answer = Answer(
            status: status, type: "application/problem+json", body: document(occurrence).bytes + [UInt8(ascii: "\n")])
        answer.headers.add("Cache-Control", "no-store")
        if let retryAfter { answer.headers.add("Retry-After", String(max(0, retryAfter))) }
        if !allow.isEmpty { answer.headers.add("Allow", allow.joined(separator: ", ")) }
        return answer
    }
}

extension Problem: CustomStringConvertible {
    public var description: String { "\(type.rawValue): \(detail)" }
}
