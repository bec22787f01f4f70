import Testing

@testable import Load

@Suite struct LatencyHistogramTests {
    @Test func aCounterIsNeverWiderThanAThousandthOfWhatItCounts() {
        for value in [0, 1, 1023, 1024, 2047, 2048, 2049, 4095, 4096, 1_000_000, 123_456_789, LatencyHistogram.longest]
            as [Int64]
        {
            let counter = LatencyHistogram.counter(of: value)
            let last = LatencyHistogram.last(of: counter)
            #expect(last >= value)
            #expect(Double(last - value) <= Double(value) / 1000)
            #expect(LatencyHistogram.counter(of: last) == counter)
            #expect(LatencyHistogram.counter(of: last + 1) == counter + 1)
        }
    }

    /// The figures of HdrHistogram's own layout for three digits: 2,048 counters of one, then groups of 1,024.
    @Test func theLayoutIsThatOfHdrHistogram() {
        #expect(LatencyHistogram.counter(of: 2047) == 2047)
        #expect(LatencyHistogram.counter(of: 2048) == 2048)
        #expect(LatencyHistogram.counter(of: 2049) == 2048)
        #expect(LatencyHistogram.counter(of: 4096) == 3072)
        #expect(LatencyHistogram.counter(of: 8192) == 4096)
    }

    @Test func percentilesAreWithinAThousandthOfTheTruth() throws {
        var histogram = LatencyHistogram()
        for value in 1...100_000 as ClosedRange<Int64> { histogram.record(value) }
        for percent in [50.0, 90, 99, 99.9] {
            let truth = percent * 1000
            let answer = Double(try #require(histogram.percentile(percent)))
            #expect(answer >= truth && answer <= truth * 1.001)
        }
        #expect(histogram.percentile(100) == 100_000)
        #expect(histogram.percentile(0) == 1)
        #expect(histogram.count == 100_000)
    }

    @Test func nothingIsOutOfRange() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(50) == nil)
        histogram.record(.min)
        histogram.record(.max)
        #expect(histogram.percentile(50) == 0)
        #expect(histogram.maximum == LatencyHistogram.longest)
        #expect(histogram.percentile(100) == LatencyHistogram.longest)
    }
}
