internal import Reactor
internal import TLS

/// A TCP connection with TLS over it.
///
/// Encrypted bytes can't be taken back, so they count as sent. Those that the socket does not take wait here, and until they are
/// gone no more of the application's bytes are encrypted. Where the kernel encrypts, it takes as many as it has room for, as on a plain
/// connection, and nothing waits here.
final class TLSWire {
    let descriptor: Int32
    let session: TLSSession
    private let memory: TLSMemory
    /// What waits for the socket.
    private var pending: [UInt8] = []
    private var pendingStart = 0
    /// Some of it was taken, or came to wait, since `hasMoved` was asked.
    private var moved = false
    /// The socket is to be told that nothing follows, when nothing waits any more.
    private var isEnding = false
    /// The last read has filled its buffer.
    private var wasFull = false
    /// The kernel encrypts what is sent.
    private var isKernels = false
    /// The number of unacknowledged bytes at the last call of `hasMoved`, where the kernel encrypts.
    private var unsentBefore = 0
    private var sends: UInt8 = 0

    init(_ descriptor: Int32, _ context: TLSServerContext, _ memory: TLSMemory) throws(TLSError) {
        session = try TLSSession(context, memory.buffers)
        self.descriptor = descriptor
        self.memory = memory
    }

    var pendingBytes: Int { pending.count - pendingStart }
    var hasMore: Bool { wasFull || session.hasPeerEnded || session.failure != nil }

    /// Whether some of the bytes that wait were taken, or came to wait, since this was asked last. Where the kernel encrypts: whether the
    /// client has acknowledged some. The kernel may hold encrypted records for which TCP had no room yet; closing the socket loses them.
    func hasMoved() -> Bool {
        if isKernels {
            let unsent = Socket.unsentBytes(descriptor)
            defer { unsentBefore = unsent }
            return unsent > 0 && unsent != unsentBefore
        }
        defer { moved = false }
        return !pending.isEmpty && moved
    }

    /// As often as that in one call the socket is read though nothing comes of it for the caller.
    private static let readsPerCall = 4

    func read(into plain: UnsafeMutableRawBufferPointer) -> WireTransfer {
        for _ in 0..<Self.readsPerCall {
            if session.failure != nil { return .failed }
            if session.hasPeerEnded { return .ended }
            let input = unsafe memory.input
            switch unsafe Socket.read(descriptor, into: input) {
            case .bytes(let count):
                wasFull = count == input.count
                // The memory is this loop's own, and free again when the call returns.
                let received = unsafe session.receive(UnsafeRawBufferPointer(rebasing: input[..<count]), into: plain)
                // Answers of the handshake, and what is wrong with what came.
                guard sendOutput() else { return .failed }
                if received > 0 { return .bytes(received) }
            case .wouldBlock:
                wasFull = false
                return .waits(.readable)
            case .ended:
                wasFull = false
                return .ended
            case .failed: return .failed
            }
        }
        return .nothingYet
    }

    /// So many bytes are encrypted and then sent, in one system call.
    private static let sentAtOnce = 64 * 1024

    /// A connection sends so many times before the kernel encrypts for it. A connection with one short answer is not worth the calls.
    private static let sendsBeforeKernel = 2

    private func handToKernel() {
        guard sends < Self.sendsBeforeKernel else {
            // The key is the session's own for the time of the call.
            isKernels = unsafe session.handSending { unsafe KernelTLS.begin(descriptor, $0) }
            if isKernels { memory.handedToKernel += 1 }
            return
        }
        sends += 1
    }

    func send(_ plain: UnsafeRawBufferPointer) -> WireTransfer {
        if !isKernels {
            guard flush() else { return session.failure == nil && !isBroken ? .waits(.writable) : .failed }
            handToKernel()
        }
        if isKernels { return unsafe WireTransfer(Socket.send(descriptor, plain), .writable) }
        var sent = 0
        while sent < plain.count, pending.isEmpty {
            let piece = unsafe UnsafeRawBufferPointer(rebasing: plain[sent...].prefix(Self.sentAtOnce))
            guard unsafe session.send(piece), sendOutput() else { return .failed }
            sent += piece.count
        }
        return sent > 0 ? .bytes(sent) : .waits(.writable)
    }

    private var isBroken = false

    func flush() -> Bool {
        if isKernels, isEnding { return sendCloseNotify() }
        guard !pending.isEmpty else { return true }
        // Nothing else touches the bytes, and the kernel copies them.
        switch unsafe pending.withUnsafeBytes({
            unsafe Socket.send(descriptor, UnsafeRawBufferPointer(rebasing: $0[pendingStart...]))
        }) {
        case .bytes(let count):
            moved = true
            pendingStart += count
        case .wouldBlock: break
        case .ended, .failed: isBroken = true
        }
        guard pendingBytes == 0 else { return false }
        pending = []
        pendingStart = 0
        if isEnding { Socket.shutDownWriting(descriptor) }
        return true
    }

    func shutDownWriting() {
        if isKernels {
            _ = sendCloseNotify()
            return
        }
        session.end()
        guard sendOutput() else { return }
        isEnding = true
        if pending.isEmpty { Socket.shutDownWriting(descriptor) }
    }

    /// Sends the end in TLS alone, and the client closes the connection. TCP's end would cut off encrypted records that the kernel still
    /// holds.
    ///
    /// - Returns: whether that is done.
    private func sendCloseNotify() -> Bool {
        let result = KernelTLS.sendCloseNotify(descriptor)
        isEnding = result == .wouldBlock
        return !isEnding
    }

    /// Sends what the session has given; what the socket does not take waits.
    ///
    /// - Returns: false: the connection is gone.
    private func sendOutput() -> Bool {
        guard memory.buffers.hasOutput else { return true }
        defer { memory.buffers.removeOutput() }
        // The bytes are the buffers' own until they are removed, and copied by then.
        return unsafe memory.buffers.withOutput { output in
            var taken = 0
            if pending.isEmpty {
                switch unsafe Socket.send(descriptor, output) {
                case .bytes(let count): taken = count
                case .wouldBlock: break
                case .ended, .failed: return false
                }
            }
            if taken < output.count {
                unsafe pending.append(contentsOf: output[taken...])
                moved = true
            }
            return true
        }
    }
}

/// Memory that the TLS connections of one loop share.
@safe final class TLSMemory {
    let buffers = TLSBuffers()
    /// For how many connections the kernel has begun to encrypt.
    var handedToKernel = 0
    /// Where what came is read to. Lifetime: allocated here, freed in `deinit`.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSSession.wireBytes, alignment: 16)

    deinit { unsafe input.deallocate() }
}
