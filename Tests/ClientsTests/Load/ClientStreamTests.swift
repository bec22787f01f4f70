import Testing

@testable import Load

@Suite struct ClientStreamTests {
    private let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    private let body = ":ok\n\nid: 1\ndata: {\"t\":1790475705}\n\nid: 2\ndata: {\"t\":1790475705}\n\n"

    private func chunked(_ pieces: [[UInt8]], end: Bool = true) -> [UInt8] {
        pieces.flatMap { Array("\(String($0.count, radix: 16))\r\n".utf8) + $0 + Array("\r\n".utf8) }
            + Array((end ? "0\r\n\r\n" : "").utf8)
    }

    /// The stream and the tally after an answer that came in pieces of a size.
    private func take(
        _ answer: [UInt8], pieces size: Int, arrival: Int64? = nil
    ) throws -> (stream: ClientStream, tally: DeliveryTally) {
        var stream = ClientStream()
        var tally = DeliveryTally(timestamp: EventTimestamp("t"))
        tally.now = 1_790_475_705_001_000
        tally.arrival = arrival
        var start = 0
        while start < answer.count {
            try stream.take(answer.span.extracting(start..<min(start + size, answer.count)), &tally)
            start += size
        }
        return (stream, tally)
    }

    @Test(arguments: [1, 2, 3, 5, 17, 1000])
    func chunksAreTakenInPiecesOfAnySize(size: Int) throws {
        let text = Array(body.utf8)
        for cuts in [[text], [Array(text[..<20]), Array(text[20...])], text.map { [$0] }] {
            let answer = Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8) + chunked(cuts)
            let (stream, tally) = try take(answer, pieces: size)
            #expect(stream.isDone)
            #expect(stream.events == 2 && tally.events == 2)
            #expect(tally.audit.form == .number)
            #expect(tally.latencies.count == 2 && tally.latencies.maximum == 1000)
        }
    }

    @Test func anArrivalIsCountedWhereItIsKnown() throws {
        let answer = Array((head + "\r\n" + body).utf8)
        let known = try take(answer, pieces: 1000, arrival: 1_790_475_705_000_400).tally
        #expect(known.arrivals.count == 2 && known.arrivals.maximum == 400)
        #expect(known.latencies.count == 2 && known.latencies.maximum == 1000)
        let unknown = try take(answer, pieces: 1000).tally
        #expect(unknown.arrivals.count == 0 && unknown.latencies.count == 2)
    }

    @Test(arguments: [1, 7, 1000])
    func aBodyMayHaveALengthOrEndWithTheConnection(size: Int) throws {
        let counted = try take(Array((head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body).utf8), pieces: size)
        #expect(counted.stream.isDone && counted.tally.events == 2)
        let open = try take(Array((head + "\r\n" + body).utf8), pieces: size)
        #expect(!open.stream.isDone && open.tally.events == 2)
        try open.stream.finish()
    }

    /// `:ok` and two events, made by gzip.
    private static let packed: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xB3, 0xCA, 0xCF, 0xE6, 0xE2, 0xCA, 0x4C, 0xB1,
        0x52, 0x30, 0xE4, 0x4A, 0x49, 0x2C, 0x49, 0xB4, 0x52, 0xA8, 0x80, 0x70, 0x8D, 0xA0, 0xDC, 0x4A, 0x2E, 0x2E,
        0x00, 0x92, 0xEF, 0x89, 0x84, 0x23, 0x00, 0x00, 0x00,
    ]

    @Test(arguments: [1, 4, 1000])
    func gzipIsInflated(size: Int) throws {
        let answer =
            Array((head + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n").utf8) + chunked([Self.packed])
        let (stream, tally) = try take(answer, pieces: size)
        #expect(stream.isDone && tally.events == 2)
    }

    @Test func whatIsNoStreamIsAFault() {
        let faults: [(String, StreamFault)] = [
            ("HTTP/1.1 429 Too Many Requests\r\n\r\n", .refused(status: 429)),
            ("SSH-2.0-x\r\n\r\n", .notHTTP),
            (String(repeating: "x", count: AnswerHead.limit), .headTooLong),
            (head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", .badChunk),
            (head + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .badChunk),
            (head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n", .badChunk),
        ]
        for (answer, fault) in faults {
            #expect(throws: fault) { try take(Array(answer.utf8), pieces: 100_000) }
        }
    }

    @Test func anEndWithinTheAnswerIsAFault() throws {
        let answer = Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8) + chunked([Array(body.utf8)], end: false)
        let (stream, _) = try take(answer, pieces: 1000)
        #expect(throws: StreamFault.brokenOff) { try stream.finish() }
        #expect(throws: StreamFault.brokenOff) { try ClientStream().finish() }
    }

    @Test func anEventsTimeIsReadOnceForAllClients() throws {
        var tally = DeliveryTally(timestamp: EventTimestamp("t"))
        tally.timesLeft = 1
        tally.now = 1_790_475_705_000_500
        let answer = Array((head + "\r\n" + body).utf8)
        for _ in 0..<10 {
            var stream = ClientStream()
            try stream.take(answer.span, &tally)
        }
        // The second event's time was not read any more, the first one's served all.
        #expect(tally.latencies.count == 10)
        #expect(tally.latencies.maximum == 500)
        #expect(tally.events == 20)
    }
}
