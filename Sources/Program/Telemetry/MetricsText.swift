internal import Bytes

/// Metrics in the text format that Prometheus reads (version 0.0.4).
public enum MetricsText {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The samples of a family that are written at most: the rest would be somebody making up label values.
    public static let sampleLimit = 2_000

    public static func render(_ metrics: [Metric]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(32 << 10)
        for metric in metrics.sorted(by: { $0.name < $1.name }) {
            text.append("# HELP ")
            text.append(metric.name.utf8.span)
            text.append(UInt8(ascii: " "))
            escape(metric.help, quotes: false, to: &text)
            text.append("\n# TYPE ")
            text.append(metric.name.utf8.span)
            text.append(UInt8(ascii: " "))
            text.append(metric.kind.rawValue.utf8.span)
            text.append(UInt8(ascii: "\n"))
            let samples =
                metric.samples.count < 2
                ? metric.samples : metric.samples.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
            for sample in samples.prefix(sampleLimit) {
                text.append(metric.name.utf8.span)
                append(metric.labels, sample.labels, to: &text)
                text.append(UInt8(ascii: " "))
                append(sample.value, to: &text)
                text.append(UInt8(ascii: "\n"))
            }
        }
        return text
    }

    private static func append(_ names: [String], _ values: [String], to text: inout [UInt8]) {
        guard !names.isEmpty else { return }
        text.append(UInt8(ascii: "{"))
        for (place, (name, value)) in zip(names, values).enumerated() {
            if place > 0 { text.append(UInt8(ascii: ",")) }
            text.append(name.utf8.span)
            text.append("=\"")
            escape(value, quotes: true, to: &text)
            text.append(UInt8(ascii: "\""))
        }
        text.append(UInt8(ascii: "}"))
    }

    private static func escape(_ string: String, quotes: Bool, to text: inout [UInt8]) {
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): text.append("\\\\")
            case UInt8(ascii: "\n"): text.append("\\n")
            case UInt8(ascii: "\"") where quotes: text.append("\\\"")
            default: text.append(byte)
            }
        }
    }

    private static func append(_ value: Double, to text: inout [UInt8]) {
        if value == value.rounded(), abs(value) < 1e15 { return text.append(decimal: Int64(value)) }
        let words = value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : "\(value)"
        text.append(words.utf8.span)
    }
}
