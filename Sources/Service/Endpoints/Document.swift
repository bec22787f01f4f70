internal import Bytes
internal import Compression
package import HTTP

/// A whole answer that is the same for everybody until something published changes: rendered, summed up and compressed
/// once, and sent from there.
package struct Document: Sendable {
    private let plain: Answer
    /// Nil where compressing it saves nothing worth the while.
    private let gzip: Answer?
    /// The entity tags of both, strong: two representations have two tags (RFC 9110, section 8.8.3).
    private let tags: (plain: String, gzip: String)

    /// What a request says of the copy that it has and of what it takes.
    package struct Conditions: Hashable, Sendable {
        /// Lines of `If-None-Match`, joined by commas; nil without one.
        package var noneMatch: String?
        /// Lines of `Accept-Encoding`, joined by commas; nil without one.
        package var acceptEncoding: String?

        package init(noneMatch: String? = nil, acceptEncoding: String? = nil) {
            self.noneMatch = noneMatch
            self.acceptEncoding = acceptEncoding
        }
    }

    /// - Parameters:
    ///   - type: what `Content-Type` says.
    ///   - headers: further fields. Caches ask again before they use a copy, unless one of these says something else.
    package init(type: String, body: [UInt8], headers: [Headers.Field] = []) {
        let sum = Self.sum(body)
        tags = ("\"\(sum)\"", "\"\(sum)-gzip\"")
        var plain = Answer(status: 200, type: type, body: body)
        let more =
            headers.contains { $0.name == "Cache-Control" } ? headers : [.init("Cache-Control", "no-cache")] + headers
        for field in more { plain.headers.add(field.name, field.value) }
        let compressed = Self.compress(body)
        if let compressed {
            plain.headers.add("Vary", "Accept-Encoding")
            var answer = plain
            answer.body = compressed
            answer.headers.add("Content-Encoding", "gzip")
            answer.headers.add("ETag", tags.gzip)
            gzip = answer
        } else {
            gzip = nil
        }
        plain.headers.add("ETag", tags.plain)
        self.plain = plain
    }

    /// The document in the form that the client takes, or 304 where it has it already.
    package func answer(_ conditions: Conditions = Conditions()) -> Answer {
        let takesGzip = conditions.acceptEncoding.map(AcceptEncoding.takesGzip) ?? false
        var answer = takesGzip ? gzip ?? plain : plain
        if let known = conditions.noneMatch, isKnown(known) {
            answer.status = 304
            answer.body = []
        }
        return answer
    }

    /// Whether one of the tags of `If-None-Match` is of this document, in whichever form (RFC 9110, section 13.1.2).
    private func isKnown(_ header: String) -> Bool {
        header.split(separator: ",").contains { part in
            var tag = part.drop { $0 == " " || $0 == "\t" }
            while tag.last == " " || tag.last == "\t" { tag.removeLast() }
            if tag == "*" { return true }
            // A proxy that changed the coding on the way made the tag a weak one.
            if tag.hasPrefix("W/") { tag.removeFirst(2) }
            return tag == tags.plain || tag == tags.gzip
        }
    }

    /// FNV-1a in 64 bits: the same text has the same tag on every server.
    private static func sum(_ body: [UInt8]) -> String {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in body { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(sum, radix: 16)
    }

    /// Nil where less than a tenth is saved.
    private static func compress(_ body: [UInt8]) -> [UInt8]? {
        guard body.count >= 512 else { return nil }
        var result = Gzip.header
        Deflater(.thorough).append(body.span, startsAnew: true, to: &result)
        Gzip.appendEnd(GzipSum(body.span), to: &result)
        return result.count < body.count - body.count / 10 ? result : nil
    }
}
