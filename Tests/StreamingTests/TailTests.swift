internal import EventFormats
internal import EventLog
internal import Testing

@testable internal import Streaming

struct TailTests {
    private func block(_ range: Range<Offset>, bytes: Int = 1_000) -> Block {
        let each = bytes / max(range.count, 1)
        let entries = range.enumerated().map { index, offset in
            Block.Entry(
                kind: .event, offset: offset, timestamp: 1000 + offset, start: index * each, end: (index + 1) * each)
        }
        return Block(range: range, entries: ContiguousArray(entries), bytes: Array(repeating: 1, count: bytes))
    }

    @Test func theOldestBlocksOfTheLargestPartitionGoFirst() {
        var tail = Tail(maximumBytes: 10_000)
        tail.add(t0, at: Position(offset: 0))
        tail.add(t1, at: Position(offset: 0))
        tail.append(block(0..<2), to: 1)
        for start in stride(from: Offset(0), to: 40, by: 2) { tail.append(block(start..<start + 2), to: 0) }
        #expect(tail.bytes <= 10_000)
        #expect(tail.partitions[0].start > 20)
        #expect(tail.partitions[0].end == Position(offset: 40, timestamp: 1039))
        #expect(tail.partitions[1].start == 0)
        #expect(tail.partitions[0].block(at: 3) == nil)
        #expect(tail.partitions[0].block(at: 39)?.range == 38..<40)
        #expect(tail.partitions[0].block(at: 40) == nil)
    }

    @Test func oneLargeBlockDoesNotKeepOthersFromBeingLetGo() {
        var tail = Tail(maximumBytes: 5_000)
        tail.add(t0, at: Position(offset: 0))
        tail.add(t1, at: Position(offset: 0))
        tail.append(block(0..<1, bytes: 50_000), to: 0)
        for start in Offset(0)..<40 { tail.append(block(start..<start + 1), to: 1) }
        #expect(tail.partitions[1].count == 1)
    }

    @Test func whatIsLetGoIsFreed() {
        var tail = Tail(maximumBytes: 5_000)
        tail.add(t0, at: Position(offset: 0))
        weak var first: Block?
        do {
            let block = block(0..<1)
            first = block
            tail.append(block, to: 0)
        }
        #expect(first != nil)
        for start in Offset(1)..<20 { tail.append(block(start..<start + 1), to: 0) }
        #expect(first == nil)
    }

    @Test func aMirrorTakesOverWhatCameAndWent() {
        var tail = Tail(maximumBytes: 8_000)
        var mirror = Tail(maximumBytes: .max)
        tail.add(t0, at: Position(offset: 0))
        for start in Offset(0)..<200 {
            tail.append(block(start..<start + 1), to: 0)
            if start == 100 { tail.add(t1, at: Position(offset: 7, timestamp: 3), origin: Position(offset: 5)) }
            if start % 17 < 3 { mirror.mirror(tail) }
        }
        mirror.mirror(tail)
        #expect(mirror.bytes == tail.bytes)
        #expect(mirror.partitions.count == 2)
        for number in 0..<2 {
            #expect(mirror.partitions[number].start == tail.partitions[number].start)
            #expect(mirror.partitions[number].end == tail.partitions[number].end)
            #expect(mirror.partitions[number].origin == tail.partitions[number].origin)
            #expect(mirror.partitions[number].count == tail.partitions[number].count)
        }
        #expect(mirror.number(of: t1) == 1)
    }

    @Test func aMirrorSeesAPartitionMadeAnew() {
        var tail = Tail(maximumBytes: 80_000)
        var mirror = Tail(maximumBytes: .max)
        tail.add(t0, at: Position(offset: 0))
        for start in Offset(0)..<10 { tail.append(block(start..<start + 1), to: 0) }
        mirror.mirror(tail)
        tail.append(block(0..<1), to: 0)
        tail.append(block(1..<30), to: 0)
        mirror.mirror(tail)
        #expect(mirror.partitions[0].incarnation == 1)
        #expect(mirror.partitions[0].start == 0)
        #expect(mirror.partitions[0].count == 2)
        #expect(mirror.partitions[0].end.offset == 30)
        #expect(mirror.bytes == tail.bytes)
    }

    @Test func aPositionIsKnownWhereTheRecordBeforeItIs() {
        var tail = Tail(maximumBytes: 80_000)
        tail.add(t0, at: Position(offset: 5, timestamp: 77))
        #expect(tail.partitions[0].position(at: 5) == Position(offset: 5, timestamp: 77))
        tail.append(block(5..<8), to: 0)
        #expect(tail.partitions[0].position(at: 5) == nil)
        #expect(tail.partitions[0].position(at: 6) == Position(offset: 6, timestamp: 1005))
        #expect(tail.partitions[0].position(at: 8) == Position(offset: 8, timestamp: 1007))
        for offset in [Offset.min, -1, 0, 9, .max] { #expect(tail.partitions[0].position(at: offset) == nil) }
    }

    @Test func aBlockForNoPartitionIsPassedOver() {
        var tail = Tail(maximumBytes: 80_000)
        tail.append(block(0..<1), to: 3)
        #expect(tail.bytes == 0)
    }
}

struct QuickStartTests {
    private func entry(_ offset: Offset, _ timestamp: Timestamp?, _ partition: Int32 = 0) -> RequestedPosition {
        RequestedPosition(topic: "t", partition: partition, place: .at(offset), timestamp: timestamp)
    }

    @Test func memoryAloneTellsWhereAnIDStands() {
        let bench = Bench()
        bench.append(t0, 5)
        #expect(bench.fanOut.quickStart([entry(3, 1002)], topics: ["t"]) == [t0: Position(offset: 3, timestamp: 1002)])
        #expect(bench.fanOut.quickStart([entry(5, 1004)], topics: ["t"]) != nil)
        // Before the first record of all there is nothing to prove.
        #expect(bench.fanOut.quickStart([entry(0, nil)], topics: ["t"]) == [t0: Position(offset: 0)])
    }

    @Test func whereAnythingIsInDoubtTheLogIsAsked() {
        let bench = Bench([t0, t1])
        bench.append(t0, 5)
        let other = entry(0, nil, 1)
        for wrong in [entry(3, 1003), entry(3, nil), entry(9, 1002), entry(.max, 1), entry(0, 1002)] {
            #expect(bench.fanOut.quickStart([wrong, other], topics: ["t"]) == nil)
        }
        #expect(bench.fanOut.quickStart([entry(3, 1002)], topics: ["t"]) == nil)
        #expect(bench.fanOut.quickStart([entry(3, 1002), other], topics: ["t"]) != nil)
        #expect(bench.fanOut.quickStart([RequestedPosition(topic: "t")], topics: ["t"]) == nil)
    }
}
