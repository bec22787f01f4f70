import Glibc
import System
import TestSupport
import Testing

@testable import HTTPServer

/// Random inputs, made by bending good ones, must mean the same to `RequestReader` and to `PlainReader`.
@Suite struct ReaderDifferenceTests {
    /// Small limits, so that random inputs reach them.
    static let limits = {
        var limits = HTTPLimits()
        limits.headBytes = 220
        limits.targetBytes = 40
        limits.fields = 6
        limits.chunkExtensionBytes = 16
        limits.trailerBytes = 32
        return limits
    }()
    static let maximumBodyBytes = 50

    static let seeds: [[UInt8]] =
        ReaderTests.corpus.map { Array($0.utf8) }
        + ReaderRefusalTests.requestLines.map { Array(($0.0 + "Host: x\r\n\r\n").utf8) }
        + ReaderRefusalTests.fields.map { Array(("GET / HTTP/1.1\r\n" + $0.0).utf8) }
        + ReaderRefusalTests.lengths.map { Array(("POST / HTTP/1.1\r\nHost: x\r\n" + $0.0).utf8) }
        + ReaderRefusalTests.chunks.filter { $0.0.utf8.count < 100 }.map {
            Array(("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + $0.0).utf8)
        }

    static let pieces: [[UInt8]] =
        [
            "\r\n", "\r", "\n", " ", "\t", ":", ";", ",", "?", "#", "%", "\u{0}", "[", "]", "0", "1", "a", "0\r\n\r\n",
            "2\r\nab\r\n",
            "GET / HTTP/1.1\r\n", "HTTP/1.0", "Host: x\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
            "Expect: 100-continue\r\n", "http://a", "xxxxxxxxxxxxxxxxxxxx", "\r\n\r\n", ":80", "%41", "*",
        ].map { Array($0.utf8) } + [[0x80], [0xFF], [0x7F]]

    #if DEBUG
        private static let usualRounds = 4_000
    #else
        private static let usualRounds = 50_000
    #endif
    /// Rounds for each seed. The environment may ask for more: `READER_ROUNDS=5000000`.
    static let rounds = unsafe getenv("READER_ROUNDS").flatMap { unsafe Int(String(cString: $0)) } ?? usualRounds

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func bothReadersAgreeOnBentRequests(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        var refused = 0
        for round in 0..<Self.rounds {
            let input = Self.bend(&random)
            let problem = Self.difference(input, &random, accepted: &accepted, refused: &refused)
            if let problem {
                Issue.record(
                    "seed \(seed), round \(round): \(problem)\n\(String(decoding: input, as: UTF8.self).debugDescription)"
                )
                return
            }
        }
        // Inputs that are all good or all bad would prove little.
        #expect(accepted > Self.rounds / 20)
        #expect(refused > Self.rounds / 20)
    }

    private static func bend(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = seeds[random.below(seeds.count)]
        if random.below(4) == 0 { bytes += seeds[random.below(seeds.count)] }
        for _ in 0..<random.below(4) {
            let start = random.below(bytes.count + 1)
            let end = min(bytes.count, start + random.below(8))
            switch random.below(6) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: bytes[start..<end], at: start)
            case 2: if start < bytes.count { bytes[start] = UInt8(truncatingIfNeeded: random.next()) }
            case 3: if random.below(3) == 0 { bytes.removeSubrange(start...) }
            default: bytes.insert(contentsOf: pieces[random.below(pieces.count)], at: start)
            }
        }
        return bytes
    }

    /// What the two make of an input, or nil when they agree.
    private static func difference(
        _ input: [UInt8], _ random: inout SeededGenerator, accepted: inout Int, refused: inout Int
    ) -> String? {
        let cut = random.below(input.count + 1)
        let read = ReaderTranscript(
            [Array(input[..<cut]), Array(input[cut...])], limits: limits, maximumBodyBytes: maximumBodyBytes)
        let plain = PlainReader(input, limits: limits, maximumBodyBytes: maximumBodyBytes)
        accepted += read.requests.isEmpty ? 0 : 1
        refused += read.refusal == nil ? 0 : 1
        if read.requests != plain.requests { return "other requests: \(read) against \(plain.requests)" }
        if read.refusal == nil {
            if plain.end == .refused { return "refused by the plain reader alone" }
            return read.continues == plain.continues ? nil : "other continues"
        }
        if plain.end == .refused { return nil }
        // The byte-wise reader refuses a wrong byte at once. Then no ending may make the line right.
        let ended = PlainReader(input + [13, 10, 13, 10], limits: limits, maximumBodyBytes: maximumBodyBytes)
        return plain.end == .incomplete && ended.end == .refused ? nil : "\(read) refused, plain \(plain.end)"
    }
}
