/// Gathers events into requests: each waits up to `ProducerOptions.linger` for others, and a request that is full goes at
/// once. Requests go one after the other, so events are stored in the order in which `post` was called.
///
/// A caller waits for its event's outcome. What waits here is bounded by how many callers there are.
public actor BatchingProducer {
    private struct Waiting {
        let event: [UInt8]
        let continuation: CheckedContinuation<EventOutcome, Never>
    }

    private let producer: EventProducer
    private let timing: ClientTiming
    private var waiting: [Waiting] = []
    private var batch: Batch
    /// Counts the requests, so that a timer of one before is known.
    private var generation = 0
    private var isSending = false
    private var isDue = false

    init(_ producer: EventProducer, _ timing: ClientTiming) {
        self.producer = producer
        self.timing = timing
        batch = Batch(producer.options)
    }

    /// Sends an event, and returns when the server has answered for it, or it was given up.
    ///
    /// That its caller is cancelled does not take back an event: others go with it in one request.
    ///
    /// - Parameter event: a JSON object with its stream in `meta.stream`.
    public func post(_ event: [UInt8]) async -> EventOutcome {
        await withCheckedContinuation { continuation in
            waiting.append(Waiting(event: event, continuation: continuation))
            batch.add(event.count)
            if batch.isFull {
                sendSoon()
            } else if waiting.count == 1 {
                startTimer()
            }
        }
    }

    /// Sends what waits without waiting longer.
    public func flush() { if !waiting.isEmpty { sendSoon() } }

    private func startTimer() {
        let mine = generation
        let linger = Int64(clamping: max(producer.options.linger, 0))
        Task {
            _ = await timing.sleep(linger)
            if generation == mine, !waiting.isEmpty { sendSoon() }
        }
    }

    private func sendSoon() {
        guard !isSending else {
            isDue = true
            return
        }
        isSending = true
        Task { await sendAll() }
    }

    private func sendAll() async {
        repeat {
            let taken = waiting
            waiting = []
            batch.clear()
            generation += 1
            isDue = false
            let outcomes = await producer.produce(taken.map(\.event))
            for (entry, outcome) in zip(taken, outcomes) { entry.continuation.resume(returning: outcome) }
        } while isDue
        isSending = false
    }
}
