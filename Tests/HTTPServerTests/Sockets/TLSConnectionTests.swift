import HTTP
import HTTP2
import TLS
import TestSupport
import Testing

@testable import HTTPServer

/// TLS over real sockets.
@Suite(.serialized) struct TLSConnectionTests {
    private static func context(_ certificates: TestCertificate...) throws -> TLSServerContext {
        try TLSServerContext(
            certificates.map { try TLSCertificate(chain: Array($0.chain.utf8), key: Array($0.key.utf8)) },
            ticketKeys: TLSTicketKeys(lifetime: 3_600_000) { 0 })
    }

    private static func with(
        handshakes: HandshakeLimits = HandshakeLimits(), adjust: (inout HTTPServerOptions) -> Void = { _ in },
        _ body: (TestServer, CurrentTLSContext) async throws -> Void
    ) async throws {
        let current = CurrentTLSContext(try context(.a))
        try await TestServer.with { options in
            options.listeners[0].tls = TLSListenerOptions(context: current, handshakes: handshakes)
            adjust(&options)
        } _: { test in
            try await body(test, current)
        }
    }

    @Test func requestsAreAnsweredOverTLS() async throws {
        try await Self.with { test, _ in
            let client = try test.client()
            try client.startTLS()
            try client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response().body == "/a")
            try client.send("GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try client.response().body == "/b")
            // The end is told in TLS too, or a client could not know that nothing was cut off.
            #expect(try client.textToEnd() == "" && client.session?.hasPeerEnded == true)
            let counters = await test.server.counters().tls
            #expect(counters.handshakes == [.completed: 1] && counters.versions == ["TLSv1.3": 1])
            let transport = await test.server.onLoop(0) { $0.requests.first?.transport }
            #expect(transport?.description == "HTTP/1.1 TLSv1.3")
        }
    }

    @Test func http2IsSpokenWithWhoeverOffersIt() async throws {
        try await Self.with { test, _ in
            let connection = try test.client()
            try connection.startTLS(speaksHTTP2: true)
            let client = try HTTP2TestClient(connection)
            _ = try client.get("/a", number: 0)
            _ = try client.get("/big", number: 1)
            try client.until { $0.ended.count == 2 }
            #expect(client.text(0) == "/a" && client.bodies[1]?.count == 8_000_000)
            #expect(await test.server.counters().http2Connections == 1)
        }
    }

    @Test(arguments: [false, true])
    func aClientThatIsRefusedIsToldInTheProtocolThatWasAgreedOn(speaksHTTP2: Bool) async throws {
        try await Self.with {
            $0.listeners[0].limits.connectionsPerAddress = 1
        } _: { test, _ in
            let first = try test.client()
            try first.startTLS()
            let second = try test.client()
            try second.startTLS(speaksHTTP2: speaksHTTP2)
            if speaksHTTP2 {
                let client = try HTTP2TestClient(second)
                _ = try client.get("/a", number: 0)
                try client.until { $0.ended == [0] }
                #expect(client.statuses[0] == 429)
            } else {
                try second.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try second.response().status == 429)
            }
        }
    }

    @Test func bytesAreTakenHoweverTheyAreCut() async throws {
        try await Self.with { test, _ in
            let client = try test.client()
            let tls = try TestTLS(speaksHTTP2: false)
            for byte in tls.hello { try client.sendRaw([byte]) }
            while tls.session.isHandshaking {
                let answer = tls.decrypt(try client.some()).answer
                for byte in answer { try client.sendRaw([byte]) }
            }
            for byte in tls.encrypt(Array("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n".utf8)) { try client.sendRaw([byte]) }
            var text = ""
            while !text.hasSuffix("/cut") {
                text += String(decoding: tls.decrypt(try client.some()).plain, as: UTF8.self)
            }
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test func aStreamThatIsNotReadWaitsAndThenComesWhole() async throws {
        try await Self.with { test, _ in
            let client = try test.client(receiveBuffer: 4_096)
            try client.startTLS()
            try client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try client.text(through: "\r\n\r\n")
            let piece = [UInt8](repeating: 0x78, count: 50_000)
            var sent = 0
            while true {
                let results = await test.server.onLoop(0) { $0.write(piece) }
                guard case .accepted(let count)? = results.first, count > 0 else { break }
                sent += count
                try #require(sent < 100_000_000)
            }
            let unsent = await test.server.onLoop(0) { $0.exchanges.unsentBytes($0.streams[0]) }
            #expect(unsent > 0)
            #expect(try client.bytes(sent).allSatisfy { $0 == 0x78 })
            try await test.journal.wait(for: .writable)
            #expect(await test.server.onLoop(0) { $0.write([1, 2, 3]) } == [.accepted(3)])
            #expect(try client.bytes(3) == [1, 2, 3])
        }
    }

    @Test func whatWasTakenIsSentAfterTheEndHoweverSlowTheClientIs() async throws {
        try await Self.with { test, _ in
            let client = try test.client(receiveBuffer: 4_096)
            try client.startTLS()
            try client.send("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            _ = try client.text(through: "\r\n\r\n")
            var count = 0
            while count < 8_000_000 {
                count += try client.bytes(min(500_000, 8_000_000 - count)).count
                // More than the server waits for the end of a client that has been sent all.
                test.clock.advance(1_900)
            }
            #expect(try client.textToEnd() == "" && client.session?.hasPeerEnded == true)
        }
    }

    @Test func plainHTTPIsToldSo() async throws {
        try await Self.with { test, _ in
            let answer = try test.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("https://"))
            let counters = await test.server.counters()
            #expect(counters.tls.handshakes == [.plainHTTP: 1] && counters.refused == [.plainHTTP: 1])
            #expect(test.server.connectionsByListener == [0])
        }
    }

    @Test func whatIsNeitherIsClosed() async throws {
        try await Self.with { test, _ in
            let client = try test.client()
            try client.sendRaw([0x16, 3, 1, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 1000))
            _ = try? client.textToEnd()
            try await test.until { $0.tls.handshakes == [.failed: 1] }
            #expect(test.server.connectionCount == 0)
        }
    }

    @Test(arguments: [0, 1, 100])
    func aSlowHandshakeIsCutOff(bytes: Int) async throws {
        try await Self.with { test, _ in
            let client = try test.client()
            if bytes > 0 { try client.sendRaw(Array(try TestTLS(speaksHTTP2: false).hello.prefix(bytes))) }
            try await test.until { $0.connectionsOpened == 1 }
            test.clock.advance(10_001)
            #expect(try client.textToEnd() == "")
            #expect(await test.server.counters().tls.handshakes == [.timeout: 1])
        }
    }

    @Test func oneAddressBeginsNoMoreHandshakesThanItsRate() async throws {
        var limits = HandshakeLimits()
        limits.perSecondPerAddress = 1
        try await Self.with(handshakes: limits) { test, _ in
            for _ in 0..<10 { try test.client().startTLS() }
            #expect(throws: (any Error).self) { try test.client().startTLS() }
            #expect(await test.server.counters().tls.handshakes[.addressRate] == 1)
            test.clock.advance(1_000)
            try test.client().startTLS()
        }
    }

    @Test func moreHandshakesThanTheRateOfAllWait() async throws {
        var limits = HandshakeLimits()
        limits.perSecond = 2
        try await Self.with(handshakes: limits) { test, _ in
            for _ in 0..<2 { try test.client().startTLS() }
            let late = try test.client()
            let tls = try TestTLS(speaksHTTP2: false)
            try late.sendRaw(tls.hello)
            try await test.until { $0.tls.waits > 0 }
            #expect(await test.server.counters().tls.handshakes == [.completed: 2])
            test.clock.advance(500)
            while tls.session.isHandshaking { try late.sendRaw(tls.decrypt(try late.some()).answer) }
            try await test.until { $0.tls.handshakes[.completed] == 3 }
        }
    }

    @Test func aNewCertificateIsForNewConnections() async throws {
        try await Self.with { test, current in
            let old = try test.client()
            try old.startTLS(host: "b.test")
            current.replace(try Self.context(.b))
            let new = try test.client()
            try new.startTLS(host: "b.test")
            for client in [old, new] {
                try client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try client.response().body == "/a")
            }
        }
    }

    @Test func fieldsOfTheListenerAreInEveryAnswerOverTLS() async throws {
        try await Self.with {
            $0.listeners[0].tls?.fields.add("X-Secure", "yes")
        } _: { test, _ in
            let client = try test.client()
            try client.startTLS()
            for path in ["/a", "/stream"] {
                try client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try client.response(toHead: path == "/stream").field("X-Secure") == "yes")
            }
            #expect(!(try test.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").contains("X-Secure")))
        }
    }
}
