internal import EventFilter
internal import Events
internal import JSON

/// `eventstreams filter verdicts FILTERS FILE`: holds each filter of a file, one a line, against each event of another, so that
/// many can be compared with what another program says.
package struct FilterVerdicts {
    private let filters: String
    private let file: String

    /// Bytes of a line.
    private static let longestLine = 4 << 20

    /// - Parameter file: has an event a line, plain or gzip.
    package init(filters: String, file: String) {
        self.filters = filters
        self.file = file
    }

    /// Its output has a line for each filter: `1` for each event that it holds for, `0` for each other one, `-` for each line that
    /// is no event; or `error:` and what is wrong with it.
    package func run() -> FilterCheck.Report {
        var report = FilterCheck.Report()
        do {
            var scanner = JSONScanner()
            var events: [Event?] = []
            try Self.forEachLine(of: file) { line in
                guard case .event(let event) = ScannedRecord(line, scanner: &scanner) else { return events.append(nil) }
                events.append(event)
            }
            try Self.forEachLine(of: filters) { line in
                report.output += Self.verdicts(String(decoding: line, as: UTF8.self), events) + "\n"
            }
        } catch {
            report.errors = "eventstreams: \(error)\n"
            report.status = 1
        }
        return report
    }

    private static func verdicts(_ text: String, _ events: [Event?]) -> String {
        do throws(FilterError) {
            var filter = CompiledFilter(try EventFilter(text))
            var line = ""
            for event in events {
                if let event { line += filter.matches(event) ? "1" : "0" } else { line += "-" }
            }
            return line
        } catch { return "error: \(error)" }
    }

    private static func forEachLine(of file: String, _ body: ([UInt8]) -> Void) throws {
        var lines = try LineReader(file, limit: longestLine)
        while true {
            switch try lines.next() {
            case .line(_, let line): body(line)
            case .tooLong: body([])
            case .idle: continue
            case .end: return
            }
        }
    }
}
