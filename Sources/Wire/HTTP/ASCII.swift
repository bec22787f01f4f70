extension UInt8 {
    var decimalDigit: Int? { (48...57).contains(self) ? Int(self) - 48 : nil }
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) && self >= 0x41 }
}
