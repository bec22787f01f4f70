internal import Glibc

/// A system call that failed: which one, and why.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name of the call, as in its manual page.
    public let call: String
    /// The error number (`errno`).
    public let number: Int32

    public init(call: String, number: Int32) {
        self.call = call
        self.number = number
    }

    /// True when the process or the system has no descriptor left (`EMFILE`, `ENFILE`).
    public var isOutOfDescriptors: Bool { number == EMFILE || number == ENFILE }

    public var description: String {
        // strerror answers a string of the C library that lives as long as the thread; it is copied at once.
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return "\(call) failed: \(reason)"
    }
}
