import Glibc
import Testing

@testable import Load

@Suite struct ProcessUsageTests {
    @Test func aProcessUsesMoreAndMore() throws {
        let before = try #require(ProcessUsage(process: getpid()))
        var sum: UInt64 = 0
        // Until the clock has moved, which takes a moment's work.
        for round in 0..<1_000_000_000 as Range<UInt64> {
            sum = sum &* 31 &+ round
            if round % 100_000 == 0, let now = ProcessUsage(process: getpid()), now.processor > before.processor {
                break
            }
        }
        let after = try #require(ProcessUsage(process: getpid()))
        #expect(after.processor > before.processor, "\(sum)")
        #expect(after.memory > 1 << 20)
        #expect(ProcessUsage.own().processor >= before.processor)
    }

    @Test func aProcessThatIsNotThereHasNoUse() {
        #expect(ProcessUsage(process: .max) == nil)
    }
}
