internal import Reactor
internal import TLS

/// TLS of a load's connections: what they share.
@safe final class LoadTLS {
    private let context: TLSClientContext
    private let host: String
    private let buffers = TLSBuffers()
    /// Where what came is read to. Lifetime: allocated here, freed in `deinit`.
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSSession.wireBytes, alignment: 16)

    init(host: String, speaksHTTP2: Bool) throws(TLSError) {
        context = try TLSClientContext(speaksHTTP2: speaksHTTP2)
        self.host = host
    }

    deinit { unsafe input.deallocate() }

    /// Begins TLS on a socket that is connected; nil: it can't be.
    func begin(_ descriptor: Int32) -> TLSSession? {
        guard let session = try? TLSSession(context, host: host, buffers) else { return nil }
        session.begin()
        return sendOutput(descriptor) ? session : nil
    }

    /// As `Socket.read`: of the application's bytes.
    func read(
        _ descriptor: Int32, _ session: TLSSession, into bytes: UnsafeMutableRawBufferPointer, arrival: inout Int64
    ) -> Transfer {
        let transfer = unsafe Socket.read(descriptor, into: input, arrival: &arrival)
        guard case .bytes(let count) = transfer else { return transfer }
        // Lifetime: the memory is read within the call.
        let received = unsafe session.receive(UnsafeRawBufferPointer(rebasing: input[..<count]), into: bytes)
        guard sendOutput(descriptor), session.failure == nil else { return .failed(0) }
        return received > 0 ? .bytes(received) : session.hasPeerEnded ? .ended : .wouldBlock
    }

    /// As `Socket.send`, but all or nothing: a client has little to send, and a socket room for it.
    func send(_ descriptor: Int32, _ session: TLSSession, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        guard unsafe session.send(bytes), sendOutput(descriptor) else { return .failed(0) }
        return .bytes(bytes.count)
    }

    private func sendOutput(_ descriptor: Int32) -> Bool {
        guard buffers.hasOutput else { return true }
        defer { buffers.removeOutput() }
        // Lifetime: the kernel copies the bytes.
        return unsafe buffers.withOutput { unsafe Socket.send(descriptor, $0) == .bytes($0.count) }
    }
}
