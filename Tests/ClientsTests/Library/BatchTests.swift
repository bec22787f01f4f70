import System
import Testing

@testable import EventStreamsClient

@Suite struct BatchTests {
    private static func parted(_ sizes: [Int], _ options: ProducerOptions) -> [[Int]] {
        let events = sizes.enumerated().map {
            OutgoingEvent(index: $0.offset, bytes: Array(repeating: 0x20, count: $0.element))
        }
        return Batch.parted(events, options).map { $0.map(\.bytes.count) }
    }

    @Test func requestsEndByCountByBytesAndByTheServersLimit() {
        #expect(Self.parted([1, 1, 1, 1, 1], ProducerOptions(batchEvents: 2)) == [[1, 1], [1, 1], [1]])
        #expect(Self.parted([60, 60, 60], ProducerOptions(batchBytes: 100)) == [[60, 60], [60]])
        #expect(Self.parted([60, 60, 60], ProducerOptions(requestLimit: 124)) == [[60, 60], [60]])
        #expect(Self.parted([60, 60, 60], ProducerOptions(requestLimit: 122)) == [[60], [60], [60]])
    }

    @Test(arguments: [0, -1, Int.min]) func limitsWithoutSenseMakeRequestsOfOneEvent(limit: Int) {
        let options = ProducerOptions(batchEvents: limit, batchBytes: limit, requestLimit: limit, eventLimit: limit)
        #expect(Self.parted([5, 6], options) == [[5], [6]])
        #expect(Self.parted([], options).isEmpty)
    }

    @Test func noRequestIsEmptyOrTooLargeAndNothingIsLost() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let sizes = (0..<Int.random(in: 0...60, using: &random)).map { _ in Int.random(in: 0...50, using: &random) }
            let options = ProducerOptions(
                batchEvents: .random(in: 1...20, using: &random), batchBytes: .random(in: 1...300, using: &random),
                requestLimit: .random(in: 52...200, using: &random))
            let requests = Self.parted(sizes, options)
            #expect(requests.flatMap { $0 } == sizes)
            for request in requests {
                #expect(!request.isEmpty && request.count <= options.batchEvents)
                #expect(request.reduce(1) { $0 + $1 + 1 } <= options.requestLimit)
            }
        }
    }
}
