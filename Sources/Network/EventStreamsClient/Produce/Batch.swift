/// How many events, and bytes of them, are gathered for one request.
package struct Batch: Hashable, Sendable {
    private let events: Int
    private let bytes: Int
    private let limit: Int
    package private(set) var count = 0
    private var size = 0

    package init(_ options: ProducerOptions) {
        events = max(options.batchEvents, 1)
        bytes = max(options.batchBytes, 1)
        limit = options.requestLimit
    }

    /// Whether an event of so many bytes has to wait for the next request.
    package func mustEnd(before event: Int) -> Bool {
        // With the comma and the brackets.
        count > 0 && (isFull || size + event + 2 > limit)
    }

    package var isFull: Bool { count >= events || size >= bytes }

    package mutating func add(_ event: Int) {
        count += 1
        size += event + 1
    }

    package mutating func clear() { (count, size) = (0, 0) }

    /// Parts events into requests, in their order: none is empty, and none is larger than it may be unless a single event is.
    static func parted(_ outgoing: [OutgoingEvent], _ options: ProducerOptions) -> [[OutgoingEvent]] {
        var batch = Batch(options)
        var requests: [[OutgoingEvent]] = []
        for event in outgoing {
            if requests.isEmpty || batch.mustEnd(before: event.bytes.count) {
                requests.append([])
                batch.clear()
            }
            requests[requests.count - 1].append(event)
            batch.add(event.bytes.count)
        }
        return requests
    }
}
