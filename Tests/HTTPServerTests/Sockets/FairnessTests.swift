import HTTP
import Reactor
import Testing

@testable import HTTPServer

/// What one client may cost the others, and what an operator hears of it.
@Suite(.serialized) struct FairnessTests {
    @Test func aTurnEndsWhenItsTimeIsUpAndTheRestWaitsForTheNext() async throws {
        try await TestServer.with { test in
            let clients = try (0..<3).map { _ in try test.client() }
            for client in clients {
                try client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.response()
            }
            let boxes = clients.map(TestClientBox.init)
            // The loop is held here, so that all three requests are there in one turn.
            let isSent = await test.server.onLoop(0) { _ in
                boxes.allSatisfy { (try? $0.client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")) != nil }
            }
            #expect(isSent)
            for client in clients { #expect(try client.response().status == 200) }
            try await test.journal.wait { $0.filter { $0 == .woken }.count == 3 }
            let turns: [Seen] = [.request("/slow"), .woken]
            #expect(Array(test.journal.entries.dropFirst(3)) == turns + turns + turns)
        }
    }

    @Test func aBodyThatWasRefusedIsTakenSoThatItsClientReadsTheAnswer() async throws {
        try await TestServer.with { test in
            for head in ["Content-Length: 4000000", "Content-Length: 4000000\r\nExpect: 100-continue"] {
                let client = try test.client()
                // Many clients send all of it before they read a byte.
                try client.send("POST /echo HTTP/1.1\r\nHost: x\r\n\(head)\r\n\r\n")
                try client.send([UInt8](repeating: 0x61, count: 4_000_000))
                #expect(try client.response().status == 413)
                #expect(try client.textToEnd() == "")
            }
        }
    }

    @Test func aRefusedBodyIsNotTakenWithoutEnd() async throws {
        var limits = HTTPLimits()
        limits.refusedBodyBytes = 1_000_000
        try await TestServer.with(limits: limits) { test in
            let client = try test.client()
            try client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n")
            _ = try? client.send([UInt8](repeating: 0x61, count: 40_000_000))
            try await test.until { $0.connectionsClosed == 1 }
        }
    }

    @Test func bodiesTogetherHaveALimitThatAnswersGiveBack() async throws {
        try await TestServer.with {
            $0.listeners[0].maximumAllBodyBytes = 1_000
        } _: { test in
            let first = try test.client()
            try first.send("POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n")
            try first.send([UInt8](repeating: 0x61, count: 900))
            try await test.journal.wait(for: .request("/hold"))
            let second = try test.client()
            try second.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n")
            try second.send([UInt8](repeating: 0x61, count: 200))
            let refused = try second.response()
            #expect(refused.status == 503 && refused.field("Retry-After") == "5")
            #expect(await test.server.counters().refused == [.bodiesTooLarge: 1])
            await test.server.onLoop(0) { $0.exchanges.respond($0.held[0], Answer(status: 200)) }
            #expect(try first.response().status == 200)
            let third = try test.client()
            try third.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n")
            try third.send([UInt8](repeating: 0x61, count: 200))
            #expect(try third.response().status == 200)
        }
    }

    @Test func oneAddressCanNotHaveAnswersKeptForItWithoutEnd() async throws {
        try await TestServer.with { test in
            let clients = try (0..<2).map { _ in try test.client(receiveBuffer: 4096) }
            for client in clients { try client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n") }
            try await test.until { $0.answersGivenUp == 1 }
            try await test.until { $0.connectionsClosed == 1 }
            #expect(test.server.connectionCount == 1)
            for client in clients { client.reset() }
        }
    }

    @Test func whatIsHeldIsCountedByAddressAndInAll() {
        let (one, other) = (AddressKey(v4: 1), AddressKey(v4: 2))
        var held = HeldAnswers(maximum: 100, maximumPerAddress: 60)
        #expect(held.change(one, by: 60) == .fits)
        #expect(held.change(one, by: 1) == .addressHoldsTooMuch)
        #expect(held.change(one, by: -1) == .fits)
        #expect(held.change(other, by: 40) == .fits)
        #expect(held.change(other, by: 1) == .tooMuchInAll)
        #expect(held.change(nil, by: 1) == .tooMuchInAll)
        #expect(held.bytes == 102)
    }

    @Test func anAccessLogHearsOfEachStreamAndEachRefusal() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /stream?a HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try client.text(through: "\r\n\r\n")
            _ = await test.server.onLoop(0) { $0.publish("hello") }
            test.clock.advance(1_500)
            client.reset()
            try await test.journal.wait(for: .closed(.peerGone))
            await test.settled()
            let stream = try #require(await test.server.onLoop(0) { $0.facts.first })
            #expect(stream.method == "GET" && stream.target == "/stream?a" && stream.status == 200)
            #expect(stream.milliseconds >= 1_500)
            #expect(stream.bytesSent == head.utf8.count + 10)
            #expect(stream.reason == "peer_gone")
            #expect(stream.peer.description == "127.0.0.1")
            _ = try test.exchange("GET /x HTTP/1.1\r\nHost : x\r\n\r\n")
            await test.settled()
            let refusal = try #require(await test.server.onLoop(0) { $0.facts.last })
            #expect(refusal.target == "/x" && refusal.status == 400 && refusal.reason == "bad_field_name")
        }
    }
}
