/// A system call on a file that failed.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name, as in its manual page.
    public let call: String
    /// Why, in lower case: `no such file or directory`.
    public let reason: String

    /// - Parameter number: the error number (`errno`).
    public init(_ call: String, _ number: Int32) {
        self.call = call
        reason = ErrorNumber.text(number).lowercased()
    }

    /// `no such file or directory (open)`.
    public var description: String { "\(reason) (\(call))" }
}
