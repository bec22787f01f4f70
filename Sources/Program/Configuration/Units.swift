/// Sizes as people write them.
package enum ByteSize {
    private static let units: [(name: String, bytes: Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

    /// Bytes; nil where the text is no size.
    package static func parse(_ text: String) -> Int? {
        for unit in units where text.hasSuffix(unit.name) {
            return scaled(text.dropLast(unit.name.count), by: unit.bytes)
        }
        return scaled(text.hasSuffix("B") ? text.dropLast() : text[...], by: 1)
    }

    static func text(_ bytes: Int) -> String {
        for unit in units where bytes > 0 && bytes % unit.bytes == 0 { return "\(bytes / unit.bytes)\(unit.name)" }
        return "\(bytes)"
    }

    private static func scaled(_ digits: Substring, by unit: Int) -> Int? {
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : value
    }
}

/// Lengths of time as people write them, in milliseconds.
enum TimeSpan {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]

    static func parse(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        for unit in units where text.hasSuffix(unit.name) {
            let digits = text.dropLast(unit.name.count)
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(digits) else { return nil }
            let (value, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
            return overflow ? nil : value
        }
        return nil
    }

    static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }

    static func text(_ milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        for unit in units.dropFirst() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}
