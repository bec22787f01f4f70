internal import CRdKafka
internal import EventLog
internal import JSON
internal import Synchronization

/// Takes what the instances have to say: counts, and tells the operator what becomes of the cluster.
final class EventSink: Sendable {
    let troubles: Troubles
    private let options: KafkaLogOptions
    private let counters: Counters
    private let topology: Topology
    private let state = Mutex((instances: 0, failure: String?.none, isRefused: false))

    init(_ options: KafkaLogOptions, _ counters: Counters, _ topology: Topology) {
        self.options = options
        self.counters = counters
        self.topology = topology
        troubles = Troubles(report: options.report)
    }

    /// What an instance said last of a broker it can't use; nil since the cluster has answered.
    var lastFailure: String? { state.withLock { $0.failure } }

    /// Whether a broker answers and lets nobody in with these credentials: trying again is of no use.
    var isRefused: Bool { state.withLock { $0.isRefused } }

    /// For one instance.
    func handler() -> @Sendable (Client.Event) -> Void {
        let number = state.withLock { state in
            state.instances += 1
            return state.instances
        }
        return { [self] event in
            switch event {
            case .line(let text): troubles.tell(.debug, "librdkafka: \(text)")
            case .failure(let code, let text):
                // Maybe they just were not used for a while: that will show.
                if code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN { topology.isInDoubt = true }
                if code.isBrokerFailure {
                    state.withLock { state in
                        state.failure = text
                        state.isRefused = code.isRefusal
                    }
                }
                troubles.tell(.debug, "librdkafka: \(text)")
            case .statistics(let bytes):
                guard let document = try? JSONDocument(bytes),
                    let received = document.integer(document.value(at: ["rx_bytes"]))
                else { return }
                counters.received.withLock { $0[number] = Int(received) }
            }
        }
    }

    func clusterFellSilent(_ reason: String) {
        troubles.begin(.cluster, "the Kafka cluster does not answer: \(lastFailure ?? reason)")
    }

    func clusterAnswers() {
        troubles.end(.cluster, "the Kafka cluster answers again")
        state.withLock { state in
            state.failure = nil
            state.isRefused = false
        }
    }

    /// Why no broker answers at the start.
    func explain(_ error: LogError) -> LogError {
        guard case .unavailable(let detail) = error else { return error }
        let brokers = options.brokers.joined(separator: ", ")
        let reason = lastFailure ?? "\(detail); what listens there may be no Kafka broker, or expect TLS"
        return .invalid(
            "no Kafka broker answers at \(brokers): \(reason). Check kafka.brokers, that the brokers are up, and kafka.properties (security.protocol, TLS and SASL)."
        )
    }
}
