internal import Reactor
internal import TLS

/// The result of reading from a wire or of sending over it.
enum WireTransfer: Equatable {
    /// So many bytes were moved, at least one.
    case bytes(Int)
    /// Nothing can be moved before the socket is ready in this way. It need not be the way that was tried: TLS may have to
    /// send before it can read.
    case waits(Direction)
    /// The client has ended its side (only when reading).
    case ended
    /// The connection is gone.
    case failed
    /// Much was read and nothing of it is for the caller (only when reading). There may be more: to be tried again soon.
    case nothingYet

    enum Direction { case readable, writable }

    /// - Parameter direction: the one that was tried.
    init(_ transfer: Transfer, _ direction: Direction) {
        switch transfer {
        case .bytes(let count): self = .bytes(count)
        case .wouldBlock: self = .waits(direction)
        case .ended: self = .ended
        case .failed: self = .failed
        }
    }
}

/// How a connection's bytes travel. Every system call of a connection is made here; what is to be read or sent is decided
/// elsewhere.
enum Wire {
    /// A TCP connection, by its descriptor.
    case plain(Int32)
    /// TLS over one.
    case tls(TLSWire)

    /// Stands where there is no connection.
    static var none: Wire { .plain(-1) }

    /// The descriptor that the event loop watches.
    private var descriptor: Int32 {
        switch self {
        case .plain(let descriptor): descriptor
        case .tls(let wire): wire.descriptor
        }
    }

    /// Whether there is something to read though the socket may be empty, which no event announces.
    var hasMore: Bool {
        switch self {
        case .plain: false
        case .tls(let wire): wire.hasMore
        }
    }

    /// Reads what is there. The bytes are the caller's; nothing else reads or writes them during the call.
    func read(into bytes: UnsafeMutableRawBufferPointer) -> WireTransfer {
        switch self {
        case .plain(let descriptor): unsafe WireTransfer(Socket.read(descriptor, into: bytes), .readable)
        case .tls(let wire): unsafe wire.read(into: bytes)
        }
    }

    /// Hands bytes to the kernel, which copies them, in one system call; over TLS, in one for each 64 KiB where this process encrypts. What TLS has taken may
    /// still wait for the socket: `flush`.
    func send(_ bytes: UnsafeRawBufferPointer) -> WireTransfer {
        switch self {
        case .plain(let descriptor): unsafe WireTransfer(Socket.send(descriptor, bytes), .writable)
        case .tls(let wire): unsafe wire.send(bytes)
        }
    }

    /// Sends what was taken and waits for the socket.
    ///
    /// - Returns: whether nothing is left of it.
    func flush() -> Bool {
        switch self {
        case .plain: true
        case .tls(let wire): wire.flush()
        }
    }

    /// Bytes handed over that the client has not acknowledged; not those of a record that the kernel has encrypted and has no room for.
    var unsentBytes: Int {
        switch self {
        case .plain(let descriptor): Socket.unsentBytes(descriptor)
        case .tls(let wire): Socket.unsentBytes(wire.descriptor) + wire.pendingBytes
        }
    }

    /// The kernel holds no more than about this many unsent bytes.
    func limitUnsent(_ bytes: Int) { Socket.limitUnsent(descriptor, bytes: bytes) }

    /// The address of the other side; nil where it is gone already.
    var peer: SocketAddress? { Socket.peer(of: descriptor) }

    /// Tells the client that nothing follows, after what was taken.
    func shutDownWriting() {
        switch self {
        case .plain(let descriptor): Socket.shutDownWriting(descriptor)
        case .tls(let wire): wire.shutDownWriting()
        }
    }

    /// Has `close` throw away what was not sent.
    func resetOnClose() { Socket.resetOnClose(descriptor) }

    func close() { Socket.close(descriptor) }
}

// TLS alone.
extension Wire {
    /// Whether nothing of the application can be read or sent yet.
    var isHandshaking: Bool {
        switch self {
        case .plain: false
        case .tls(let wire): wire.session.isHandshaking
        }
    }

    /// What the client sent is no TLS.
    var hasFailed: Bool {
        switch self {
        case .plain: false
        case .tls(let wire): wire.session.failure != nil
        }
    }

    /// What was agreed on; nil: nothing.
    var tls: TLSFacts? {
        switch self {
        case .plain: nil
        case .tls(let wire): wire.session.facts
        }
    }

    /// Whether some of the bytes that wait for the socket were taken, or came to wait, since this was asked last.
    func hasMoved() -> Bool {
        switch self {
        case .plain: false
        case .tls(let wire): wire.hasMoved()
        }
    }

    /// What the client's first byte is, which stays to be read; nil: none has come.
    func firstByte() -> UInt8? { Socket.peek(descriptor) }

    /// What the connection begins with, before TLS, which stays to be read.
    func peek(into bytes: UnsafeMutableRawBufferPointer) -> WireTransfer {
        unsafe WireTransfer(Socket.peek(descriptor, into: bytes), .readable)
    }

    /// Reads what was peeked at, before TLS.
    func take(into bytes: UnsafeMutableRawBufferPointer) -> WireTransfer {
        unsafe WireTransfer(Socket.read(descriptor, into: bytes), .readable)
    }

    /// The same connection without TLS.
    var withoutTLS: Wire { .plain(descriptor) }
}
