internal import Bytes

/// Why a text is no filter, and where.
public struct FilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected, or which limit was passed; begins in lower case.
    public var message: String
    /// Counted in characters from 1; nil where the whole is wrong.
    public var column: Int?
    /// What to do about it; begins in lower case.
    public var hint: String?

    public init(_ message: String, column: Int? = nil, hint: String? = nil) {
        self.message = message
        self.column = column
        self.hint = hint
    }

    /// `expected a value after == at column 14; strings need quotes`
    public var description: String {
        message + (column.map { " at column \($0)" } ?? "") + (hint.map { "; \($0)" } ?? "")
    }
}
