internal import HTTP2

extension HTTP2RequestHead {
    /// What HTTP/2 has no place for: it is of the connection (RFC 9113, section 8.2.2).
    private static let ofConnection: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    /// A GET request.
    ///
    /// - Parameter headers: `Name: value`, the host among them.
    init(path: String, headers: [String], scheme: String = "http") throws(BenchFailure) {
        var authority = ""
        var fields: [(name: String, value: String)] = []
        for header in headers {
            let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].lowercased()
            guard !Self.ofConnection.contains(name) else { throw BenchFailure("HTTP/2 has no header \(parts[0])") }
            guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw BenchFailure("\(header) is no header that HTTP/2 can carry")
            }
            var value = parts.last ?? ""
            value = value.drop { $0 == " " }
            while value.last == " " { value.removeLast() }
            if name == "host" { authority = String(value) } else { fields.append((name, String(value))) }
        }
        self.init(method: "GET", scheme: scheme, authority: authority, path: path, fields: fields)
    }
}
