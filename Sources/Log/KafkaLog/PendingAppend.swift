internal import CRdKafka
internal import EventLog
internal import Synchronization

/// The records of one call of `append` on their way, until the cluster has answered for each.
final class PendingAppend: Sendable {
    private struct State {
        var results: [Result<Appended, LogError>?]
        var missing: Int
        var waiter: CheckedContinuation<[Result<Appended, LogError>], Never>?

        var all: [Result<Appended, LogError>] { results.map { $0 ?? .failure(.closed) } }
    }

    /// What a message carries through librdkafka and back.
    private final class Ticket: Sendable {
        let append: PendingAppend
        let index: Int

        init(_ append: PendingAppend, _ index: Int) {
            self.append = append
            self.index = index
        }
    }

    private let state: Mutex<State>
    private let topics: [String]
    private let ends: PartitionEnds

    init(_ records: [NewRecord], _ ends: PartitionEnds) {
        self.ends = ends
        topics = records.map(\.topic)
        state = Mutex(State(results: Array(repeating: nil, count: records.count), missing: records.count))
    }

    /// Owned by the message until it comes back by `deliver` (or `giveBack`, where it was never taken).
    func ticket(_ index: Int) -> UnsafeMutableRawPointer {
        unsafe Unmanaged.passRetained(Ticket(self, index)).toOpaque()
    }

    static func giveBack(_ ticket: UnsafeMutableRawPointer) { unsafe Unmanaged<Ticket>.fromOpaque(ticket).release() }

    /// Takes the answer for one message, which carried a ticket.
    ///
    /// - Parameter message: of a delivery report, not destroyed yet.
    static func deliver(_ message: UnsafePointer<rd_kafka_message_t>) {
        guard let opaque = unsafe message.pointee._private else { return }
        // The reference that `ticket` made; a message is reported once.
        let ticket = unsafe Unmanaged<Ticket>.fromOpaque(opaque).takeRetainedValue()
        let topic = ticket.append.topics[ticket.index]
        let code = unsafe message.pointee.err
        let place = Appended(
            topicPartition: TopicPartition(topic, unsafe message.pointee.partition),
            offset: unsafe message.pointee.offset)
        if code == RD_KAFKA_RESP_ERR_NO_ERROR, place.offset >= 0 {
            // Of the broker, where the topic is set so that times are those of its clock.
            var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
            let timestamp = unsafe rd_kafka_message_timestamp(message, &kind)
            ticket.append.ends.saw(place.topicPartition, place.offset, timestamp)
        }
        ticket.append.answer(
            ticket.index, code == RD_KAFKA_RESP_ERR_NO_ERROR ? .success(place) : .failure(LogError(code, topic)))
    }

    func answer(_ index: Int, _ result: Result<Appended, LogError>) {
        let done = state.withLock { state -> (CheckedContinuation<[Result<Appended, LogError>], Never>, State)? in
            if state.results[index] == nil { state.missing -= 1 }
            state.results[index] = result
            guard state.missing == 0, let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter, state)
        }
        if let (waiter, state) = done { waiter.resume(returning: state.all) }
    }

    /// Returns when each record has its answer.
    func results() async -> [Result<Appended, LogError>] {
        await withCheckedContinuation { waiter in
            let all = state.withLock { state -> [Result<Appended, LogError>]? in
                if state.missing == 0 { return state.all }
                state.waiter = waiter
                return nil
            }
            if let all { waiter.resume(returning: all) }
        }
    }
}

extension LogError {
    /// Why a record could not be stored.
    init(_ code: rd_kafka_resp_err_t, _ topic: String) {
        switch code {
        case _ where code.isUnknownTopic: self = .topicNotFound(topic)
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: self = .full("too much waits for the Kafka cluster")
        case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
            self = .refused("the Kafka cluster does not take the record: \(code.text)")
        default: self = .unavailable("Kafka: \(code.text)")
        }
    }
}
