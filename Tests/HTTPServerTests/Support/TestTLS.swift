import TLS

/// The client's side of TLS.
final class TestTLS {
    let session: TLSSession
    /// What a client sends first.
    let hello: [UInt8]
    private let buffers = TLSBuffers()
    private var plain = [UInt8](repeating: 0, count: TLSSession.plainBytes)

    init(speaksHTTP2: Bool, host: String? = nil) throws {
        session = try TLSSession(try TLSClientContext(speaksHTTP2: speaksHTTP2), host: host, buffers)
        session.begin()
        hello = Self.takeOutput(buffers)
    }

    private static func takeOutput(_ buffers: TLSBuffers) -> [UInt8] {
        defer { buffers.removeOutput() }
        return unsafe buffers.withOutput { unsafe Array($0) }
    }

    func encrypt(_ bytes: [UInt8]) -> [UInt8] {
        _ = unsafe bytes.withUnsafeBytes { unsafe session.send($0) }
        return Self.takeOutput(buffers)
    }

    func end() -> [UInt8] {
        session.end()
        return Self.takeOutput(buffers)
    }

    /// What of the application's came with bytes of the wire, and what is to be sent for them.
    func decrypt(_ bytes: [UInt8]) -> (plain: [UInt8], answer: [UInt8]) {
        var all: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: TLSSession.wireBytes) {
            let piece = bytes[start..<min(start + TLSSession.wireBytes, bytes.count)]
            let count = unsafe piece.withUnsafeBytes { piece in
                unsafe plain.withUnsafeMutableBytes { unsafe session.receive(piece, into: $0) }
            }
            all += plain[..<count]
        }
        return (all, Self.takeOutput(buffers))
    }
}
