internal import HTTPClient
internal import JSON

/// What a server said is wrong: a problem document (RFC 9457), or what can be made of another body.
public struct ServerProblem: Hashable, Sendable, CustomStringConvertible {
    /// The status of the answer; in a stream's `error` event, that of the document.
    public let status: Int
    public let title: String?
    /// What to change, where the server knows.
    public let detail: String?
    /// Seconds. The form with a date is not read.
    public let retryAfter: Int64?

    init(_ head: HTTPClientHead, _ body: [UInt8]) {
        let document = try? JSONDocument(Array(body.prefix(1 << 20)))
        status = head.status
        title = document.flatMap { $0.string($0.value(at: ["title"])) }
        detail = document.flatMap { $0.string($0.value(at: ["detail"])) }
        retryAfter = head["retry-after"].flatMap { Int64($0) }
    }

    public var description: String {
        let words = [title, detail].compactMap { $0 }.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        return words.isEmpty ? "status \(status)" : words.joined(separator: ": ") + " (status \(status))"
    }
}

extension ServerProblem {
    /// From a stream's `error` event. The status is 500 where the document has none.
    init(document: [UInt8]) {
        let status = (try? JSONDocument(document)).flatMap { $0.integer($0.value(at: ["status"])) } ?? 500
        self.init(HTTPClientHead(status: Int(clamping: status)), document)
    }
}
