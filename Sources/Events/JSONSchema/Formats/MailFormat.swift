/// Mail addresses (RFC 5321, section 4.1.2; RFC 6531).
enum MailFormat {
    /// Leniently: what HTML's input fields take, and what stands before the @ may have dots anywhere.
    static func isAddress(_ text: Span<UInt8>, isStrict: Bool) -> Bool {
        guard let at = lastAt(text), at > 0, at + 1 < text.count else { return false }
        if isStrict, text[0] == UInt8(ascii: "\"") {
            guard isQuoted(text, at) else { return false }
        } else {
            var isDot = true
            for place in 0..<at {
                let byte = text[place]
                if byte == UInt8(ascii: ".") {
                    if isDot, isStrict { return false }
                    isDot = true
                } else {
                    guard isAtom(byte) else { return false }
                    isDot = false
                }
            }
            if isDot, isStrict { return false }
        }
        return isDomain(text, at + 1, isStrict: isStrict)
    }

    /// One @ with something on either side, and no space.
    static func isInternational(_ text: Span<UInt8>) -> Bool {
        guard let at = lastAt(text), at > 0, at + 1 < text.count else { return false }
        if text[0] == UInt8(ascii: "\"") { return isQuoted(text, at) }
        for place in 0..<text.count where place != at {
            guard text[place] > 0x20, text[place] != 0x7F, text[place] != UInt8(ascii: "@") else { return false }
        }
        return true
    }

    private static func lastAt(_ text: Span<UInt8>) -> Int? {
        var found: Int?
        for place in 0..<text.count where text[place] == UInt8(ascii: "@") { found = place }
        return found
    }

    private static func isAtom(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            true
        default: byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
        }
    }

    private static func isQuoted(_ text: Span<UInt8>, _ end: Int) -> Bool {
        guard end >= 2, text[end - 1] == UInt8(ascii: "\"") else { return false }
        var place = 1
        while place < end - 1 {
            if text[place] == UInt8(ascii: "\\") {
                place += 1
                guard place < end - 1 else { return false }
            } else if text[place] == UInt8(ascii: "\"") || text[place] < 0x20 || text[place] == 0x7F {
                return false
            }
            place += 1
        }
        return true
    }

    private static func isDomain(_ text: Span<UInt8>, _ start: Int, isStrict: Bool) -> Bool {
        if text[start] == UInt8(ascii: "["), text[text.count - 1] == UInt8(ascii: "]") {
            let inside = start + 1..<text.count - 1
            if HostFormat.isIPv4(text, inside) { return true }
            let tag = Array("IPv6:".utf8)
            guard inside.count > tag.count, tag.indices.allSatisfy({ text[inside.lowerBound + $0] == tag[$0] }) else {
                return false
            }
            return HostFormat.isIPv6(text, inside.lowerBound + tag.count..<inside.upperBound)
        }
        return HostFormat.isName(text.extracting(start..<text.count))
    }
}
