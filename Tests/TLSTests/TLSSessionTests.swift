import TestSupport
import Testing

@testable import TLS

@Suite struct TLSSessionTests {
    @Test(arguments: [1, 2, 5, 1000, TLSSession.wireBytes])
    func bothSidesAgreeAndExchangeBytesHoweverTheyAreCut(piece: Int) throws {
        let pair = try TLSPair(try TLSPair.context())
        pair.settle(piece: piece)
        #expect(pair.server.facts == TLSFacts(version: .tls13, isResumed: false, isHTTP2: true))
        #expect(pair.send(Array("hello".utf8), fromClient: true) && pair.send(Array("welcome".utf8), fromClient: false))
        let received = pair.settle(piece: piece)
        #expect(received.server == Array("hello".utf8) && received.client == Array("welcome".utf8))
    }

    @Test func aRecordIsGivenWhenItsLastByteHasCome() throws {
        let pair = try TLSPair(try TLSPair.context())
        pair.settle()
        pair.send(Array("hello".utf8), fromClient: true)
        let record = pair.takeOutput(ofClient: true)
        #expect(pair.give(Array(record.dropLast()), toClient: false).isEmpty)
        #expect(pair.server.failure == nil)
        #expect(pair.give([record[record.count - 1]], toClient: false) == Array("hello".utf8))
    }

    @Test func aMegabyteIsSentInRecordsAndComesWhole() throws {
        let pair = try TLSPair(try TLSPair.context())
        pair.settle()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(pair.send(bytes, fromClient: false))
        let wire = pair.takeOutput(ofClient: false)
        #expect(wire.count < bytes.count + bytes.count / 100 && wire.count > bytes.count)
        #expect(pair.give(wire, toClient: true) == bytes)
    }

    @Test func nothingIsSentBeforeBothSidesHaveAgreed() throws {
        let pair = try TLSPair(try TLSPair.context())
        #expect(!pair.send([1], fromClient: false))
        #expect(pair.server.isHandshaking && pair.server.failure == nil)
    }

    @Test func garbageEndsASessionAndHarmsNothing() throws {
        let garbage: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 0, count: 100), [22, 3, 1, 255, 255, 1],
            [22, 3, 1, 0, 4, 1, 255, 255, 255], [23, 3, 3, 0, 1, 0], [21, 3, 3, 0, 2, 2, 40],
        ]
        for bytes in garbage {
            let pair = try TLSPair(try TLSPair.context())
            #expect(pair.give(bytes + [UInt8](repeating: 7, count: 20_000), toClient: false).isEmpty)
            #expect(pair.server.failure != nil, "\(bytes.prefix(9))")
            #expect(pair.give(bytes, toClient: false).isEmpty && !pair.send([1], fromClient: false))
        }
    }

    @Test func aRecordThatWasChangedEndsTheSession() throws {
        let pair = try TLSPair(try TLSPair.context())
        pair.settle()
        pair.send(Array("hello".utf8), fromClient: true)
        var record = pair.takeOutput(ofClient: true)
        record[record.count - 1] ^= 1
        #expect(pair.give(record, toClient: false).isEmpty)
        #expect(pair.server.failure != nil && !pair.server.isHandshaking)
        // The client is told.
        #expect(!pair.takeOutput(ofClient: false).isEmpty)
    }

    @Test func aRecordLargerThanTLSAllowsEndsTheSession() throws {
        let pair = try TLSPair(try TLSPair.context())
        pair.settle()
        #expect(pair.give([23, 3, 3, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 30_000), toClient: false).isEmpty)
        #expect(pair.server.failure != nil)
    }

    @Test func theEndIsToldAndWhatCameBeforeItIsRead() throws {
        let pair = try TLSPair(try TLSPair.context())
        pair.settle()
        pair.send(Array("last".utf8), fromClient: true)
        pair.client.end()
        #expect(pair.settle().server == Array("last".utf8))
        #expect(pair.server.hasPeerEnded && pair.server.failure == nil)
        // The other direction is open still.
        pair.send(Array("answer".utf8), fromClient: false)
        #expect(pair.settle().client == Array("answer".utf8))
    }

    @Test func whoDoesNotOfferHTTP2SpeaksHTTP1() throws {
        let pair = try TLSPair(try TLSPair.context(), speaksHTTP2: false)
        pair.settle()
        #expect(pair.server.facts?.isHTTP2 == false)
    }

    @Test func theProtocolIsChosenFromAnyList() {
        let (h2, h1) = ([2] + Array("h2".utf8), [8] + Array("http/1.1".utf8))
        #expect(ApplicationProtocol.choose(from: h1 + h2) == 10..<12)
        #expect(ApplicationProtocol.choose(from: h1) == 1..<9)
        #expect(ApplicationProtocol.choose(from: [4] + Array("spdy".utf8)) == nil)
        #expect(ApplicationProtocol.choose(from: []) == nil)
        #expect(ApplicationProtocol.choose(from: [200, 1]) == nil)
    }
}
