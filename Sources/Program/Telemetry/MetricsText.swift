/// Metrics in the text format that Prometheus reads (version 0.0.4).
public enum MetricsText {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The samples of a family that are written at most: the rest would be somebody making up label values.
    public static let sampleLimit = 2_000

    public static func render(_ metrics: some Sequence<Metric>) -> [UInt8] {
        var text = ""
        for metric in metrics.sorted(by: { $0.name < $1.name }) {
            text += "# HELP \(metric.name) \(escaped(metric.help, quotes: false))\n"
            text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            let samples = metric.samples.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
            for sample in samples.prefix(sampleLimit) {
                text += "\(metric.name)\(labels(metric.labels, sample.labels)) \(number(sample.value))\n"
            }
        }
        return Array(text.utf8)
    }

    private static func labels(_ names: [String], _ values: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let pairs = zip(names, values).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }
}
