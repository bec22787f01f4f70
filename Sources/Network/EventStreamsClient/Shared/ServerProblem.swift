internal import HTTPClient
internal import JSON
internal import Time

/// What a server said is wrong: a problem document (RFC 9457), or what can be made of another body.
public struct ServerProblem: Hashable, Sendable, CustomStringConvertible {
    /// The status of the answer; in a stream's `error` event, that of the document.
    public let status: Int
    public let title: String?
    /// What to change, where the server knows.
    public let detail: String?
    /// Seconds after which to come again. A date that the server named counts from the answer's own `Date`, so that no clock of
    /// this side matters.
    public let retryAfter: Int64?

    init(_ head: HTTPClientHead, _ body: [UInt8]) {
        let document = try? JSONDocument(Array(body.prefix(1 << 20)))
        status = head.status
        title = document.flatMap { $0.string($0.value(at: ["title"])) }
        detail = document.flatMap { $0.string($0.value(at: ["detail"])) }
        retryAfter = head["retry-after"].flatMap { Self.seconds($0, at: head["date"]) }
    }

    private static func seconds(_ retryAfter: String, at date: String?) -> Int64? {
        if let seconds = Int64(retryAfter) { return seconds }
        guard let then = HTTPDate.parse(retryAfter), let now = date.flatMap({ HTTPDate.parse($0) }) else { return nil }
        return (then - now) / 1000
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
