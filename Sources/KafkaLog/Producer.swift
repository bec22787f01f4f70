internal import CRdKafka
internal import EventLog
internal import Synchronization

/// Stores records: an idempotent producer, made when the first record comes, and made anew after a fatal error.
final class Producer: Sendable {
    private struct State {
        var client: Client?
        /// Those that failed for good: they are ended with the rest.
        var spent: [Client] = []
        var isClosed = false
    }

    private let options: KafkaLogOptions
    private let onEvent: @Sendable (Client.Event) -> Void
    private let state = Mutex(State())
    /// Bytes of key and value.
    let maximumRecordBytes: Int

    /// - Throws: `invalid` where the properties can't be used.
    init(_ options: KafkaLogOptions, onEvent: @escaping @Sendable (Client.Event) -> Void) throws(LogError) {
        self.options = options
        self.onEvent = onEvent
        let limit = try KafkaProperties.configuration(.producer, options).value("message.max.bytes").flatMap { Int($0) }
        // What a record costs beside its key and value.
        maximumRecordBytes = max(1, (limit ?? 1_000_000) - 512)
    }

    func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] {
        let client: Client
        do {
            client = try instance()
        } catch {
            return records.map { _ in .failure(error) }
        }
        let pending = PendingAppend(records)
        for (index, record) in records.enumerated() {
            guard record.value.count + (record.key?.count ?? 0) <= maximumRecordBytes else {
                pending.answer(index, .failure(.recordTooLarge(limit: maximumRecordBytes)))
                continue
            }
            let code = Self.produce(record, client, pending, index)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            if code == RD_KAFKA_RESP_ERR__FATAL { retire(client) }
            pending.answer(index, .failure(LogError(code, record.topic)))
        }
        return await pending.results()
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

    private func instance() throws(LogError) -> Client {
        let result = state.withLock { state -> Result<Client, LogError> in
            if state.isClosed { return .failure(.closed) }
            if let client = state.client { return .success(client) }
            do throws(LogError) {
                let client = try Client(.producer, options, onEvent: onEvent)
                state.client = client
                return .success(client)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// An idempotent producer that lost its sequence can't go on; the next record makes another.
    private func retire(_ client: Client) {
        state.withLock { state in
            guard state.client === client else { return }
            state.client = nil
            state.spent.append(client)
        }
    }

    /// Stores what was taken, if that works within a few seconds, and ends.
    func close(_ control: isolated Control) async {
        let clients = state.withLock { state in
            state.isClosed = true
            defer {
                state.client = nil
                state.spent = []
            }
            return state.spent + [state.client].compactMap { $0 }
        }
        for client in clients {
            unsafe rd_kafka_flush(client.handle, 5_000)
            // What is left is answered with an error.
            unsafe rd_kafka_purge(client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
            unsafe rd_kafka_flush(client.handle, 1_000)
            await client.close(control)
        }
    }
}
