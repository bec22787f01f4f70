/// A sentence about the log for its operator: what can't be read, what can't be written, what retention waits for.
public struct LogNotice: Hashable, Sendable {
    public enum Severity: Hashable, Sendable {
        /// Something is well again, or was mended.
        case notice
        /// Something needs to be looked at; nothing that was acknowledged is missing.
        case warning
        /// Acknowledged records are missing or can't be read, or appends fail.
        case error
    }

    public var severity: Severity
    public var text: String

    public init(_ severity: Severity, _ text: String) {
        self.severity = severity
        self.text = text
    }
}
