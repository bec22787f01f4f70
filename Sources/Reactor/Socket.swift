internal import CLinux
internal import Glibc

/// What is done to a connected socket. None of these blocks or raises a signal.
public enum Socket {
    /// Reads what is there, `bytes.count` at most.
    public static func read(_ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer) -> Transfer {
        // The buffer outlives the call: the kernel keeps no pointer to it.
        Transfer({ unsafe linux_read(descriptor, bytes.baseAddress, bytes.count) }, zero: .ended)
    }

    /// Hands `bytes` to the kernel, as many as it takes now, in one call.
    public static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        // The kernel copies the bytes before the call returns.
        Transfer({ unsafe linux_send(descriptor, bytes.baseAddress, bytes.count) }, zero: .wouldBlock)
    }

    /// Tells the peer that no more bytes follow those sent. Reading goes on.
    public static func shutDownWriting(_ descriptor: Int32) {
        // It fails only when the connection is gone already, which the loop reports by itself.
        _ = linux_shutdown_writing(descriptor)
    }

    public static func close(_ descriptor: Int32) {
        // Linux gives the descriptor back even when it reports an error or an interruption: never repeated.
        _ = linux_close(descriptor)
    }

    /// Has a later `close` reset the connection and throw away what was not sent (`SO_LINGER` with no time).
    public static func resetOnClose(_ descriptor: Int32) { _ = linux_reset_on_close(descriptor) }

    /// Bytes sent that the peer has not acknowledged, or zero when the socket cannot tell.
    public static func unsentBytes(_ descriptor: Int32) -> Int { max(0, Int(linux_unsent(descriptor))) }

    /// The kernel holds no more than about this many unsent bytes (`TCP_NOTSENT_LOWAT`).
    public static func limitUnsent(_ descriptor: Int32, bytes: Int) {
        _ = linux_option(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Int32(clamping: bytes))
    }
}
