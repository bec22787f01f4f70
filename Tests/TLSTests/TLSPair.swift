import TestSupport

@testable import TLS

/// A client and a server that talk in memory.
final class TLSPair {
    let client: TLSSession
    let server: TLSSession
    private let clientBuffers = TLSBuffers()
    private let serverBuffers = TLSBuffers()
    private var plain = [UInt8](repeating: 0, count: TLSSession.plainBytes)

    init(
        _ server: TLSServerContext, host: String? = nil, speaksHTTP2: Bool = true, ticket: TLSSession.Ticket? = nil,
        only cipher: (version: Int32, name: String)? = nil
    ) throws {
        self.server = try TLSSession(server, serverBuffers)
        client = try TLSSession(try TLSClientContext(speaksHTTP2: speaksHTTP2), host: host, clientBuffers)
        if let ticket { client.use(ticket) }
        if let cipher { client.speakOnly(cipher.version, cipher.name) }
        client.begin()
    }

    static func context(
        _ certificates: [TestCertificate] = [.a], keys: TLSTicketKeys? = nil, offersKeys: Bool = false
    ) throws -> TLSServerContext {
        try TLSServerContext(
            certificates.map { try TLSCertificate(chain: Array($0.chain.utf8), key: Array($0.key.utf8)) },
            ticketKeys: keys ?? TLSTicketKeys(lifetime: 3_600_000) { 0 }, offersKeys: offersKeys)
    }

    /// What a side has to send, taken from it.
    func takeOutput(ofClient isClient: Bool) -> [UInt8] {
        let buffers = isClient ? clientBuffers : serverBuffers
        defer { buffers.removeOutput() }
        return unsafe buffers.withOutput { unsafe Array($0) }
    }

    /// Gives a side bytes of the wire, in pieces; what of the application's came of them.
    func give(_ bytes: [UInt8], toClient isClient: Bool, piece: Int = TLSSession.wireBytes) -> [UInt8] {
        var received: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = bytes[start..<min(start + piece, bytes.count)]
            let count = unsafe part.withUnsafeBytes { part in
                unsafe plain.withUnsafeMutableBytes { plain in
                    unsafe (isClient ? client : server).receive(part, into: plain)
                }
            }
            received += plain[..<count]
        }
        return received
    }

    /// Carries what both have to send until nothing is left; what the server and the client then have received.
    @discardableResult
    func settle(piece: Int = TLSSession.wireBytes) -> (server: [UInt8], client: [UInt8]) {
        var received: (server: [UInt8], client: [UInt8]) = ([], [])
        while true {
            let (fromClient, fromServer) = (takeOutput(ofClient: true), takeOutput(ofClient: false))
            if fromClient.isEmpty, fromServer.isEmpty { return received }
            received.server += give(fromClient, toClient: false, piece: piece)
            received.client += give(fromServer, toClient: true, piece: piece)
        }
    }

    @discardableResult
    func send(_ bytes: [UInt8], fromClient isClient: Bool) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe (isClient ? client : server).send($0) }
    }
}
