internal import Glibc

/// The terminal at standard output.
package struct Screen: Sendable {
    /// Columns and rows, as they are now.
    package var size: @Sendable () -> (columns: Int, rows: Int)
    /// Whether to use colours unless told otherwise.
    package var hasColours: Bool

    package init(hasColours: Bool = true, size: @escaping @Sendable () -> (columns: Int, rows: Int)) {
        self.hasColours = hasColours
        self.size = size
    }

    /// nil: standard output is no terminal.
    package static func standard() -> Screen? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        // https://no-color.org: set and not empty.
        let refuses = variable("NO_COLOR")?.isEmpty == false || variable("TERM") == "dumb"
        return Screen(hasColours: !refuses) {
            var size = winsize()
            let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
            return isKnown ? (Int(size.ws_col), max(Int(size.ws_row), 2)) : (80, 24)
        }
    }

    private static func variable(_ name: String) -> String? {
        // Lifetime: copied at once; nothing here changes the environment.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
