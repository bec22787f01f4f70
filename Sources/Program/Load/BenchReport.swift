internal import Clients
internal import JSON

/// What a load came to, for people and for programs.
struct BenchReport {
    let options: BenchOptions
    let outcome: LoadOutcome

    private static let percentiles: [(name: String, percent: Double)] = [
        ("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100),
    ]

    private var seconds: Double { Double(outcome.measured) / 1e6 }
    private func rate(_ count: Int64) -> Double { seconds > 0 ? Double(count) / seconds : 0 }
    private func perEvent(_ microseconds: Int64) -> Double? {
        outcome.events > 0 ? Double(microseconds) / Double(outcome.events) : nil
    }
    private var checkedBy: String {
        switch outcome.form {
        case .positions: "positions"
        case .number: "numbers"
        case nil: "nothing"
        }
    }

    // MARK: For people

    var table: String {
        let rows = connections + traffic + verification + costs
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
    }

    private var connections: [(String, String)] {
        var rows = [
            (
                "clients",
                "\(outcome.connected) of \(outcome.asked) connected in \(Self.decimal(Double(outcome.opening) / 1e6)) s"
            )
        ]
        if options.streamsPerConnection != nil {
            rows.append(("connections", "\(outcome.connections), of HTTP/2"))
        }
        if outcome.failed > 0 { rows.append(("refused", Self.reasons(outcome.failures))) }
        if outcome.brokenOff > 0 { rows.append(("broken off", Self.reasons(outcome.broken))) }
        if outcome.ended > 0 { rows.append(("ended", "\(outcome.ended) in order")) }
        return rows
    }

    private var traffic: [(String, String)] {
        var rows = [
            ("measured", "\(Self.decimal(seconds)) s"),
            ("events", "\(outcome.events), \(Self.decimal(rate(outcome.events))) a second"),
            ("bytes", "\(Figures.bytes(outcome.bytes)), \(Figures.bytes(Int64(rate(outcome.bytes)))) a second"),
            ("events a client", "\(outcome.fewestEvents) to \(outcome.mostEvents) since it connected"),
        ]
        for (name, histogram) in [("latency, ms", outcome.latencies), ("arrival, ms", outcome.arrivals)]
        where histogram.count > 0 {
            let parts = Self.percentiles.compactMap { name, percent in
                histogram.percentile(percent).map { "\(name) \(Self.decimal(Double($0) / 1000))" }
            }
            rows.append((name, parts.joined(separator: ", ")))
        }
        if outcome.early > 0 {
            rows.append(("clocks", "\(outcome.early) events came before their own time; latencies are wrong"))
        }
        return rows
    }

    private var verification: [(String, String)] {
        guard outcome.form != nil else {
            return [("checked", "nothing: the events have no ids that can be checked")] + told
        }
        var rows = [
            (
                "checked by id",
                "\(outcome.findings.lost) lost, \(outcome.findings.repeated) repeated, "
                    + "\(outcome.findings.disordered) out of order"
            )
        ]
        if outcome.unchecked > 0 { rows.append(("unchecked", "\(outcome.unchecked) events, without a readable id")) }
        if outcome.stalled > 0 {
            rows.append(("stalled", "\(outcome.stalled) clients got nothing more though others did"))
        }
        if outcome.behind > 0 { rows.append(("behind", "\(outcome.behind) clients had not come as far as others")) }
        return rows + told
    }

    private var told: [(String, String)] {
        var rows: [(String, String)] = []
        if outcome.gaps > 0 { rows.append(("gaps told", "\(outcome.gaps)")) }
        if outcome.errors > 0 { rows.append(("errors told", "\(outcome.errors)")) }
        return rows
    }

    private var costs: [(String, String)] {
        var rows: [(String, String)] = []
        if let processor = outcome.serverProcessor {
            let each = perEvent(processor).map { ", \(Self.decimal($0)) us an event" } ?? ""
            rows.append(("server's CPU", "\(Self.decimal(Double(processor) / 1e6)) s" + each))
        }
        if let (before, after) = outcome.serverMemory {
            rows.append(("server's memory", "\(Figures.bytes(before)) before, \(Figures.bytes(after)) after"))
        }
        let each = perEvent(outcome.ownProcessor).map { ", \(Self.decimal($0)) us an event" } ?? ""
        rows.append(
            (
                "own CPU",
                "\(Self.decimal(Double(outcome.ownProcessor) / 1e6)) s\(each); \(Figures.bytes(outcome.ownMemory)) of memory"
            ))
        return rows
    }

    private static func reasons(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }.joined(
            separator: ", ")
    }

    /// Three digits behind the point.
    private static func decimal(_ value: Double) -> String {
        let thousandths = Int64((min(max(value, 0), 1e15) * 1000).rounded())
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    // MARK: For programs

    var json: JSONValue {
        .object([
            .init("url", .string(options.url)),
            .init(
                "clients",
                .object([
                    .init("asked", number(outcome.asked)), .init("connected", number(outcome.connected)),
                    .init("failed", counts(outcome.failures)), .init("broken", counts(outcome.broken)),
                    .init("ended", number(outcome.ended)), .init("stalled", number(outcome.stalled)),
                    .init("behind", number(outcome.behind)),
                    .init("fewest_events", number(outcome.fewestEvents)),
                    .init("most_events", number(outcome.mostEvents)),
                ])),
            .init("http", .string(options.streamsPerConnection == nil ? "1.1" : "2")),
            .init("connections", number(options.streamsPerConnection == nil ? outcome.connected : outcome.connections)),
            .init("opening_seconds", number(Double(outcome.opening) / 1e6)),
            .init("seconds", number(seconds)),
            .init("events", number(outcome.events)), .init("events_per_second", number(rate(outcome.events))),
            .init("bytes", number(outcome.bytes)), .init("bytes_per_second", number(rate(outcome.bytes))),
            .init("latency_ms", percentiles(outcome.latencies, .init("early", number(outcome.early)))),
            .init("arrival_ms", percentiles(outcome.arrivals)),
            .init(
                "checked",
                .object([
                    .init("by", .string(checkedBy)), .init("lost", number(outcome.findings.lost)),
                    .init("repeated", number(outcome.findings.repeated)),
                    .init("disordered", number(outcome.findings.disordered)),
                    .init("unchecked", number(outcome.unchecked)), .init("gaps", number(outcome.gaps)),
                    .init("errors", number(outcome.errors)),
                ])),
            .init("server", server),
            .init(
                "own",
                .object([
                    .init("cpu_seconds", number(Double(outcome.ownProcessor) / 1e6)),
                    .init("cpu_us_per_event", perEvent(outcome.ownProcessor).map(number) ?? .null),
                    .init("memory_bytes", number(outcome.ownMemory)),
                ])),
            .init("good", .boolean(outcome.isGood)),
        ])
    }

    private func percentiles(_ histogram: LatencyHistogram, _ others: JSONValue.Member...) -> JSONValue {
        guard histogram.count > 0 else { return .null }
        let members = Self.percentiles.compactMap { name, percent in
            histogram.percentile(percent).map { JSONValue.Member(name, number(Double($0) / 1000)) }
        }
        return .object(members + [.init("count", number(Int64(histogram.count)))] + others)
    }

    private var server: JSONValue {
        guard let (before, after) = outcome.serverMemory else { return .null }
        return .object([
            .init("cpu_seconds", outcome.serverProcessor.map { number(Double($0) / 1e6) } ?? .null),
            .init("cpu_us_per_event", outcome.serverProcessor.flatMap(perEvent).map(number) ?? .null),
            .init("opening_cpu_seconds", outcome.openingProcessor.map { number(Double($0) / 1e6) } ?? .null),
            .init("memory_before_bytes", number(before)), .init("memory_after_bytes", number(after)),
        ])
    }

    private func counts(_ counts: [String: Int]) -> JSONValue {
        .object(counts.sorted { $0.key < $1.key }.map { .init($0.key, number($0.value)) })
    }

    private func number(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }
    private func number(_ value: Double) -> JSONValue { .number(Self.decimal(value)) }
}
