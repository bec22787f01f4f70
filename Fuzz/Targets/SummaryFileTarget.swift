internal import EventFilter
internal import EventLog
internal import History

extension FuzzTarget {
    /// Any bytes, with the checksum that they should have behind them, say nothing or are summaries; what is read is written
    /// again, and says the same.
    static let summaryFile = FuzzTarget("summary-file") { input throws(FuzzFinding) in
        let fields = SummaryFields(["wiki"]) ?? .none
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in input { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let groups = SummaryFile.read(
            input + (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) }, fields: fields)
        let summaries = groups.flatMap(\.summaries)
        for summary in summaries {
            try require(
                summary.range.lowerBound >= 0 && summary.range.contains(summary.lastOffset)
                    && summary.last.offset <= summary.range.upperBound, "the last record is within the block")
        }
        let again = SummaryFile.read(SummaryFile(fields: fields, summaries) { _ in 7 }.bytes, fields: fields)
        try requireEqual(again.flatMap(\.summaries).count, summaries.count, "all is written again")
        try require(again.allSatisfy { $0.mark == 7 }, "with its mark")
    }
}
