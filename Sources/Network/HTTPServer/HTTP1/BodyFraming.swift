/// How long a request's body is, by its header fields (RFC 9112, section 6.3), and what else the head as a whole must
/// satisfy.
struct BodyFraming {
    enum Length: Equatable {
        case none
        case bytes(Int)
        case chunked
    }

    var length: Length
    /// The client waits for `100 Continue` (RFC 9110, section 10.1.1).
    var expectsContinue: Bool

    init(_ headers: HTTPHeaders, minorVersion: Int, maximumBytes: Int) throws(Refusal) {
        try Self.checkHost(headers, minorVersion: minorVersion)
        length = try Self.length(headers, minorVersion: minorVersion)
        if case .bytes(let count) = length, count > maximumBytes { throw .bodyTooLarge }
        let expectations = headers.all("expect")
        guard minorVersion >= 1, !expectations.isEmpty else {
            // RFC 9110: a server ignores the expectation of a request of HTTP/1.0.
            expectsContinue = false
            return
        }
        guard expectations.allSatisfy({ equalsIgnoringCase($0.bytes[...], "100-continue") }) else {
            throw .unknownExpectation
        }
        expectsContinue = length != .none && length != .bytes(0)
    }

    private static func checkHost(_ headers: HTTPHeaders, minorVersion: Int) throws(Refusal) {
        let hosts = headers.all("host")
        guard hosts.count <= 1 else { throw .repeatedHost }
        guard let host = hosts.first else {
            if minorVersion >= 1 { throw .missingHost }
            return
        }
        guard Grammar.isHost(host.bytes[...]) else { throw .badHost }
    }

    private static func length(_ headers: HTTPHeaders, minorVersion: Int) throws(Refusal) -> Length {
        let lengths = headers.all("content-length")
        let codings = headers.all("transfer-encoding")
        guard codings.isEmpty || lengths.isEmpty else { throw .ambiguousLength }
        if let coding = codings.first {
            guard minorVersion >= 1, codings.count == 1 else { throw .badTransferCoding }
            if equalsIgnoringCase(coding.bytes[...], "chunked") { return .chunked }
            // Without chunked as the last coding the body has no end (RFC 9112, section 6.3): malformed, not merely
            // unknown.
            let last = coding.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).last
            let endsChunked = last.map { equalsIgnoringCase($0.trimmingOptionalWhitespace, "chunked") } ?? false
            throw endsChunked ? .unknownTransferCoding : .badTransferCoding
        }
        guard lengths.count <= 1 else { throw .repeatedContentLength }
        guard let digits = lengths.first?.bytes else { return .none }
        guard !digits.isEmpty, digits.allSatisfy(Grammar.isDigit) else { throw .badContentLength }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        // Eighteen digits fit an Int; a longer number is a larger body than any.
        guard significant.count <= 18 else { throw .bodyTooLarge }
        return .bytes(significant.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }
}
