internal import Compression

/// How a request's body is coded: `Content-Encoding`.
package enum IntakeCoding: String, Hashable, Sendable, CaseIterable {
    case identity, gzip

    /// - Parameter header: the field's value; nil where it is not there. Nil is given for any other coding, and for several.
    package init?(contentEncoding header: String?) {
        switch header?.lowercased() {
        case nil, "", "identity": self = .identity
        case "gzip", "x-gzip": self = .gzip
        default: return nil
        }
    }

    /// How much is decompressed at a time: it may become a thousand times as much before its size is looked at.
    private static let piece = 2048

    /// The body as it is without the coding.
    ///
    /// - Parameter limit: bytes of the decoded body.
    func decode(_ body: [UInt8], limit: Int) throws(IntakeError) -> [UInt8] {
        guard self == .gzip else { return body }
        var decoded: [UInt8] = []
        do throws(GzipError) {
            var reader = try GzipReader()
            for start in stride(from: 0, to: body.count, by: Self.piece) {
                try reader.push(Array(body[start..<min(start + Self.piece, body.count)]), into: &decoded)
                if decoded.count > limit { break }
            }
            if decoded.count <= limit { try reader.finish() }
        } catch {
            throw .invalidRequest("The body isn't gzip, though its Content-Encoding says so: \(error).")
        }
        guard decoded.count <= limit else { throw .tooLarge(what: "The decompressed body", limit: limit) }
        return decoded
    }
}
