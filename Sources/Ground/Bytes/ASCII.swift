extension UInt8 {
    /// The value of a decimal digit; nil for any other character.
    public var decimalDigit: Int? { (48...57).contains(self) ? Int(self) - 48 : nil }

    /// The value of a hexadecimal digit in either case; nil for any other character.
    public var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether it is one of `A` to `Z` and `a` to `z`.
    public var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) && self >= 0x41 }
}

extension [UInt8] {
    /// Appends the number's last hexadecimal digits, in lower case, with zeros in front.
    public mutating func append(hexadecimal number: UInt64, digits: Int) {
        for place in (0..<digits).reversed() {
            let value = UInt8(truncatingIfNeeded: number >> UInt64(place * 4) & 15)
            append(value < 10 ? 48 + value : 87 + value)
        }
    }
}
