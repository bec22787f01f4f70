internal import EventFilter
internal import Events
internal import JSON

/// `eventstreams filter check EXPRESSION [FILE]`: reads a filter, tells it in words, and tries it on events of a file.
package struct FilterCheck {
    /// What goes to standard output and error, and the exit status.
    package struct Report: Hashable, Sendable {
        package var output = ""
        package var errors = ""
        package var status: Int32 = 0
    }

    private let expression: String
    private let file: String?

    /// Bytes of a line.
    private static let longestLine = 4 << 20
    /// The first events of a file tell which fields there are.
    private static let samples = 1_000

    /// - Parameter file: has an event a line, plain or gzip; `-` is standard input.
    package init(expression: String, file: String?) {
        self.expression = expression
        self.file = file
    }

    package func run() -> Report {
        let filter: EventFilter
        do throws(FilterError) { filter = try EventFilter(expression) } catch { return mistake(error) }
        var report = Report()
        report.output = "\(filter)\n\(filter.words)\n"
        do {
            let trial = try file.map { try Trial(filter, $0) }
            for warning in filter.warnings(samples: trial?.samples ?? []) { report.output += "Warning: \(warning)\n" }
            report.output += trial?.words ?? ""
        } catch {
            report.errors = "eventstreams: \(file ?? ""): \(error)\n"
            report.status = 1
        }
        return report
    }

    /// The mistake, and the place in the expression below it.
    private func mistake(_ error: FilterError) -> Report {
        var text = "eventstreams: \(error)\n"
        if let column = error.column, !expression.utf8.contains(0x0A) {
            text += "    \(expression)\n    \(String(repeating: " ", count: column - 1))^\n"
        }
        return Report(errors: text, status: 1)
    }

    /// A filter held against a file's events.
    private struct Trial {
        private(set) var samples: [Event] = []
        private var count = 0
        private var matching = 0
        private var others = 0
        private var firstMatch: String?
        private var firstOther: String?

        init(_ filter: EventFilter, _ file: String) throws {
            var compiled = CompiledFilter(filter)
            var scanner = JSONScanner()
            var lines = try LineReader(file, limit: longestLine)
            while true {
                switch try lines.next() {
                case .line(let number, let line):
                    guard case .event(let event) = ScannedRecord(line, scanner: &scanner) else {
                        others += 1
                        continue
                    }
                    count += 1
                    if samples.count < FilterCheck.samples { samples.append(event) }
                    let shown = "line \(number): \(String(decoding: line, as: UTF8.self))"
                    if compiled.matches(event) {
                        matching += 1
                        firstMatch = firstMatch ?? shown
                    } else {
                        firstOther = firstOther ?? shown
                    }
                case .tooLong: others += 1
                case .idle: continue
                case .end: return
                }
            }
        }

        var words: String {
            var text = "\(matching) of \(count) events match.\n"
            if others > 0 { text += "\(others) lines are no events.\n" }
            if let firstMatch { text += "One that matches, \(firstMatch)\n" }
            if let firstOther { text += "One that doesn't, \(firstOther)\n" }
            return text
        }
    }
}
