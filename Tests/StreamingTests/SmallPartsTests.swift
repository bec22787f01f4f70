internal import CMalloc
import System
internal import Testing

@testable internal import Streaming

struct ByteRingTests {
    @Test func placesStayTheSameWhateverIsDropped() {
        var ring = ByteRing()
        var random = SeededGenerator(seed: 3)
        var model: [UInt8] = []
        var start = 0
        for step in 0..<2_000 {
            let byte = UInt8(truncatingIfNeeded: step)
            let count = Int.random(in: 0...40, using: &random)
            ring.bytes.append(contentsOf: repeatElement(byte, count: count))
            model += Array(repeating: byte, count: count)
            start = Int.random(in: start...model.count, using: &random)
            ring.drop(before: start)
            #expect(ring.start == start)
            #expect(ring.end == model.count)
            #expect(ring.count == model.count - start)
            if start < ring.end { #expect(ring.bytes[ring.index(of: start)] == model[start]) }
        }
    }

    @Test func droppingMoreThanThereIsEmptiesIt() {
        var ring = ByteRing()
        ring.bytes += [1, 2, 3]
        ring.drop(before: .max)
        #expect((ring.start, ring.end, ring.count) == (3, 3, 0))
        ring.drop(before: 0)
        #expect(ring.start == 3)
    }

    @Test func afterARestartNoOldPlaceIsKept() {
        var ring = ByteRing()
        ring.bytes += [1, 2, 3]
        ring.restart()
        #expect(ring.start == 4)
        #expect(ring.count == 0)
    }

    @Test func memoryIsGivenBackOnceLessIsKept() {
        var ring = ByteRing()
        ring.bytes = Array(repeating: 0, count: 1 << 20)
        ring.drop(before: (1 << 20) - 100)
        #expect(ring.bytes.capacity < 10_000)
        #expect(ring.count == 100)
    }
}

struct QueueTests {
    @Test func whatComesFirstGoesFirst() {
        var queue = Queue<Int>()
        var random = SeededGenerator(seed: 5)
        var model: [Int] = []
        for step in 0..<5_000 {
            if Int.random(in: 0..<5, using: &random) < (step < 2_500 ? 3 : 2) {
                queue.append(step)
                model.append(step)
            } else {
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
        }
    }
}

struct DeadlineWheelTests {
    @Test func eachComesInItsSlotAndOnce() {
        var wheel = DeadlineWheel(now: 10_000)
        wheel.add(1, at: 10_200)
        wheel.add(2, at: 10_201)
        wheel.add(3, at: 5_000)
        #expect(wheel.take(now: 10_099).isEmpty)
        #expect(wheel.take(now: 10_100) == [3])
        #expect(wheel.take(now: 10_200) == [1])
        #expect(wheel.take(now: 10_300) == [2])
        #expect(wheel.take(now: 500_000).isEmpty)
    }

    @Test func whatIsFurtherAwayThanTheRingIsLookedAtOnceAround() {
        var wheel = DeadlineWheel(now: 0, slots: 8)
        for time in [Int64.max, Int64.max - 1, 100_000] as [Int64] { #expect(wheel.add(1, at: time) == 7) }
        #expect(wheel.add(2, at: Int64.min) == 1)
        #expect(wheel.take(now: 600) == [2])
        #expect(wheel.take(now: 700).count == 3)
    }

    @Test func aSlotThatWasFullKeepsNoMemory() {
        func used() -> Int {
            let counts = mallinfo2()
            return Int(counts.uordblks + counts.hblkhd)
        }
        var wheel = DeadlineWheel(now: 0)
        let before = used()
        for slot in 1..<Int64(640) { for index in 0..<500 { wheel.add(index, at: slot * 100) } }
        #expect(used() - before > 1_000_000)
        for slot in 1..<Int64(640) { #expect(wheel.take(now: slot * 100).count == 500) }
        #expect(used() - before < 100_000)
    }

    @Test func aJumpOfTheClockSkipsNobody() {
        var wheel = DeadlineWheel(now: 0, slots: 8)
        for index in 1...7 { wheel.add(index, at: Int64(index) * 100) }
        #expect(wheel.take(now: 1_000_000).count == 7)
        wheel.add(9, at: 1_000_100)
        #expect(wheel.take(now: 1_000_100) == [9])
    }
}
