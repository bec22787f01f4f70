/// What of a response's head decides how its body is read (RFC 9112, section 6.3).
struct AnswerHead: Hashable, Sendable {
    static let limit = 64 << 10

    var status = 0
    var isChunked = false
    var isGzip = false
    var length: Int?

    /// Of a response whose framing is another layer's, as HTTP/2's is.
    init(status: Int, isGzip: Bool) {
        self.status = status
        self.isGzip = isGzip
    }

    /// - Parameter bytes: up to the blank line.
    init(_ bytes: some Collection<UInt8>) throws(StreamFault) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { throw .notHTTP }
        self.status = status
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].lowercased().filter { $0 != " " && $0 != "\t" }
            switch line[..<colon].lowercased() {
            case "transfer-encoding": isChunked = value.split(separator: ",").last == "chunked"
            case "content-encoding": isGzip = value == "gzip"
            case "content-length": length = Int(value)
            default: break
            }
        }
    }
}
