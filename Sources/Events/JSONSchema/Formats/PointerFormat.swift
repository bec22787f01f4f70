/// JSON pointers (RFC 6901) and relative ones (draft-handrews-relative-json-pointer-01).
enum PointerFormat {
    static func isPointer(_ text: Span<UInt8>, from start: Int) -> Bool {
        guard start < text.count else { return true }
        guard text[start] == UInt8(ascii: "/") else { return false }
        var place = start + 1
        while place < text.count {
            if text[place] == UInt8(ascii: "~") {
                place += 1
                guard place < text.count, text[place] == UInt8(ascii: "0") || text[place] == UInt8(ascii: "1") else {
                    return false
                }
            }
            place += 1
        }
        return true
    }

    static func isRelative(_ text: Span<UInt8>) -> Bool {
        var place = 0
        while place < text.count, text[place] &- 0x30 < 10 { place += 1 }
        guard place > 0, place == 1 || text[0] != UInt8(ascii: "0") else { return false }
        if place + 1 == text.count, text[place] == UInt8(ascii: "#") { return true }
        return isPointer(text, from: place)
    }
}
