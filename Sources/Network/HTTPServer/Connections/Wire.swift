internal import Reactor

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
///
/// Plain today. Another kind of wire may keep bytes that the socket has given already, which no event announces:
/// `hasBufferedBytes` tells of them.
enum Wire {
    /// A TCP connection, by its descriptor.
    case plain(Int32)

    /// Stands where there is no connection.
    static let none = Wire.plain(-1)

    /// The descriptor that the event loop watches.
    private var descriptor: Int32 {
        switch self {
        case .plain(let descriptor): descriptor
        }
    }

    /// Whether there are bytes to read though the socket may be empty.
    var hasBufferedBytes: Bool { false }

    /// Reads what is there. The bytes are the caller's; nothing else reads or writes them during the call.
    func read(into bytes: UnsafeMutableRawBufferPointer) -> WireTransfer {
        unsafe WireTransfer(Socket.read(descriptor, into: bytes), .readable)
    }

    /// Hands bytes to the kernel, which copies them, in one system call.
    func send(_ bytes: UnsafeRawBufferPointer) -> WireTransfer {
        unsafe WireTransfer(Socket.send(descriptor, bytes), .writable)
    }

    /// Bytes handed over that the client has not acknowledged.
    var unsentBytes: Int { Socket.unsentBytes(descriptor) }

    /// The kernel holds no more than about this many unsent bytes.
    func limitUnsent(_ bytes: Int) { Socket.limitUnsent(descriptor, bytes: bytes) }

    /// The address of the other side; nil where it is gone already.
    var peer: SocketAddress? { Socket.peer(of: descriptor) }

    /// Tells the client that nothing follows.
    func shutDownWriting() { Socket.shutDownWriting(descriptor) }

    /// Has `close` throw away what was not sent.
    func resetOnClose() { Socket.resetOnClose(descriptor) }

    func close() { Socket.close(descriptor) }
}
