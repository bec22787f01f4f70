internal import CRdKafka
internal import EventLog
internal import JSON
internal import Synchronization

/// Takes what the instances have to say.
final class EventSink: Sendable {
    private let options: KafkaLogOptions
    private let counters: Counters
    private let topology: Topology
    private let state = Mutex((instances: 0, failure: String?.none))

    init(_ options: KafkaLogOptions, _ counters: Counters, _ topology: Topology) {
        self.options = options
        self.counters = counters
        self.topology = topology
    }

    /// What an instance said last of a broker it can't use.
    var lastFailure: String? { state.withLock { $0.failure } }

    /// For one instance.
    func handler() -> @Sendable (Client.Event) -> Void {
        let number = state.withLock { state in
            state.instances += 1
            return state.instances
        }
        return { [self] event in
            switch event {
            case .line(let level, let text): options.report(level, text)
            case .failure(let code, let text):
                // Maybe they just were not used for a while: that will show.
                if code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN { topology.isInDoubt = true }
                if code.isBrokerFailure { state.withLock { $0.failure = text } }
                options.report(code.isRefusal ? 3 : 5, text)
            case .statistics(let bytes):
                guard let document = try? JSONDocument(bytes),
                    let received = document.integer(document.value(at: ["rx_bytes"]))
                else { return }
                counters.received.withLock { $0[number] = Int(received) }
            }
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
