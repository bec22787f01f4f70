import Testing

@testable import HTTPServer

@Suite struct SpareOutputsTests {
    private func room(_ bytes: Int) -> [UInt8] {
        var room: [UInt8] = []
        room.reserveCapacity(bytes)
        return room
    }

    @Test func whatWasGivenBackIsTakenAgain() {
        var outputs = SpareOutputs()
        #expect(outputs.take().capacity == 0)
        outputs.giveBack(room(10_000))
        #expect(outputs.take().capacity >= 10_000)
        #expect(outputs.take().capacity == 0)
    }

    @Test func littleIsKept() {
        var outputs = SpareOutputs()
        outputs.giveBack(room(1_000_000))
        #expect(outputs.take().capacity == 0)
        for _ in 0..<1_000 { outputs.giveBack(room(70_000)) }
        var bytes = 0
        while case let room = outputs.take(), room.capacity > 0 { bytes += room.capacity }
        #expect(bytes > 0 && bytes < 4 << 20)
    }
}
