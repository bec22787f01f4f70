/// URIs and IRIs as RFC 3986 and RFC 3987 write them.
enum AddressFormat {
    /// With a scheme.
    static func isAddress(_ text: Span<UInt8>, isInternational: Bool = false) -> Bool {
        guard let colon = schemeEnd(text) else { return false }
        return isRest(text, from: colon + 1, isInternational)
    }

    /// With a scheme, or relative.
    static func isReference(_ text: Span<UInt8>, isInternational: Bool = false) -> Bool {
        if let colon = schemeEnd(text), isRest(text, from: colon + 1, isInternational) { return true }
        // The first segment of a relative path has no colon.
        for place in 0..<text.count {
            switch text[place] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"):
                return isRest(text, from: 0, isInternational)
            case UInt8(ascii: ":"): return false
            default: break
            }
        }
        return isRest(text, from: 0, isInternational)
    }

    /// The place of the colon behind a scheme.
    static func schemeEnd(_ text: Span<UInt8>) -> Int? {
        guard text.count > 0, isLetter(text[0]) else { return nil }
        for place in 1..<text.count {
            switch text[place] {
            case UInt8(ascii: ":"): return place
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): break
            case let byte where isLetter(byte) || byte &- 0x30 < 10: break
            default: return nil
            }
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    static func isHex(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6 }

    /// Authority, path, query and fragment.
    private static func isRest(_ text: Span<UInt8>, from start: Int, _ isInternational: Bool) -> Bool {
        var place = start
        if text.count - place >= 2, text[place] == UInt8(ascii: "/"), text[place + 1] == UInt8(ascii: "/") {
            place += 2
            let first = place
            while place < text.count, text[place] != UInt8(ascii: "/"), text[place] != UInt8(ascii: "?"),
                text[place] != UInt8(ascii: "#")
            {
                place += 1
            }
            guard isAuthority(text, first..<place, isInternational) else { return false }
        }
        var isPath = true
        var isFragment = false
        while place < text.count {
            let byte = text[place]
            switch byte {
            case UInt8(ascii: "?"): isPath = false
            case UInt8(ascii: "#"):
                if isFragment { return false }
                isFragment = true
                isPath = false
            case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"): break
            default:
                guard let next = passed(text, place, isInternational) else { return false }
                // Private characters are for queries only (RFC 3987, section 2.2).
                if isPath || isFragment, byte >= 0x80, isPrivate(text, place) { return false }
                place = next
                continue
            }
            place += 1
        }
        return true
    }

    /// The place behind an unreserved character, a sub-delimiter or a percent-encoded byte.
    private static func passed(_ text: Span<UInt8>, _ place: Int, _ isInternational: Bool) -> Int? {
        let byte = text[place]
        switch byte {
        case UInt8(ascii: "%"):
            guard text.count - place >= 3, isHex(text[place + 1]), isHex(text[place + 2]) else { return nil }
            return place + 3
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"),
            UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            return place + 1
        case 0x80...: return isInternational ? place + 1 : nil
        default: return isLetter(byte) || byte &- 0x30 < 10 ? place + 1 : nil
        }
    }

    /// U+E000 to U+F8FF, and planes 15 and 16.
    private static func isPrivate(_ text: Span<UInt8>, _ place: Int) -> Bool {
        switch text[place] {
        case 0xEE: true
        case 0xEF: place + 1 < text.count && text[place + 1] < 0xA4
        case 0xF3: place + 1 < text.count && text[place + 1] >= 0xB0
        case 0xF4: true
        default: false
        }
    }

    private static func isAuthority(
        _ text: Span<UInt8>, _ range: Range<Int>, _ isInternational: Bool
    ) -> Bool {
        var host = range
        var at: Int?
        for place in range where text[place] == UInt8(ascii: "@") {
            if at != nil { return false }
            at = place
        }
        if let at {
            guard isText(text, range.lowerBound..<at, isInternational, allowsColon: true) else { return false }
            host = at + 1..<range.upperBound
        }
        if !host.isEmpty, text[host.lowerBound] == UInt8(ascii: "[") {
            guard let close = host.first(where: { text[$0] == UInt8(ascii: "]") }) else { return false }
            let inside = host.lowerBound + 1..<close
            guard HostFormat.isIPv6(text, inside) || isFuture(text, inside) else { return false }
            return isPort(text, close + 1..<host.upperBound)
        }
        let colon = host.first { text[$0] == UInt8(ascii: ":") } ?? host.upperBound
        return isText(text, host.lowerBound..<colon, isInternational, allowsColon: false)
            && isPort(text, colon..<host.upperBound)
    }

    private static func isPort(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let first = range.first else { return true }
        guard text[first] == UInt8(ascii: ":") else { return false }
        for place in range.dropFirst() where text[place] &- 0x30 >= 10 { return false }
        return true
    }

    /// `IPvFuture`: `v1.fe`.
    private static func isFuture(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let first = range.first, text[first] | 0x20 == UInt8(ascii: "v") else { return false }
        var place = first + 1
        while place < range.upperBound, isHex(text[place]) { place += 1 }
        guard place > first + 1, place < range.upperBound, text[place] == UInt8(ascii: ".") else { return false }
        place += 1
        return place < range.upperBound && isText(text, place..<range.upperBound, false, allowsColon: true)
    }

    private static func isText(
        _ text: Span<UInt8>, _ range: Range<Int>, _ isInternational: Bool, allowsColon: Bool
    ) -> Bool {
        var place = range.lowerBound
        while place < range.upperBound {
            if allowsColon, text[place] == UInt8(ascii: ":") {
                place += 1
                continue
            }
            guard let next = passed(text, place, isInternational), next <= range.upperBound else { return false }
            place = next
        }
        return true
    }
}
