internal import HTTP

/// The bytes of a response up to its body (RFC 9112, section 4).
struct ResponseHead {
    private var bytes: [UInt8] = []

    init(status: Int, date: String) {
        bytes.reserveCapacity(512)
        bytes += "HTTP/1.1 \(status) \(HTTPStatus.phrase(status))\r\nDate: \(date)\r\n".utf8
    }

    /// Adds a field. A byte of the name or the value that would end the field is written as a space.
    mutating func add(_ name: String, _ value: String) {
        add(name.utf8)
        bytes += ": ".utf8
        add(value.utf8)
        bytes += "\r\n".utf8
    }

    /// Adds the fields a handler gave, but for those that are the server's to decide.
    mutating func add(_ headers: Headers) {
        for field in headers.fields where !Self.isServers(field.name) { add(field.name, field.value) }
    }

    /// Adds the fields of a whole answer, and its length.
    mutating func add(_ answer: Answer) {
        add(answer.headers)
        if !HTTPStatus.isBodyless(answer.status) { add("Content-Length", "\(answer.body.count)") }
    }

    /// All bytes, with the empty line.
    consuming func ended() -> [UInt8] {
        bytes += "\r\n".utf8
        return bytes
    }

    private mutating func add(_ text: String.UTF8View) {
        let start = bytes.count
        bytes += text
        for place in start..<bytes.count {
            let byte = bytes[place]
            if byte == 0x0D || byte == 0x0A || byte == 0 { bytes[place] = 0x20 }
        }
    }

    /// Whether a field is the server's own to send, or HTTP/1.1's alone.
    static func isServers(_ name: String) -> Bool {
        ["connection", "content-length", "date", "keep-alive", "transfer-encoding"].contains { own in
            equalsIgnoringCase(name.utf8, own)
        }
    }
}
