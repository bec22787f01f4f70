/// Names of hosts (RFC 1123) and IP addresses (RFC 2673, RFC 4291).
enum HostFormat {
    static func isName(_ text: Span<UInt8>) -> Bool {
        guard (1...253).contains(text.count) else { return false }
        var label = 0
        for place in 0..<text.count {
            let byte = text[place]
            switch byte {
            case UInt8(ascii: "."):
                guard label > 0, text[place - 1] != UInt8(ascii: "-") else { return false }
                label = 0
                continue
            case UInt8(ascii: "-"): guard label > 0 else { return false }
            default: guard byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26 else { return false }
            }
            label += 1
            guard label <= 63 else { return false }
        }
        return label > 0 && text[text.count - 1] != UInt8(ascii: "-")
    }

    /// Four decimal numbers up to 255, without zeros before them.
    static func isIPv4(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var (parts, digits, value) = (0, 0, 0)
        for place in range {
            let digit = text[place] &- 0x30
            if digit < 10 {
                guard digits == 0 || value > 0 else { return false }
                value = value * 10 + Int(digit)
                digits += 1
                guard value <= 255 else { return false }
            } else {
                guard text[place] == UInt8(ascii: "."), digits > 0 else { return false }
                (parts, digits, value) = (parts + 1, 0, 0)
            }
        }
        return parts == 3 && digits > 0
    }

    static func isIPv6(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var groups = 0
        var hasGap = false
        var place = range.lowerBound
        let end = range.upperBound
        guard end - place >= 2 else { return false }
        if text[place] == UInt8(ascii: ":") {
            guard text[place + 1] == UInt8(ascii: ":") else { return false }
            hasGap = true
            place += 2
        }
        while place < end {
            let start = place
            while place < end, AddressFormat.isHex(text[place]) { place += 1 }
            if place < end, text[place] == UInt8(ascii: ".") {
                guard isIPv4(text, start..<end) else { return false }
                groups += 2
                place = end
                break
            }
            guard (1...4).contains(place - start) else { return false }
            groups += 1
            guard place < end else { break }
            guard text[place] == UInt8(ascii: ":") else { return false }
            place += 1
            guard place < end else { return false }
            if text[place] == UInt8(ascii: ":") {
                guard !hasGap else { return false }
                hasGap = true
                place += 1
            }
        }
        return hasGap ? groups <= 7 : groups == 8
    }
}
