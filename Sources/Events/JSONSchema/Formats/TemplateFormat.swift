/// URI templates (RFC 6570).
enum TemplateFormat {
    static func isTemplate(_ text: Span<UInt8>) -> Bool {
        var place = 0
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "{"):
                guard let end = expressionEnd(text, from: place + 1) else { return false }
                place = end
            case UInt8(ascii: "%"):
                guard isEncoded(text, place) else { return false }
                place += 3
            case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
                UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "}"), 0x7F:
                return false
            default: place += 1
            }
        }
        return true
    }

    private static func isEncoded(_ text: Span<UInt8>, _ place: Int) -> Bool {
        guard text.count - place >= 3 else { return false }
        for offset in 1...2 {
            let byte = text[place + offset]
            guard byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6 else { return false }
        }
        return true
    }

    /// The place behind the brace that ends an expression.
    private static func expressionEnd(_ text: Span<UInt8>, from start: Int) -> Int? {
        var place = start
        guard place < text.count else { return nil }
        switch text[place] {
        case UInt8(ascii: "+"), UInt8(ascii: "#"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ";"),
            UInt8(ascii: "?"), UInt8(ascii: "&"):
            place += 1
        default: break
        }
        while true {
            guard let end = variableEnd(text, from: place), end < text.count else { return nil }
            switch text[end] {
            case UInt8(ascii: ","): place = end + 1
            case UInt8(ascii: "}"): return end + 1
            default: return nil
            }
        }
    }

    /// The place behind a variable's name and modifier.
    private static func variableEnd(_ text: Span<UInt8>, from start: Int) -> Int? {
        var place = start
        var isDot = true
        scan: while place < text.count {
            switch text[place] {
            case UInt8(ascii: "."):
                if isDot { return nil }
                isDot = true
                place += 1
                continue scan
            case UInt8(ascii: "%"):
                guard isEncoded(text, place) else { return nil }
                place += 3
            case UInt8(ascii: "_"): place += 1
            case let byte where byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26: place += 1
            default: break scan
            }
            isDot = false
        }
        guard place > start, !isDot, place < text.count else { return nil }
        if text[place] == UInt8(ascii: "*") { return place + 1 }
        guard text[place] == UInt8(ascii: ":") else { return place }
        let first = place + 1
        place = first
        while place < text.count, text[place] &- 0x30 < 10 { place += 1 }
        guard (1...4).contains(place - first), text[first] != UInt8(ascii: "0") else { return nil }
        return place
    }
}
