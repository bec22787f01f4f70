import HTTP2
import Testing

@Suite struct HTTP2ServerSessionTests {
    /// A session with what a client says to it.
    private final class Line {
        let session: HTTP2ServerSession
        var now: Int64 = 0
        var most = 64 * 1024
        var output: [UInt8] = []
        var failure: HTTP2Error?

        init(_ change: (inout HTTP2Limits) -> Void = { _ in }) throws {
            var limits = HTTP2Limits()
            change(&limits)
            session = try HTTP2ServerSession(limits, now: 0)
            receive(Frames.preface)
            _ = frames()
        }

        func receive(_ bytes: [UInt8]) {
            do throws(HTTP2Error) { try session.receive(bytes.span, now: now) } catch { failure = error }
        }

        /// What the server sends now, in words.
        func frames() -> [String] {
            do throws(HTTP2Error) {
                try session.takeOutput(into: &output, most: most, now: now)
            } catch {
                failure = error
            }
            defer { output = [] }
            return Frame.all(in: output).map(\.description)
        }

        func events() -> [HTTP2ServerSession.Event] {
            defer { session.removeEvents() }
            return session.events
        }

        func write(_ count: Int, to stream: Int32) throws -> Int {
            let bytes = [UInt8](repeating: 0x78, count: count)
            return try unsafe bytes.withUnsafeBytes {
                unsafe try session.write($0, to: stream, into: &output, most: most, now: now)
            }
        }
    }

    private func path(_ event: HTTP2ServerSession.Event?) -> String? {
        if case .request(_, let request) = event { request.path } else { nil }
    }

    @Test func aRequestIsGivenWholeAndAnswered() throws {
        let line = try Line()
        line.receive(Frames.request(1, "POST", "/a?b", [("x-y", "z")], isOpen: true))
        #expect(line.events().isEmpty)
        line.receive(Frames.data(1, Array("bo".utf8)) + Frames.data(1, Array("dy".utf8), isEnd: true))
        guard case .request(1, let request)? = line.events().first else { return #expect(Bool(false)) }
        #expect(request.method == "POST" && request.path == "/a?b" && request.authority == "x")
        #expect(request.fields.map { String(decoding: request.storage[$0.name], as: UTF8.self) } == ["x-y"])
        #expect(request.body == Array("body".utf8))
        line.session.respond(1, status: 200, fields: [("a", "b")], body: Array("hi".utf8))
        #expect(line.frames().suffix(2) == ["head 1", "data 1 2 end"])
        #expect(line.events() == [.closed(1, .noError, tag: nil)])
        #expect(line.session.streamCount == 0)
    }

    @Test func aStreamsBytesAreFramedWhenTheyAreWritten() throws {
        let line = try Line()
        line.receive(Frames.request(1))
        _ = line.events()
        line.session.startStream(1, status: 200, fields: [])
        #expect(line.frames() == ["head 1"])
        #expect(try line.write(100, to: 1) == 100)
        #expect(try line.write(50, to: 1) == 50)
        #expect(line.frames() == ["data 1 100", "data 1 50"])
        #expect(line.events().isEmpty)
        line.session.finish(1)
        #expect(line.frames() == ["data 1 0 end"])
        #expect(line.events() == [.closed(1, .noError, tag: nil)])
        #expect(try line.write(1, to: 1) == 0)
    }

    @Test func aLongWriteIsFramedWholeAndInOrder() throws {
        let line = try Line()
        line.receive(Frames.initialWindow(1 << 20) + Frames.window(0, 1 << 20) + Frames.request(1))
        _ = line.events()
        line.session.startStream(1, status: 200, fields: [])
        _ = line.frames()
        let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 / 100) }
        let taken = try unsafe bytes.withUnsafeBytes {
            unsafe try line.session.write($0, to: 1, into: &line.output, most: line.most, now: 0)
        }
        let frames = Frame.all(in: line.output)
        #expect(taken == bytes.count)
        #expect(frames.map(\.description) == ["data 1 16384", "data 1 16384", "data 1 7232"])
        #expect(frames.flatMap(\.payload) == bytes)
    }

    @Test func streamsAreWrittenToInAnyOrder() throws {
        let line = try Line()
        let streams = (0..<50).map { Int32($0 * 2 + 1) }
        for stream in streams { line.receive(Frames.request(UInt32(stream))) }
        _ = line.events()
        for stream in streams { line.session.startStream(stream, status: 200, fields: []) }
        _ = line.frames()
        for stream in streams { #expect(try line.write(Int(stream), to: stream) == Int(stream)) }
        #expect(line.frames() == streams.map { "data \($0) \($0)" })
        for stream in streams.reversed() { #expect(try line.write(Int(stream), to: stream) == Int(stream)) }
        #expect(line.frames() == streams.reversed().map { "data \($0) \($0)" })
        line.session.finish(3)
        #expect(try line.write(7, to: 99) == 7)
        #expect(Set(line.frames()) == ["data 99 7", "data 3 0 end"])
    }

    @Test func aStreamIsKnownByItsTagUntilItsEndIsTold() throws {
        let line = try Line()
        for stream in [UInt32(1), 3, 5] { line.receive(Frames.request(stream)) }
        _ = line.events()
        for (tag, stream) in [(Int32(9), Int32(1)), (0, 3), (4, 5)] { line.session.tag(stream, tag) }
        #expect([0, 4, 9].map { line.session.stream(tagged: $0) } == [3, 5, 1])
        #expect(line.session.stream(tagged: 1) == nil && line.session.tag(of: 7) == nil)
        line.session.tag(5, nil)
        #expect(line.session.stream(tagged: 4) == nil && line.session.tag(of: 5) == nil)
        line.receive(Frames.reset(1) + Frames.reset(5))
        #expect(line.session.stream(tagged: 9) == nil)
        #expect(Set(line.session.tags) == [9, 0])
        #expect(line.events() == [.closed(1, .cancel, tag: 9), .closed(5, .cancel, tag: nil)])
        #expect(line.session.tags == [0] && line.session.tag(of: 3) == 0)
    }

    @Test func aStreamWhoseWindowIsShutStallsAlone() throws {
        let line = try Line()
        line.receive(Frames.initialWindow(100) + Frames.request(1) + Frames.request(3))
        _ = line.events()
        for stream in [Int32(1), 3] { line.session.startStream(stream, status: 200, fields: []) }
        _ = line.frames()
        #expect(try line.write(150, to: 1) == 100)
        #expect(try line.write(150, to: 1) == 0)
        #expect(try line.write(80, to: 3) == 80)
        #expect(line.frames() == ["data 1 100", "data 3 80"])
        #expect(line.events().isEmpty)
        line.receive(Frames.window(1, 30))
        #expect(line.frames() == [])
        #expect(line.events() == [.writable(1)])
        #expect(try line.write(50, to: 1) == 30)
        #expect(line.frames() == ["data 1 30"])
    }

    @Test func nothingIsTakenBeyondTheOutputsRoom() throws {
        let line = try Line()
        line.receive(Frames.initialWindow(1 << 20) + Frames.window(0, 1 << 20) + Frames.request(1) + Frames.request(3))
        _ = line.events()
        for stream in [Int32(1), 3] { line.session.startStream(stream, status: 200, fields: []) }
        _ = line.frames()
        line.most = 40_000
        let taken = try line.write(100_000, to: 1)
        #expect(taken >= 40_000 && taken < 60_000)
        #expect(try line.write(10, to: 3) == 0)
        _ = line.frames()
        // Room again: both are told.
        _ = line.frames()
        let told = line.events()
        #expect(Set(told) == [.writable(1), .writable(3)])
        #expect(try line.write(10, to: 3) == 10)
    }

    @Test func aCancelledStreamIsTold() throws {
        let line = try Line()
        line.receive(Frames.request(1) + Frames.request(3))
        _ = line.events()
        line.session.startStream(1, status: 200, fields: [])
        _ = line.frames()
        line.receive(Frames.reset(1))
        #expect(line.events() == [.closed(1, .cancel, tag: nil)])
        line.session.reset(3, .cancel)
        #expect(line.frames() == ["reset 3 8"])
        #expect(line.events().isEmpty)
        #expect(line.session.streamCount == 0)
    }

    @Test func whatIsTooLargeIsRefusedAndTheRestOfItIsNotWanted() throws {
        let line = try Line {
            $0.bodyBytes = 10
            $0.refusedBodyBytes = 20
            $0.headBytes = 400
            $0.fields = 3
        }
        line.receive(Frames.request(1, "POST", isOpen: true) + Frames.data(1, [UInt8](repeating: 0, count: 11)))
        guard case .refused(1, .bodyTooLarge, _)? = line.events().first else { return #expect(Bool(false)) }
        #expect(line.session.bodyBytes == 0)
        line.session.respond(1, status: 413, fields: [], body: [1])
        #expect(line.frames().suffix(2) == ["head 1", "data 1 1 end"])
        line.receive(Frames.data(1, [UInt8](repeating: 0, count: 20)))
        #expect(line.frames().isEmpty)
        line.receive(Frames.data(1, [0]))
        #expect(line.frames() == ["reset 1 0"])
        _ = line.events()
        line.receive(Frames.request(3, "GET", "/", [("a", String(repeating: "b", count: 300))]))
        guard case .refused(3, .headTooLarge, _)? = line.events().first else { return #expect(Bool(false)) }
        line.receive(Frames.request(5, "GET", "/", [("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]))
        guard case .refused(5, .tooManyFields, _)? = line.events().first else { return #expect(Bool(false)) }
    }

    @Test func whoWaitsForContinueIsToldSo() throws {
        let line = try Line()
        line.receive(Frames.request(1, "POST", "/", [("expect", "100-continue")], isOpen: true))
        #expect(line.frames() == ["head 1"])
        line.receive(Frames.data(1, [1], isEnd: true))
        #expect(line.events().count == 1)
    }

    @Test func moreStreamsThanAllowedAreRefused() throws {
        let line = try Line { $0.streams = 2 }
        for stream in [UInt32(1), 3, 5] { line.receive(Frames.request(stream)) }
        #expect(line.events().map(path) == ["/", "/"])
        #expect(line.frames() == ["reset 5 7"])
        // A client that has confirmed the limit breaks a rule.
        line.receive(Frames.frame(4, flags: 1) + Frames.request(7))
        #expect(line.events().isEmpty)
        #expect(line.frames() == ["goaway 1"])
    }

    @Test func theEndIsToldInTwoSteps() throws {
        let line = try Line()
        line.receive(Frames.request(1))
        line.session.announceEnd()
        #expect(line.frames() == ["goaway 0"])
        line.receive(Frames.request(3))
        #expect(line.events().map(path) == ["/", "/"])
        line.session.end()
        #expect(line.frames() == ["goaway 0"])
        line.receive(Frames.request(5))
        #expect(line.events().isEmpty)
        for stream in [Int32(1), 3] { line.session.respond(stream, status: 200, fields: [], body: nil) }
        #expect(line.frames() == ["head 1 end", "head 3 end"])
        #expect(line.session.isOver)
    }

    @Test func whatIsNoHTTP2IsGivenUp() throws {
        let session = try HTTP2ServerSession(HTTP2Limits(), now: 0)
        #expect(throws: HTTP2Error.notHTTP2) {
            try session.receive(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span, now: 0)
        }
    }

    // MARK: Attacks

    private static func repeated(_ count: UInt32, _ bytes: (UInt32) -> [UInt8]) -> [UInt8] {
        var all: [UInt8] = []
        for number in 0..<count { all += bytes(number) }
        return all
    }

    /// Ways to wear a server out.
    private static func attack(_ name: String) -> [UInt8] {
        switch name {
        case "rapid reset": return repeated(300) { Frames.request($0 * 2 + 1) + Frames.reset($0 * 2 + 1) }
        case "made you reset":
            // A window that overflows is the client's fault, and has the server reset the stream.
            return repeated(300) { Frames.request($0 * 2 + 1) + Frames.window($0 * 2 + 1, 0x7FFF_FFFF) }
        case "pings": return repeated(600) { _ in Frames.ping }
        case "settings": return repeated(600) { _ in Frames.frame(4) }
        case "empty data": return Frames.request(1, "POST", isOpen: true) + repeated(600) { _ in Frames.data(1, []) }
        case "priorities": return repeated(600) { _ in Frames.frame(2, stream: 1, [0, 0, 0, 0, 16]) }
        case "continuations":
            return Frames.frame(1, flags: 1, stream: 1, Frames.head())
                + repeated(100) { _ in Frames.frame(9, stream: 1, []) }
        default:
            return Frames.request(1, "GET", "/", (0..<15).map { ("a\($0)", String(repeating: "b", count: 1000)) })
        }
    }

    @Test(arguments: [
        ("rapid reset", HTTP2Abuse.rapidReset), ("made you reset", .madeYouReset), ("pings", .pings),
        ("settings", .settings), ("empty data", .emptyFrames), ("priorities", .emptyFrames),
        ("continuations", .continuations), ("header bomb", .headerBomb),
    ])
    func aClientThatWearsTheServerOutIsTurnedAway(_ attack: String, _ kind: HTTP2Abuse) throws {
        let line = try Line { $0.headBytes = 3000 }
        let bytes = Self.attack(attack)
        var sent: [String] = []
        for start in stride(from: 0, to: bytes.count, by: 4096) where line.failure == nil {
            line.receive(Array(bytes[start..<min(start + 4096, bytes.count)]))
            sent += line.frames()
        }
        #expect(line.failure == .abuse(kind))
        #expect((sent + line.frames()).contains { $0.hasPrefix("goaway") })
    }

    @Test func windowsOpenedByAByteAtATimeAreAnAttackToo() throws {
        let line = try Line()
        line.receive(Frames.initialWindow(0) + Frames.request(1))
        _ = line.events()
        line.session.respond(1, status: 200, fields: [], body: [UInt8](repeating: 0, count: 10_000))
        for _ in 0..<600 where line.failure == nil {
            line.receive(Frames.window(1, 1))
            _ = line.frames()
        }
        #expect(line.failure == .abuse(.tinyWindows))
    }

    @Test func aRateIsForgottenInTime() throws {
        let line = try Line()
        for _ in 0..<20 {
            for _ in 0..<100 { line.receive(Frames.ping) }
            _ = line.frames()
            line.now += 10_000
        }
        #expect(line.failure == nil)
    }
}
