internal import CLinux
internal import Glibc

/// What is done to a connected socket. None of these blocks or raises a signal.
public enum Socket {
    /// Reads what is there, `bytes.count` at most.
    public static func read(_ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer) -> Transfer {
        // The buffer outlives the call: the kernel keeps no pointer to it.
        Transfer({ unsafe linux_read(descriptor, bytes.baseAddress, bytes.count) }, zero: .ended)
    }

    /// Has the kernel note when bytes arrive, for the read that asks for it (`SO_TIMESTAMPNS`, socket(7)).
    public static func noteArrivals(_ descriptor: Int32) throws(SystemError) {
        try SystemCall.checked("setsockopt") { linux_note_arrivals(descriptor) }
    }

    /// Reads what is there, and says when it came.
    ///
    /// - Parameter arrival: set to when the kernel had the newest of the bytes, in nanoseconds of Unix time; 0: it did not
    ///   note it, as of bytes that came before it was asked to.
    public static func read(
        _ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer, arrival: inout Int64
    ) -> Transfer {
        // The buffer and the number outlive the call: the kernel keeps no pointer to them.
        Transfer({ unsafe linux_read_noted(descriptor, bytes.baseAddress, bytes.count, &arrival) }, zero: .ended)
    }

    /// The first byte of what is there, which stays to be read; nil: there is nothing.
    public static func peek(_ descriptor: Int32) -> UInt8? {
        var byte: UInt8 = 0
        // Written before the call returns.
        return unsafe linux_peek(descriptor, &byte, 1) == 1 ? byte : nil
    }

    /// Copies what is there, which stays to be read.
    public static func peek(_ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer) -> Transfer {
        // The buffer outlives the call: the kernel keeps no pointer to it.
        Transfer({ unsafe linux_peek(descriptor, bytes.baseAddress, bytes.count) }, zero: .ended)
    }

    /// Hands `bytes` to the kernel, as many as it takes now, in one call.
    public static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        // The kernel copies the bytes before the call returns.
        Transfer({ unsafe linux_send(descriptor, bytes.baseAddress, bytes.count) }, zero: .wouldBlock)
    }

    /// Begins to connect. The loop reports the descriptor writable when that has ended; `connectError` tells how.
    ///
    /// - Parameters:
    ///   - source: the local address; its port is 0 for any that is free for this peer. nil: the kernel chooses.
    public static func connect(to peer: SocketAddress, from source: SocketAddress? = nil) throws(SystemError) -> Int32 {
        let descriptor = try SystemCall.checked("socket") { linux_stream_socket(Int32(peer.family.rawValue)) }
        do throws(SystemError) {
            try SystemCall.checked("setsockopt") { linux_option(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
            if let source {
                // The port is chosen when the peer is known: one port serves as many connections as there are peers.
                try SystemCall.checked("setsockopt") {
                    linux_option(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
                }
                try SystemCall.checked("bind") { linux_bind(descriptor, source.native) }
            }
            try SystemCall.checked("connect") {
                let result = linux_connect(descriptor, peer.native)
                // An interrupted connect goes on by itself, and a second call would only say so.
                return result == -EINPROGRESS || result == -EINTR ? 0 : result
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Why connecting failed; nil: it is connected, or not done yet.
    public static func connectError(_ descriptor: Int32) -> SystemError? {
        let result = linux_socket_error(descriptor)
        return result < 0 ? SystemError(call: "connect", number: -result) : nil
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

    /// The address of the other side; nil where it is gone already.
    public static func peer(of descriptor: Int32) -> SocketAddress? {
        var address = linux_address()
        // Written before the call returns.
        guard unsafe linux_peer_address(descriptor, &address) == 0 else { return nil }
        return SocketAddress(address)
    }

    /// Bytes sent that the peer has not acknowledged, or zero when the socket cannot tell.
    public static func unsentBytes(_ descriptor: Int32) -> Int { max(0, Int(linux_unsent(descriptor))) }

    /// The kernel holds no more than about this many unsent bytes (`TCP_NOTSENT_LOWAT`).
    public static func limitUnsent(_ descriptor: Int32, bytes: Int) {
        _ = linux_option(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Int32(clamping: bytes))
    }
}
