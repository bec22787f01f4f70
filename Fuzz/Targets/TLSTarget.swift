internal import TLS
internal import TestSupport

extension FuzzTarget {
    /// What comes over a TLS connection: from a stranger, from a client whose handshake was bent, and after a handshake. Nothing
    /// is taken for the application's but what a client has encrypted, and a session that has failed stays so.
    ///
    /// The first byte chooses. Then bytes stand for themselves, or for places of a client's bytes and what is changed there.
    static let tls = FuzzTarget("tls") { input throws(FuzzFinding) in
        guard let kind = input.first, let context = TLSFuzz.context else { return }
        let rest = Array(input.dropFirst())
        let run = try TLSFuzz(context)
        switch kind % 5 {
        case 0:
            // A stranger has agreed on nothing.
            try require(try run.give(rest, piece: 7).isEmpty, "nothing comes of what was not encrypted")
            try require(run.server.isHandshaking, "garbage is no handshake")
        case 1:
            let isChanged = try run.settle(bending: rest)
            try require(isChanged || !run.server.isHandshaking, "what is not bent is agreed on")
        case 2:
            _ = try run.settle(bending: [])
            try require(
                try run.give(rest, piece: 1 + rest.count / 3).isEmpty, "nothing comes of what was not encrypted")
        case 3:
            // Somebody else sends: the session only reads, whatever comes, and has nothing to say.
            _ = try run.settle(bending: [])
            try require(run.handSending(), "what was agreed on is handed over")
            var record = run.encrypt(Array("GET / HTTP/1.1\r\n\r\n".utf8))
            _ = TLSFuzz.bend(&record, rest)
            _ = try run.give(record + rest, piece: 1 + rest.count / 3)
            try require(run.saysNothing, "no number of a record is used twice")
        default:
            _ = try run.settle(bending: [])
            let message = Array("GET / HTTP/1.1\r\n\r\n".utf8)
            var record = run.encrypt(message)
            let isChanged = TLSFuzz.bend(&record, rest)
            let received = try run.give(record, piece: 11)
            try require(received == (isChanged ? [] : message), "a record is taken whole and unchanged, or not at all")
        }
    }
}

/// A server's session, and a client that begins in order.
private final class TLSFuzz {
    static let context: TLSServerContext? = {
        let pem = TestCertificate.a
        guard let certificate = try? TLSCertificate(chain: Array(pem.chain.utf8), key: Array(pem.key.utf8)) else {
            return nil
        }
        return try? TLSServerContext(
            [certificate], ticketKeys: TLSTicketKeys(lifetime: 3_600_000) { 0 }, offersKeys: true)
    }()

    let server: TLSSession
    private let client: TLSSession
    private let serverBuffers = TLSBuffers()
    private let clientBuffers = TLSBuffers()
    private var plain = [UInt8](repeating: 0, count: TLSSession.plainBytes)

    init(_ context: TLSServerContext) throws(FuzzFinding) {
        do throws(TLSError) {
            server = try TLSSession(context, serverBuffers)
            client = try TLSSession(try TLSClientContext(speaksHTTP2: true), host: "a.test", clientBuffers)
        } catch {
            throw FuzzFinding("\(error)")
        }
        client.begin()
    }

    /// Changes bytes at places that the changes name; whether any is another now.
    static func bend(_ bytes: inout [UInt8], _ changes: [UInt8]) -> Bool {
        let before = bytes
        for start in stride(from: 0, to: changes.count - 2, by: 3) where !bytes.isEmpty {
            let place = (Int(changes[start]) << 8 | Int(changes[start + 1])) % bytes.count
            bytes[place] ^= changes[start + 2]
        }
        return bytes != before
    }

    /// Gives the server bytes; what of the application's came.
    func give(_ bytes: [UInt8], piece: Int) throws(FuzzFinding) -> [UInt8] {
        var received: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: max(1, piece)) {
            let hasFailed = server.failure != nil
            let count = take(server, bytes[start..<min(start + max(1, piece), bytes.count)])
            try require(!hasFailed || count == 0 && server.failure != nil, "a session that has failed stays so")
            received += plain[..<count]
        }
        return received
    }

    private func take(_ session: TLSSession, _ bytes: ArraySlice<UInt8>) -> Int {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe plain.withUnsafeMutableBytes { unsafe session.receive(bytes, into: $0) }
        }
    }

    private func takeOutput(_ buffers: TLSBuffers) -> [UInt8] {
        defer { buffers.removeOutput() }
        return unsafe buffers.withOutput { unsafe Array($0) }
    }

    /// Both sides talk; what the client sends is bent. Whether it was.
    func settle(bending changes: [UInt8]) throws(FuzzFinding) -> Bool {
        var isChanged = false
        for _ in 0..<10 {
            var fromClient = takeOutput(clientBuffers)
            isChanged = Self.bend(&fromClient, changes) || isChanged
            _ = try give(fromClient, piece: 100)
            let fromServer = takeOutput(serverBuffers)
            for start in stride(from: 0, to: fromServer.count, by: TLSSession.wireBytes) {
                _ = take(client, fromServer[start..<min(start + TLSSession.wireBytes, fromServer.count)])
            }
            if fromServer.isEmpty { break }
        }
        return isChanged
    }

    func handSending() -> Bool { unsafe server.handSending { unsafe !$0.isEmpty } }

    var saysNothing: Bool { takeOutput(serverBuffers).isEmpty }

    func encrypt(_ bytes: [UInt8]) -> [UInt8] {
        _ = unsafe bytes.withUnsafeBytes { unsafe client.send($0) }
        return takeOutput(clientBuffers)
    }
}
