extension UInt8 {
    var decimalDigit: Int? { (48...57).contains(self) ? Int(self) - 48 : nil }
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) && self >= 0x41 }
}

extension Substring {
    /// Without the optional whitespace that may stand around parts of a field (RFC 9110, section 5.6.3).
    var withoutSpaceAround: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
