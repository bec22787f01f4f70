/// The protocols that are spoken over TLS, by their names in ALPN (RFC 7301).
enum ApplicationProtocol {
    static let http2 = Array("h2".utf8)
    static let http1 = Array("http/1.1".utf8)

    /// Chooses of a client's list, which is names with their lengths before them: HTTP/2 if it is there, else HTTP/1.1.
    ///
    /// - Returns: the place of the name; nil: there is neither.
    static func choose(from offer: [UInt8]) -> Range<Int>? {
        var found: [[UInt8]: Range<Int>] = [:]
        var start = 0
        while start < offer.count {
            let end = start + 1 + Int(offer[start])
            guard end <= offer.count else { break }
            found[Array(offer[(start + 1)..<end])] = (start + 1)..<end
            start = end
        }
        return found[http2] ?? found[http1]
    }
}
