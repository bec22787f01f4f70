internal import EventStreamsClient
internal import JSON

/// Writes events as rows of columns: aligned and in colours on a terminal, separated by tabs elsewhere.
///
/// On a terminal a column is as wide as its widest value so far, up to its share of the screen; the last one has the rest
/// of the line. Nothing of an event reaches the terminal as it is: see `DisplayText`.
struct EventColumns: Sendable {
    private let paths: [[String]]
    private let names: [String]
    private let screen: Screen?
    private let hasColours: Bool
    private var widths: [Int]
    private var hasHeading = false

    /// - Parameters:
    ///   - columns: paths of fields, one at least.
    ///   - screen: nil: the output is no terminal.
    init(_ columns: [String], screen: Screen?, colours: ColourChoice) {
        names = columns
        paths = columns.map { $0.split(separator: ".").map(String.init) }
        switch colours {
        case .auto:
            self.screen = screen
            hasColours = screen?.hasColours ?? false
        case .always:
            self.screen = screen ?? Screen { (columns: 120, rows: 40) }
            hasColours = true
        case .never:
            self.screen = screen
            hasColours = false
        }
        widths = columns.map { DisplayText.width($0) }
    }

    /// The line of an event, with its end; before the first on a terminal, the columns' names.
    mutating func line(_ event: StreamEvent) -> [UInt8] {
        let document = try? JSONDocument(event.data)
        let cells = paths.map { Cell(document, $0) }
        guard let screen else {
            return Array((cells.map(\.text).joined(separator: "\t") + "\n").utf8)
        }
        let columns = screen.size().columns
        fit(cells, columns)
        var text = ""
        if !hasHeading {
            hasHeading = true
            text = row(zip(names.map { DisplayText.harmless($0) }, names.map { _ in Style.bold }), columns)
        }
        return Array((text + row(cells.lazy.map { ($0.text, $0.style) }, columns)).utf8)
    }

    private struct Cell {
        var text = ""
        var style: Style?

        init(_ document: JSONDocument?, _ path: [String]) {
            guard let document, let index = document.value(at: path), let value = document.text(at: path) else {
                return
            }
            text = DisplayText.harmless(value)
            style =
                switch document[index].kind {
                case .number: .cyan
                case .true, .false: .yellow
                case .null, .object, .array: .dim
                case .string: path.last == "dt" ? .dim : nil
                }
        }
    }

    private mutating func fit(_ cells: [Cell], _ columns: Int) {
        let share = max(columns / max(widths.count, 1), 8)
        for place in widths.indices.dropLast() {
            widths[place] = min(max(widths[place], DisplayText.width(cells[place].text)), share)
        }
    }

    private func row(_ cells: some Sequence<(String, Style?)>, _ columns: Int) -> String {
        var line = ""
        var left = columns
        for (place, (text, style)) in cells.enumerated() where left > 0 {
            let isLast = place == widths.count - 1
            let fitted =
                isLast ? DisplayText.cut(text, to: left) : DisplayText.fitted(text, to: min(widths[place], left))
            line += Style.drawn(fitted, style, isOn: hasColours)
            left -= DisplayText.width(fitted)
            if !isLast, left > 2 {
                line += "  "
                left -= 2
            }
        }
        return line + "\n"
    }
}
