/// Frames as a client sends them (RFC 9113, section 4.1), written by hand so that they can be wrong.
enum Frames {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4)

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let count = payload.count
        return [UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF), type, flags]
            + number(stream) + payload
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }

    /// Fields as literals without a table (RFC 7541, section 6.2.2).
    static func fields(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + text(name) + text(value) }
    }

    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var length: [UInt8] = [127]
        while rest >= 128 {
            length.append(UInt8(rest & 0x7F | 0x80))
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    static func head(_ method: String = "GET", _ path: String = "/", _ more: [(String, String)] = []) -> [UInt8] {
        fields([(":method", method), (":scheme", "http"), (":authority", "x"), (":path", path)] + more)
    }

    /// A request without a body, or with `isOpen` its head.
    static func request(
        _ stream: UInt32, _ method: String = "GET", _ path: String = "/", _ more: [(String, String)] = [],
        isOpen: Bool = false
    ) -> [UInt8] {
        frame(1, flags: isOpen ? 4 : 5, stream: stream, head(method, path, more))
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], isEnd: Bool = false) -> [UInt8] {
        frame(0, flags: isEnd ? 1 : 0, stream: stream, bytes)
    }

    static func reset(_ stream: UInt32) -> [UInt8] { frame(3, stream: stream, number(8)) }
    static let ping = frame(6, [UInt8](repeating: 0, count: 8))
    static func window(_ stream: UInt32, _ bytes: UInt32) -> [UInt8] { frame(8, stream: stream, number(bytes)) }

    /// SETTINGS with the initial window of each stream.
    static func initialWindow(_ bytes: UInt32) -> [UInt8] { frame(4, [0, 4] + number(bytes)) }
}

/// A frame that the server sent.
struct Frame: Equatable, CustomStringConvertible {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    static func all(in bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(
                Frame(type: head[3], flags: head[4], stream: stream, payload: Array(rest.dropFirst(9).prefix(count))))
            rest = rest.dropFirst(9 + count)
        }
        return frames
    }

    /// The number at the end of GOAWAY's and in RST_STREAM's payload.
    var code: UInt32 {
        (type == 7 ? payload[4..<8] : payload[0..<4]).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    var description: String {
        switch type {
        case 0: "data \(stream) \(payload.count)\(flags & 1 != 0 ? " end" : "")"
        case 1: "head \(stream)\(flags & 1 != 0 ? " end" : "")"
        case 3: "reset \(stream) \(code)"
        case 4: flags & 1 != 0 ? "settings ack" : "settings"
        case 6: "ping ack"
        case 7: "goaway \(code)"
        case 8: "window"
        default: "frame \(type)"
        }
    }
}
