extension [UInt8] {
    /// The literal's bytes.
    @inlinable
    public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { buffer in
            // Lifetime: the buffer is copied within this closure only.
            unsafe append(contentsOf: buffer)
        }
    }

    /// The bytes of a span.
    @inlinable
    public mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // Lifetime: the buffer is copied within this closure only.
            unsafe append(contentsOf: buffer)
        }
    }

    /// The number in decimal digits.
    public mutating func append(decimal number: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var place = 20
        var rest = number.magnitude
        while rest >= 10 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            place -= 2
            digits[place] = 48 + UInt8(truncatingIfNeeded: pair / 10)
            digits[place + 1] = 48 + UInt8(truncatingIfNeeded: pair % 10)
            rest = quotient
        }
        // An even number of digits has been written down to nothing, but for the number 0 itself.
        if rest > 0 || place == 20 {
            place -= 1
            digits[place] = 48 + UInt8(truncatingIfNeeded: rest)
        }
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digits.span.extracting(place..<20))
    }

    /// The number in decimal digits, with zeros in front to `width` digits (18 at most). Not for negative ones.
    public mutating func append(decimal number: Int64, width: Int) {
        var threshold: Int64 = 1
        for _ in 1..<width { threshold *= 10 }
        while threshold > 1, number < threshold {
            append(UInt8(ascii: "0"))
            threshold /= 10
        }
        append(decimal: number)
    }

    /// Makes every CR and LF from `start` on a space. In a JSON text they can only be white space between its tokens.
    public mutating func replaceLineBreaks(from start: Int) {
        replace(0x0A, from: start)
        replace(0x0D, from: start)
    }

    private mutating func replace(_ byte: UInt8, from start: Int) {
        var place = start
        while let found = span.firstIndex(of: byte, from: place) {
            self[found] = 0x20
            place = found + 1
        }
    }
}
