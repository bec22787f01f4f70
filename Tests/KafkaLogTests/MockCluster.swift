import CRdKafkaMock
import EventLog
import KafkaLog
import Synchronization
import Testing

/// librdkafka's cluster inside the process, whose brokers fail on request. It knows no times, no retention and no topics
/// made by others: those are for a real broker.
///
/// `@unchecked Sendable`: the handles never change, and librdkafka's calls may be made from several threads.
@safe final class MockCluster: @unchecked Sendable {
    /// What a request is for (Kafka protocol, API keys).
    enum Request: Int16 {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case initProducerID = 22
    }

    private let instance: OpaquePointer
    private let cluster: OpaquePointer
    let brokers: [String]

    init(brokers count: Int32) throws {
        var text = [CChar](repeating: 0, count: 512)
        // The array outlives the call.
        unsafe instance = try #require(unsafe rd_kafka_new(RD_KAFKA_PRODUCER, nil, &text, text.count))
        unsafe cluster = try #require(unsafe rd_kafka_mock_cluster_new(instance, count))
        brokers = unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster)).split(separator: ",").map {
            String($0)
        }
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(cluster)
        unsafe rd_kafka_destroy(instance)
    }

    func create(_ topic: String, partitions: Int32, replicas: Int32 = 1) {
        unsafe rd_kafka_mock_topic_create(cluster, topic, partitions, replicas)
    }

    /// The next requests of a kind are answered with these errors, one each.
    func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        // Copied before the call returns.
        unsafe rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    /// The errors that are still to come are forgotten.
    func clearErrors(_ request: Request) { unsafe rd_kafka_mock_clear_request_errors(cluster, request.rawValue) }

    func takeDown(_ broker: Int32) { unsafe rd_kafka_mock_broker_set_down(cluster, broker) }
    func bringUp(_ broker: Int32) { unsafe rd_kafka_mock_broker_set_up(cluster, broker) }

    /// Each answer of a broker comes so much later. Milliseconds.
    func delay(_ broker: Int32, by milliseconds: Int32) {
        unsafe rd_kafka_mock_broker_set_rtt(cluster, broker, milliseconds)
    }

    /// - Parameter broker: nil: none leads the partition from now on.
    func move(_ partition: TopicPartition, to broker: Int32?) {
        unsafe rd_kafka_mock_partition_set_leader(cluster, partition.topic, partition.partition, broker ?? -1)
    }

    /// A log of this cluster, for as long as the body runs.
    ///
    /// - Parameters:
    ///   - properties: of librdkafka.
    ///   - reports: takes what is told to the operator.
    ///   - adjust: changes what the log is opened with.
    func withLog(
        _ properties: [String: String] = [:], reports: Reports = Reports(),
        adjust: (inout KafkaLogOptions) -> Void = { _ in }, _ body: (KafkaLog) async throws -> Void
    ) async throws {
        var options = KafkaLogOptions(brokers: brokers, properties: properties)
        options.properties["reconnect.backoff.max.ms"] = "200"
        options.requestTimeout = 5_000
        options.refreshInterval = .milliseconds(200)
        options.retryInterval = .milliseconds(100)
        options.grace = .zero
        options.report = { reports.add($0) }
        adjust(&options)
        try await opened(options, body)
    }
}

/// Opens a log for as long as the body runs.
func opened(_ options: KafkaLogOptions, _ body: (KafkaLog) async throws -> Void) async throws {
    let log = try await KafkaLog.open(options)
    do {
        try await body(log)
    } catch {
        await log.close()
        throw error
    }
    await log.close()
}

/// What a log has told its operator, without librdkafka's own lines.
final class Reports: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ report: KafkaReport) {
        if report.level != .debug { lines.withLock { $0.append(report.text) } }
    }

    /// The lines that hold a text.
    func naming(_ text: String) -> [String] { lines.withLock { $0.filter { $0.contains(text) } } }
}
