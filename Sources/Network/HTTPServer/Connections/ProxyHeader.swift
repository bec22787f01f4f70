public import Reactor

/// What a proxy says of a connection before the connection's first byte: the PROXY protocol, version 1 or 2
/// (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
public enum ProxyHeader {
    public enum Reading: Equatable, Sendable {
        /// More must come.
        case incomplete
        /// What came is no header, and nothing can make it one.
        case wrong
        /// The header is so many bytes, and this is the client; nil: the proxy speaks for itself, or does not know.
        case whole(length: Int, client: SocketAddress?)
    }

    /// The longest that is read. The addresses take 232 bytes at most, the rest is what the proxy adds; a header of more is wrong.
    public static let most = 2048

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let word = Array("PROXY ".utf8)
    /// Of version 1, with its line end.
    private static let longestLine = 107

    /// - Parameter bytes: a connection's first.
    public static func read(_ bytes: [UInt8]) -> Reading {
        if bytes.isEmpty { return .incomplete }
        if bytes.starts(with: signature.prefix(bytes.count)) { return bytes.count < 16 ? .incomplete : binary(bytes) }
        if bytes.starts(with: word.prefix(bytes.count)) { return bytes.count < word.count ? .incomplete : line(bytes) }
        return .wrong
    }

    // MARK: Version 1

    private static func line(_ bytes: [UInt8]) -> Reading {
        guard let end = bytes.prefix(longestLine).firstIndex(of: UInt8(ascii: "\n")) else {
            return bytes.count < longestLine ? .incomplete : .wrong
        }
        guard bytes[end - 1] == UInt8(ascii: "\r"),
            let text = String(validating: bytes[word.count..<end - 1], as: UTF8.self)
        else { return .wrong }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        if parts.first == "UNKNOWN" { return .whole(length: end + 1, client: nil) }
        guard parts.count == 5, let port = port(parts[3]), Self.port(parts[4]) != nil,
            let client = SocketAddress(String(parts[1]), port: port),
            let server = SocketAddress(String(parts[2]), port: 0)
        else { return .wrong }
        let isRight =
            switch parts[0] {
            case "TCP4": client.family == .ipv4 && server.family == .ipv4
            // An address of version 4 may stand there in the form of version 6.
            case "TCP6": parts[1].contains(":") && parts[2].contains(":")
            default: false
            }
        return isRight ? .whole(length: end + 1, client: client) : .wrong
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return UInt16(text)
    }

    // MARK: Version 2

    private static func binary(_ bytes: [UInt8]) -> Reading {
        let command = bytes[12]
        guard command >> 4 == 2, command & 0xF <= 1 else { return .wrong }
        let length = 16 + Int(bytes[14]) << 8 + Int(bytes[15])
        guard length <= most else { return .wrong }
        guard bytes.count >= length else { return .incomplete }
        // The proxy's own, such as to see whether anybody answers.
        if command & 0xF == 0 { return .whole(length: length, client: nil) }
        let size: Int
        switch bytes[13] {
        case 0x11: size = 4
        case 0x21: size = 16
        // Of another family, or of none: the header is passed over (section 2.2).
        default: return .whole(length: length, client: nil)
        }
        guard length >= 16 + 2 * size + 4 else { return .wrong }
        let port = UInt16(bytes[16 + 2 * size]) << 8 | UInt16(bytes[17 + 2 * size])
        guard let client = SocketAddress(bytes: Array(bytes[16..<16 + size]), port: port) else { return .wrong }
        return .whole(length: length, client: client)
    }
}
