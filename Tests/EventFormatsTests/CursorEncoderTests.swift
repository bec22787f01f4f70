import EventFormats
import EventLog
import System
import TestSupport
import Testing

@Suite struct CursorEncoderTests {
    @Test func theJSONFormHasOneEntryForEachPartitionSortedWithoutMissingTimestamps() {
        let encoder = CursorEncoder([
            TopicPartition("eqiad.recentchange", 10), TopicPartition("eqiad.recentchange", 9),
            TopicPartition("a\"\n", 0),
        ])
        let id = written {
            encoder.append(
                [
                    Position(offset: .max, timestamp: .min), Position(offset: 123, timestamp: 1_790_487_705_416),
                    Position(offset: 0),
                ] as ContiguousArray, form: .json, to: &$0)
        }
        #expect(
            id.text
                == #"[{"topic":"a\"\n","partition":0,"offset":9223372036854775807,"timestamp":-9223372036854775808},"#
                + #"{"topic":"eqiad.recentchange","partition":9,"offset":123,"timestamp":1790487705416},"#
                + #"{"topic":"eqiad.recentchange","partition":10,"offset":0}]"#)
    }

    @Test func aWholeIdSaysHowManyEntriesItHas() {
        let encoder = CursorEncoder([TopicPartition("a", 0), TopicPartition("b", 0)], isWhole: true)
        let positions = [Position(offset: 1, timestamp: 2), Position(offset: 3)]
        #expect(
            written { encoder.append(positions, form: .json, to: &$0) }.text
                == #"[{"topic":"a","partition":0,"offset":1,"timestamp":2},"#
                + #"{"topic":"b","partition":0,"offset":3,"entries":2}]"#)
        #expect(
            written { encoder.append(positions, form: .json, isFinal: true, to: &$0) }.text
                == #"[{"topic":"a","partition":0,"offset":1,"timestamp":2},"#
                + #"{"topic":"b","partition":0,"offset":3,"entries":2,"final":true}]"#)
    }

    @Test func noPartitionsAreAnEmptyList() {
        #expect(written { CursorEncoder([]).append([] as [Position], form: .json, to: &$0) }.text == "[]")
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 101, 999, 1000, 12_345, 1_000_000, Offset.max, Offset.max - 1])
    func offsetsAreWrittenAsDecimalNumbers(offset: Offset) {
        let id = written {
            CursorEncoder([TopicPartition("a", 0)]).append([Position(offset: offset)], form: .json, to: &$0)
        }
        #expect(id.text == "[{\"topic\":\"a\",\"partition\":0,\"offset\":\(offset)}]")
    }

    /// The expected text was made by another program, from the description at the head of `CompactID`.
    @Test func theCompactFormIsAsItIsDescribed() {
        let encoder = CursorEncoder([TopicPartition("a", 0), TopicPartition("b", 0), TopicPartition("b", 1)])
        let positions = [
            Position(offset: 123, timestamp: 1_790_487_705_416), Position(offset: 9, timestamp: 1_790_487_705_000),
            Position(offset: 1 << 39, timestamp: 1_790_480_005_000),
        ]
        let id = written { encoder.append(positions, form: .compact, to: &$0) }
        #expect(id.text == "AssYVxFVoOFiN0gsoLwAAAAB7AAAAAAAAABIABoIAAAAAA6v-AD4hkyX")
        let whole = CursorEncoder(encoder.partitions, isWhole: true)
        let final = written { whole.append(positions, form: .compact, isFinal: true, to: &$0) }
        #expect(final.text == "MssYVxFVoOFiN0gsoLwAAAAB7AAAAAAAAABIABoIAAAAAA6v-ABpObDH")
    }

    @Test(arguments: [1, 2, 4, 8], [8, 22])
    func aCompactIdOfEightPartitionsNeedsNoPreflight(partitionsOfATopic: Int, topics: Int) {
        let year: Timestamp = 366 * 86_400_000
        let partitions = (0..<8).map {
            TopicPartition("topic\($0 / partitionsOfATopic)", Int32($0 % partitionsOfATopic))
        }
        let encoder = CursorEncoder(partitions, topics: (0..<topics).map { "topic\($0)" })
        var positions = [Position](repeating: Position(offset: 1 << 40 - 1, timestamp: 4_102_444_800_000), count: 8)
        positions[0].timestamp = 4_102_444_800_000 - year
        #expect(written { encoder.append(positions, form: .compact, to: &$0) }.count <= 128)
        // Without one of the timestamps every entry must say whether it has one.
        positions[7].timestamp = nil
        #expect(written { encoder.append(positions, form: .compact, to: &$0) }.count <= 128)
    }

    @Test func bothFormsComeBackWhateverThePositions() throws {
        var random = SeededGenerator(seed: 2)
        for round in 0..<400 {
            let cursor = randomCursor(&random)
            let topics = cursor.entries.map(\.topicPartition.topic) + ["never", "topic0"]
            let encoder = CursorEncoder(cursor.entries.map(\.topicPartition), topics: topics)
            let expected = cursor.entries.map {
                RequestedPosition(
                    topic: $0.topicPartition.topic, partition: $0.topicPartition.partition,
                    place: .at($0.position.offset), timestamp: $0.position.timestamp)
            }
            for form in IDForm.allCases {
                let id = written { encoder.append(cursor.entries.map(\.position), form: form, to: &$0) }
                #expect(
                    try LastEventID.parse(id, topics: topics.shuffled(using: &random)).entries == expected,
                    "round \(round)")
            }
        }
    }

    @Test func aDamagedCompactIdIsRefusedAndADamagedJSONIdNeverTraps() throws {
        var random = SeededGenerator(seed: 3)
        for round in 0..<200 {
            let cursor = randomCursor(&random)
            let encoder = CursorEncoder(cursor.entries.map(\.topicPartition))
            for form in IDForm.allCases {
                var id = written { encoder.append(cursor.entries.map(\.position), form: form, to: &$0) }
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    id[Int.random(in: 0..<id.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
                }
                let read = try? LastEventID.parse(id, topics: encoder.topics)
                if form == .compact { #expect(read == nil, "round \(round): \(id.text)") }
                for length in stride(from: 0, to: id.count, by: 7) {
                    #expect(throws: LastEventIDError.self) {
                        try LastEventID.parse(Array(id.prefix(length)), topics: encoder.topics)
                    }
                }
            }
        }
    }

    private func randomCursor(_ random: inout SeededGenerator) -> Cursor {
        let isUsual = Bool.random(using: &random)
        return Cursor(
            (0..<Int32.random(in: 1...12, using: &random)).map { index in
                let partition = isUsual ? index : Int32.random(in: 0...Int32.max >> (index * 2), using: &random)
                return Cursor.Entry(
                    TopicPartition(isUsual ? "topic" : "topic\(Int.random(in: 0...4, using: &random))", partition),
                    Position(
                        offset: Offset.random(
                            in: 0...Offset.max >> Offset.random(in: 0...62, using: &random), using: &random),
                        timestamp: Int.random(in: 0...5, using: &random) == 0
                            ? nil : .random(in: .min ... .max, using: &random)))
            })
    }
}
