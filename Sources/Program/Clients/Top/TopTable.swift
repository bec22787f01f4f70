/// What `top` shows, as text.
struct TopTable {
    /// Values that are remembered at most.
    static let capacity = 2000
    /// Looks that count as recent.
    static let windows = 5

    private let heading: String
    private let screen: Screen?
    private let hasColours: Bool

    /// - Parameters:
    ///   - fields: what is counted.
    ///   - screen: nil: the output is no terminal.
    init(_ fields: [String], screen: Screen?, colours: ColourChoice) {
        heading = DisplayText.harmless(fields.joined(separator: " "))
        self.screen = screen
        hasColours =
            switch colours {
            case .auto: screen?.hasColours ?? false
            case .always: true
            case .never: false
            }
    }

    /// Rows that there is room for.
    var rows: Int { screen.map { max($0.size().rows - 4, 1) } ?? 20 }

    /// - Parameters:
    ///   - milliseconds: the time in which the recent counts came.
    ///   - state: a sentence about the connection.
    func text(_ counts: HeavyHitters, rows: Int, milliseconds: Int64, url: String, state: String) -> String {
        let entries = counts.top(rows)
        guard let screen else {
            let lines = entries.map { entry in
                let rate = Figures.tenths(Figures.rate(entry.recent, milliseconds: milliseconds))
                return "\(rate)\t\(entry.count)\t\(DisplayText.harmless(entry.value))\n"
            }
            return "events/s\tevents\t\(heading)\n" + lines.joined()
        }
        let columns = screen.size().columns
        let rate = Figures.tenths(Figures.rate(counts.recent, milliseconds: milliseconds))
        var lines = [
            Style.drawn(
                DisplayText.cut("\(DisplayText.harmless(url)): \(rate) events/s, \(counts.total) so far", to: columns),
                .bold,
                isOn: hasColours),
            Style.drawn(DisplayText.cut(DisplayText.harmless(state), to: columns), .dim, isOn: hasColours),
            Style.drawn(
                DisplayText.cut(
                    "\(right("events/s", 10))\(right("%", 7))\(right("events", 12))  \(heading)", to: columns),
                .bold, isOn: hasColours),
        ]
        for entry in entries {
            let rate = right(Figures.tenths(Figures.rate(entry.recent, milliseconds: milliseconds)), 10)
            let share = right(Figures.tenths(100 * Double(entry.count) / Double(max(counts.total, 1))), 7)
            let count = right((entry.error > 0 ? "~" : "") + String(entry.count), 12)
            let value = DisplayText.cut(DisplayText.harmless(entry.value), to: max(columns - 31, 1))
            lines.append(
                Style.drawn(rate, .cyan, isOn: hasColours) + share + Style.drawn(count, .dim, isOn: hasColours) + "  "
                    + value)
        }
        return lines.joined(separator: "\n")
    }

    private func right(_ text: String, _ columns: Int) -> String {
        String(repeating: " ", count: max(columns - text.count, 0)) + text
    }
}
