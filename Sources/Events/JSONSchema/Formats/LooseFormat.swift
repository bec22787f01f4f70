/// Formats by their shape only, as EventGate's validator looks at them: its clients send what these take.
enum LooseFormat {
    /// A scheme and a colon, and no white space behind.
    static func isAddress(_ text: Span<UInt8>) -> Bool {
        guard let colon = AddressFormat.schemeEnd(text) else { return false }
        return !hasSpace(text, from: colon)
    }

    /// No white space, and a backslash neither at the beginning nor behind a `#`.
    static func isReference(_ text: Span<UInt8>) -> Bool {
        var isInFragment = false
        for place in text.indices {
            let byte = text[place]
            // Most characters of an address.
            if byte > UInt8(ascii: "#"), byte < 0x80, byte != UInt8(ascii: "\\") { continue }
            switch byte {
            case UInt8(ascii: "#"): isInFragment = true
            case UInt8(ascii: "\\"): if place == 0 || isInFragment { return false }
            case 0x09...0x0D, 0x20: return false
            case 0x80...: if isSpace(text, place) { return false }
            default: break
            }
        }
        return true
    }

    /// `http`, `https` or `ftp`, and a host.
    static func isURL(_ text: Span<UInt8>) -> Bool {
        guard AddressFormat.isAddress(text, isInternational: true) else { return false }
        for scheme in ["http://", "https://", "ftp://"] {
            let prefix = Array(scheme.utf8)
            if text.count > prefix.count, prefix.indices.allSatisfy({ text[$0] | 0x20 == prefix[$0] | 0x20 }) {
                return true
            }
        }
        return false
    }

    /// RFC 4122, with `urn:uuid:` before it or not.
    static func isUUID(_ text: Span<UInt8>) -> Bool {
        let prefix = Array("urn:uuid:".utf8)
        let isURN = text.count == 45 && prefix.indices.allSatisfy { text[$0] | 0x20 == prefix[$0] | 0x20 }
        let start = isURN ? prefix.count : 0
        guard text.count - start == 36 else { return false }
        for offset in 0..<36 {
            let byte = text[start + offset]
            switch offset {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
            default:
                guard AddressFormat.isHex(byte) else { return false }
            }
        }
        return true
    }

    /// White space as JavaScript knows it, of one byte or more.
    private static func hasSpace(_ text: Span<UInt8>, from start: Int) -> Bool {
        var place = start
        while place < text.count {
            let byte = text[place]
            if byte < 0x80 {
                if byte == 0x20 || byte &- 0x09 < 5 { return true }
            } else if byte == 0xC2 || byte >= 0xE1 && byte <= 0xEF, isSpace(text, place) {
                return true
            }
            place += 1
        }
        return false
    }

    private static func isSpace(_ text: Span<UInt8>, _ place: Int) -> Bool {
        guard place + 1 < text.count else { return false }
        let (first, second) = (text[place], text[place + 1])
        if first == 0xC2 { return second == 0xA0 }
        guard place + 2 < text.count else { return false }
        let third = text[place + 2]
        switch (first, second) {
        case (0xE1, 0x9A): return third == 0x80
        case (0xE2, 0x80): return third <= 0x8A && third >= 0x80 || third == 0xA8 || third == 0xA9 || third == 0xAF
        case (0xE2, 0x81): return third == 0x9F
        case (0xE3, 0x80): return third == 0x80
        case (0xEF, 0xBB): return third == 0xBF
        default: return false
        }
    }
}
