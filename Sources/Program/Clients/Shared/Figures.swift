/// Numbers for people.
package enum Figures {
    /// Powers of 1000: `950 B`, `1.2 MB`.
    package static func bytes(_ count: Int64) -> String {
        var value = Double(count)
        for unit in ["B", "kB", "MB", "GB", "TB"] {
            if value < 1000 || unit == "TB" { return unit == "B" ? "\(count) B" : "\(tenths(value)) \(unit)" }
            value /= 1000
        }
        return "\(count) B"
    }

    /// How many a second; 0 where no time has passed.
    package static func rate(_ count: Int64, milliseconds: Int64) -> Double {
        milliseconds > 0 ? Double(count) * 1000 / Double(milliseconds) : 0
    }

    package static func tenths(_ value: Double) -> String {
        let rounded = Int64((min(max(value, -1e15), 1e15) * 10).rounded())
        return "\(rounded < 0 ? "-" : "")\(rounded.magnitude / 10).\(rounded.magnitude % 10)"
    }

    package static func counted(_ count: Int64, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
