internal import Glibc

/// The one way from Swift to a system call: the doors in `CLinux` answer a result or a negated error number, and this
/// turns the latter into an error that names the call.
enum SystemCall {
    /// Makes the call, again when a signal interrupted it.
    @discardableResult
    static func checked(_ name: StaticString, _ call: () -> Int32) throws(SystemError) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            if result != -EINTR { throw SystemError(call: "\(name)", number: -result) }
        }
    }
}

/// What reading from or writing to a socket came to.
public enum Transfer: Equatable, Sendable {
    /// So many bytes were moved, at least one.
    case bytes(Int)
    /// Nothing can be moved now: the loop tells when it can.
    case wouldBlock
    /// The peer has ended its side (only when reading).
    case ended
    /// The connection is gone: reset, timed out, shut down. The error number says why.
    case failed(Int32)

    init(_ call: () -> Int, zero: Transfer) {
        while true {
            let result = call()
            if result > 0 {
                self = .bytes(result)
            } else if result == 0 {
                self = zero
            } else if result == -Int(EINTR) {
                continue
            } else if result == -Int(EAGAIN) || result == -Int(ENOBUFS) || result == -Int(ENOMEM) {
                self = .wouldBlock
            } else {
                self = .failed(Int32(truncatingIfNeeded: -result))
            }
            return
        }
    }
}
