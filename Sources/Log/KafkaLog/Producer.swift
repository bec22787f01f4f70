internal import CRdKafka
internal import EventLog
internal import Synchronization

/// Stores records: an idempotent producer, made when the first record comes, and made anew after a fatal error.
final class Producer: Sendable {
    private struct State {
        var client: Client?
        /// One that failed for good, and is to be ended.
        var spent: Client?
        /// None is made until the one that failed was ended, and a moment longer.
        var isResting = false
        var isClosed = false
    }

    private let options: KafkaLogOptions
    private let events: EventSink
    private let ends: PartitionEnds
    private let state = Mutex(State())
    /// Bytes of key and value.
    let maximumRecordBytes: Int

    /// - Throws: `invalid` where the properties can't be used.
    init(
        _ options: KafkaLogOptions, _ ends: PartitionEnds, _ events: EventSink
    ) throws(LogError) {
        self.options = options
        self.ends = ends
        self.events = events
        let limit = try KafkaProperties.set(.producer, options).value("message.max.bytes").flatMap { Int($0) }
        // What a record costs beside its key and value.
        maximumRecordBytes = max(1, (limit ?? 1_000_000) - 512)
    }

    func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] {
        let pending = PendingAppend(records, ends)
        for (index, record) in records.enumerated() {
            guard record.value.count + (record.key?.count ?? 0) <= maximumRecordBytes else {
                pending.answer(index, .failure(.recordTooLarge(limit: maximumRecordBytes)))
                continue
            }
            if let failure = produce(record, pending, index) { pending.answer(index, .failure(failure)) }
        }
        let results = await pending.results()
        tell(results, records)
        return results
    }

    /// Tells the operator of topics that can't be written to, and when they can again.
    private func tell(_ results: [Result<Appended, LogError>], _ records: [NewRecord]) {
        var failures: [String: LogError] = [:]
        var stored: Set<String> = []
        for (result, record) in zip(results, records) {
            switch result {
            case .success: stored.insert(record.topic)
            case .failure(let error) where error.isTransient: failures[record.topic] = error
            case .failure: break
            }
        }
        for topic in stored where failures[topic] == nil {
            events.troubles.end(.storing(topic), "events of \(topic) are stored again")
        }
        for (topic, error) in failures {
            events.troubles.begin(.storing(topic), "events of \(topic) can't be stored: \(error)")
        }
    }

    /// Hands one record to the library, under the lock: an instance that is being used is not ended meanwhile.
    private func produce(_ record: NewRecord, _ pending: PendingAppend, _ index: Int) -> LogError? {
        let (failure, isSpent) = state.withLock { state -> (LogError?, Bool) in
            do throws(LogError) {
                let client = try instance(&state)
                let code = Self.produce(record, client, pending, index)
                guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return (nil, false) }
                let isFatal = code == RD_KAFKA_RESP_ERR__FATAL
                if isFatal {
                    // It lost its sequence, or may have none, and can't go on; a later record makes another.
                    state.client = nil
                    state.spent = client
                    state.isResting = true
                }
                return (LogError(code, record.topic), isFatal)
            } catch {
                return (error, false)
            }
        }
        if isSpent { Task { await endSpent() } }
        return failure
    }

    private static func produce(
        _ record: NewRecord, _ client: Client, _ pending: PendingAppend, _ index: Int
    ) -> rd_kafka_resp_err_t {
        let ticket = unsafe pending.ticket(index)
        // Kafka keeps no time before 1970, and to librdkafka 0 is now.
        let timestamp = max(1, record.timestamp)
        // An address also where there are no bytes: without one there would be no key, or a tombstone.
        var nothing: UInt8 = 0
        let code = unsafe withUnsafePointer(to: &nothing) { nothing in
            unsafe record.value.withUnsafeBytes { value in
                unsafe (record.key ?? []).withUnsafeBytes { key in
                    unsafe crdkafka_produce(
                        client.handle, record.topic, timestamp,
                        record.key == nil ? nil : key.baseAddress ?? UnsafeRawPointer(nothing), key.count,
                        value.baseAddress ?? UnsafeRawPointer(nothing), value.count, ticket)
                }
            }
        }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { unsafe PendingAppend.giveBack(ticket) }
        return code
    }

    private func instance(_ state: inout State) throws(LogError) -> Client {
        if state.isClosed { throw .closed }
        if let client = state.client { return client }
        guard !state.isResting else { throw .unavailable("Kafka: the producer failed and is made anew") }
        let client = try Client(.producer, options, onEvent: events.handler())
        state.client = client
        return client
    }

    /// Ends what failed, before another is made: each has threads and connections of its own, and what made one fail may
    /// make the next one fail.
    private func endSpent() async {
        if let client = state.withLock({ $0.spent.take() }) { await end(client, 1_000) }
        // Nobody cancels it.
        try? await Task.sleep(for: .seconds(1))
        state.withLock { $0.isResting = false }
    }

    /// Stores what was taken, if that works within a few seconds, and ends.
    func close() async {
        let clients = state.withLock { state in
            state.isClosed = true
            return [state.spent.take(), state.client.take()].compactMap { $0 }
        }
        for client in clients { await end(client, 3_000) }
    }

    /// - Parameter milliseconds: how long what was taken may still be stored.
    private func end(_ client: Client, _ milliseconds: Int32) async {
        await OwnThread.run {
            unsafe rd_kafka_flush(client.handle, milliseconds)
            // What is left is answered with an error.
            unsafe rd_kafka_purge(client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
            unsafe rd_kafka_flush(client.handle, 1_000)
        }
        await client.close()
    }
}
