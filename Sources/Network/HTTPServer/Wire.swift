internal import Reactor

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

    var isOpen: Bool { descriptor >= 0 }

    /// Whether there are bytes to read though the socket may be empty.
    var hasBufferedBytes: Bool { false }

    /// Reads what is there. The bytes are the caller's; nothing else reads or writes them during the call.
    func read(into bytes: UnsafeMutableRawBufferPointer) -> Transfer { unsafe Socket.read(descriptor, into: bytes) }

    /// Hands bytes to the kernel, which copies them, in one system call.
    func send(_ bytes: UnsafeRawBufferPointer) -> Transfer { unsafe Socket.send(descriptor, bytes) }

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
