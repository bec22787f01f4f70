internal import CLinux
internal import Glibc

/// A socket that accepts connections: bound here, or inherited from a service manager.
///
/// Its options are those its connections have from the start (Linux hands them down): no delay, keep-alive probes,
/// buffer sizes. So an accept is one system call.
public struct ListeningSocket: Sendable {
    public struct Options: Sendable {
        /// Connections the kernel keeps waiting for `accept`.
        public var backlog: Int32 = 4096
        /// Bytes the kernel buffers for sending, or nil to let it choose (`SO_SNDBUF`; the kernel doubles the number).
        public var sendBufferBytes: Int?
        /// A connection whose sent bytes stay unacknowledged this long is gone, in milliseconds (`TCP_USER_TIMEOUT`).
        /// So is one whose client is there but leaves no room for a byte this long: a limit for slow clients must be
        /// shorter than this to be the one that bites.
        public var unacknowledgedMilliseconds = 120_000
        /// An idle connection is probed after so many seconds (`TCP_KEEPIDLE`), and given up after three more probes.
        public var keepAliveSeconds = 60

        public init() {}
    }

    /// What accepting came to.
    public enum Acceptance: Sendable {
        /// The peer is nil where it has no internet address.
        case connection(descriptor: Int32, peer: SocketAddress?)
        case wouldBlock
        /// The connection was gone before it was accepted. The next may be fine.
        case lost
        /// No descriptor left, or the kernel is out of memory: try again later.
        case failed(SystemError)
    }

    public let descriptor: Int32
    /// The address it is bound to, with the real port.
    public let address: SocketAddress

    /// Binds and listens. Port 0 takes any free port; the IPv6 address `::` takes IPv4 connections as well.
    public init(address: SocketAddress, options: Options = Options()) throws(ListenError) {
        do throws(SystemError) {
            let descriptor = try SystemCall.checked("socket") { linux_stream_socket(Int32(address.family.rawValue)) }
            do throws(SystemError) {
                try SystemCall.checked("setsockopt") { linux_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) }
                if address.family == .ipv6 {
                    try SystemCall.checked("setsockopt") {
                        linux_option(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
                    }
                }
                try Self.prepare(descriptor, options)
                try SystemCall.checked("bind") { linux_bind(descriptor, address.native) }
                try SystemCall.checked("listen") { linux_listen(descriptor, options.backlog) }
                self.descriptor = descriptor
                self.address = try Self.address(of: descriptor)
            } catch {
                Socket.close(descriptor)
                throw error
            }
        } catch {
            throw ListenError(address: address, cause: error)
        }
    }

    /// Takes over a descriptor that is bound and listening already.
    public init(inherited descriptor: Int32, options: Options = Options()) throws(SystemError) {
        let isListening = try SystemCall.checked("getsockopt") { linux_is_listening(descriptor) }
        guard isListening != 0 else { throw SystemError(call: "getsockopt(SO_ACCEPTCONN)", number: EINVAL) }
        try SystemCall.checked("fcntl") { linux_prepare_inherited(descriptor) }
        try Self.prepare(descriptor, options)
        self.descriptor = descriptor
        address = try Self.address(of: descriptor)
    }

    private static func prepare(_ descriptor: Int32, _ options: Options) throws(SystemError) {
        var settings: [(level: Int, name: Int32, value: Int)] = [
            (IPPROTO_TCP, TCP_NODELAY, 1),
            (Int(SOL_SOCKET), SO_KEEPALIVE, 1),
            (IPPROTO_TCP, TCP_KEEPIDLE, options.keepAliveSeconds),
            (IPPROTO_TCP, TCP_KEEPINTVL, 10),
            (IPPROTO_TCP, TCP_KEEPCNT, 3),
            (IPPROTO_TCP, TCP_USER_TIMEOUT, options.unacknowledgedMilliseconds),
        ]
        if let bytes = options.sendBufferBytes { settings.append((Int(SOL_SOCKET), SO_SNDBUF, bytes)) }
        for setting in settings {
            try SystemCall.checked("setsockopt") {
                linux_option(descriptor, Int32(setting.level), setting.name, Int32(clamping: setting.value))
            }
        }
    }

    private static func address(of descriptor: Int32) throws(SystemError) -> SocketAddress {
        var address = linux_address()
        // The address is written before the call returns.
        try SystemCall.checked("getsockname") { unsafe linux_local_address(descriptor, &address) }
        return SocketAddress(address)
    }

    /// Takes one waiting connection; its descriptor does not block and is closed in child processes.
    public func accept() -> Acceptance {
        var peer = linux_address()
        while true {
            // The address is written before the call returns.
            let result = unsafe linux_accept(descriptor, &peer)
            if result >= 0 {
                return .connection(descriptor: result, peer: peer.family == 0 ? nil : SocketAddress(peer))
            }
            switch -result {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH:
                return .lost
            default: return .failed(SystemError(call: "accept4", number: -result))
            }
        }
    }

    /// Stops listening. Connections that wait to be accepted are refused.
    public func close() { Socket.close(descriptor) }
}
