internal import CRdKafka
internal import EventLog
internal import Glibc
internal import System

/// Asks the cluster for its topics and changes them, on a thread that may block.
actor Control {
    private let thread: BlockingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private let client: Client
    private let options: KafkaLogOptions
    private let topology: Topology
    private let events: EventSink
    private var isClosed = false
    /// The last answer for all topics, and when the question was asked.
    private var last: (asked: ContinuousClock.Instant, answer: Result<[String: Int32], LogError>)?

    init(
        _ options: KafkaLogOptions, _ topology: Topology, _ events: EventSink, _ client: Client
    ) throws(LogError) {
        do { thread = try BlockingThread() } catch { throw .unavailable("no thread could be started") }
        self.options = options
        self.topology = topology
        self.events = events
        self.client = client
    }

    /// All topics as they are now or a moment later. However many ask while the cluster is slow, or gone, they wait for one
    /// answer, not for one each.
    ///
    /// - Parameter timeout: milliseconds; nil: as the options say.
    @discardableResult
    nonisolated func topics(timeout: Int32? = nil) async throws(LogError) -> [String: Int32] {
        try await topics(since: .now, timeout: timeout)
    }

    private func topics(
        since now: ContinuousClock.Instant, timeout: Int32?
    ) throws(LogError) -> [String: Int32] {
        guard !isClosed else { throw .closed }
        if let last, last.asked >= now { return try last.answer.get() }
        let asked = ContinuousClock.now
        let answer: Result<[String: Int32], LogError>
        do throws(LogError) {
            answer = .success(try refresh(timeout: timeout))
        } catch {
            answer = .failure(error)
        }
        last = (asked, answer)
        return try answer.get()
    }

    private func refresh(timeout: Int32? = nil) throws(LogError) -> [String: Int32] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = unsafe rd_kafka_metadata(client.handle, 1, nil, &metadata, timeout ?? options.requestTimeout)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let found = unsafe metadata else {
            if topology.fail(code.text) { events.clusterFellSilent(code.text) }
            throw .unavailable("Kafka: \(code.text)")
        }
        defer { unsafe rd_kafka_metadata_destroy(found) }
        var topics: [String: Topology.Topic] = [:]
        var unclear: [String] = []
        // The array has as many elements as the count beside it says, until the metadata is destroyed.
        for index in 0..<Int(unsafe found.pointee.topic_cnt) {
            let topic = unsafe found.pointee.topics[index]
            let name = unsafe String(cString: topic.topic)
            if unsafe topic.partition_cnt > 0 {
                unsafe topics[name] = Self.describe(topic)
            } else if unsafe !topic.err.isUnknownTopic {
                unclear.append(name)
            }
        }
        if topology.replace(topics, unclear: unclear) != nil { events.clusterAnswers() }
        return topology.counts
    }

    /// - Parameter topic: of metadata that is not destroyed yet, with as many partitions as its count says.
    private static func describe(_ topic: borrowing rd_kafka_metadata_topic) -> Topology.Topic {
        let count = unsafe topic.partition_cnt
        var leaderless: Set<Int32> = []
        for index in 0..<Int(count) where unsafe topic.partitions[index].leader < 0 {
            unsafe leaderless.insert(topic.partitions[index].id)
        }
        return Topology.Topic(count: count, leaderless: leaderless)
    }

    /// What an error about a partition means. An instance does not know a partition also where nobody leads it, or where it has
    /// not heard of it yet: only the cluster's list of topics says what does not exist.
    nonisolated func explain(_ error: LogError, _ partition: TopicPartition) async -> LogError {
        guard case .unavailable = error, topology.silence == nil, !topology.isClosed else { return error }
        let found: [String: Int32]
        do throws(LogError) { found = try await topics() } catch { return error }
        guard let count = found[partition.topic] else { return .topicNotFound(partition.topic) }
        guard (0..<count).contains(partition.partition) else { return .partitionNotFound(partition) }
        return topology.isLeaderless(partition) ? .noLeader(partition) : error
    }

    /// Creates a topic, or adds partitions, and waits until the cluster shows them.
    func create(_ name: String, partitions: Int32) throws(LogError) {
        guard !isClosed else { throw .closed }
        guard partitions > 0 else { throw .invalid("a topic needs at least one partition, not \(partitions)") }
        let count = try refresh()[name] ?? 0
        guard count < partitions else { return }
        unsafe try change { client, queue, request, text in
            if count == 0 {
                var topic = unsafe rd_kafka_NewTopic_new(
                    name, partitions, options.replicationFactor > 0 ? Int32(options.replicationFactor) : -1, &text,
                    text.count)
                guard unsafe topic != nil else { return false }
                unsafe rd_kafka_CreateTopics(client, &topic, 1, request, queue)
                unsafe rd_kafka_NewTopic_destroy(topic)
            } else {
                var more = unsafe rd_kafka_NewPartitions_new(name, Int(partitions), &text, text.count)
                guard unsafe more != nil else { return false }
                unsafe rd_kafka_CreatePartitions(client, &more, 1, request, queue)
                unsafe rd_kafka_NewPartitions_destroy(more)
            }
            return true
        }
        try waitFor(name, partitions)
    }

    /// Removes the records of a partition before an offset.
    func deleteRecords(_ partition: TopicPartition, before offset: Offset) throws(LogError) {
        guard !isClosed else { throw .closed }
        unsafe try change { client, queue, request, _ in
            let list = unsafe rd_kafka_topic_partition_list_new(1)
            defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
            unsafe rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition).pointee.offset = offset
            var records = unsafe rd_kafka_DeleteRecords_new(list)
            unsafe rd_kafka_DeleteRecords(client, &records, 1, request, queue)
            unsafe rd_kafka_DeleteRecords_destroy(records)
            return true
        }
    }

    func deleteTopic(_ name: String) throws(LogError) {
        guard !isClosed else { throw .closed }
        unsafe try change { client, queue, request, _ in
            var topic = unsafe rd_kafka_DeleteTopic_new(name)
            guard unsafe topic != nil else { return false }
            unsafe rd_kafka_DeleteTopics(client, &topic, 1, request, queue)
            unsafe rd_kafka_DeleteTopic_destroy(topic)
            return true
        }
    }

    func close() async {
        guard !isClosed else { return }
        isClosed = true
        await client.close()
    }

    // MARK: Changes

    /// Sends one request and waits for its answer.
    private func change(
        _ send: (OpaquePointer, OpaquePointer, OpaquePointer?, inout [CChar]) -> Bool
    ) throws(LogError) {
        let queue = unsafe rd_kafka_queue_new(client.handle)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        let request = unsafe rd_kafka_AdminOptions_new(client.handle, RD_KAFKA_ADMIN_OP_ANY)
        defer { unsafe rd_kafka_AdminOptions_destroy(request) }
        var text = [CChar](repeating: 0, count: 512)
        unsafe rd_kafka_AdminOptions_set_request_timeout(request, options.requestTimeout, &text, text.count)
        guard let queue = unsafe queue, unsafe send(client.handle, queue, request, &text) else {
            throw .invalid("Kafka: \(String(text: text))")
        }
        guard let event = unsafe rd_kafka_queue_poll(queue, options.requestTimeout + 5_000) else {
            throw .unavailable("Kafka: no answer in time")
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        let (code, detail) = unsafe Self.outcome(event)
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: return
        case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
            // Somebody else was quicker; whether that is enough shows when it is waited for.
            return
        case _
        where code.isRefusal || code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR
            || code == RD_KAFKA_RESP_ERR_POLICY_VIOLATION || code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
            throw .invalid("Kafka: \(detail)")
        default: throw .unavailable("Kafka: \(detail)")
        }
    }

    /// - Parameter event: the answer to one of the requests above, for one topic; not destroyed yet.
    private static func outcome(_ event: OpaquePointer) -> (rd_kafka_resp_err_t, String) {
        let whole = unsafe rd_kafka_event_error(event)
        if whole != RD_KAFKA_RESP_ERR_NO_ERROR {
            return (whole, unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) } ?? whole.text)
        }
        var count = 0
        var results: UnsafeMutablePointer<OpaquePointer?>?
        if let answer = unsafe rd_kafka_event_CreateTopics_result(event) {
            unsafe results = rd_kafka_CreateTopics_result_topics(answer, &count)
        } else if let answer = unsafe rd_kafka_event_CreatePartitions_result(event) {
            unsafe results = rd_kafka_CreatePartitions_result_topics(answer, &count)
        } else if let answer = unsafe rd_kafka_event_DeleteTopics_result(event) {
            unsafe results = rd_kafka_DeleteTopics_result_topics(answer, &count)
        } else if let answer = unsafe rd_kafka_event_DeleteRecords_result(event) {
            guard let list = unsafe rd_kafka_DeleteRecords_result_offsets(answer), unsafe list.pointee.cnt > 0 else {
                return (RD_KAFKA_RESP_ERR_NO_ERROR, "")
            }
            let code = unsafe list.pointee.elems[0].err
            return (code, code.text)
        }
        guard count > 0, let result = unsafe results?[0] else { return (RD_KAFKA_RESP_ERR_NO_ERROR, "") }
        let code = unsafe rd_kafka_topic_result_error(result)
        return (code, unsafe rd_kafka_topic_result_error_string(result).map { unsafe String(cString: $0) } ?? code.text)
    }

    /// A new partition can be used once it has a leader.
    private func waitFor(_ name: String, _ partitions: Int32) throws(LogError) {
        let deadline = ContinuousClock.now + .milliseconds(Int(options.requestTimeout))
        while ContinuousClock.now < deadline {
            if try refresh()[name] ?? 0 >= partitions, hasLeaders(name, partitions) { return }
            usleep(20_000)
        }
        throw .unavailable("Kafka: topic \(name) does not appear")
    }

    private func hasLeaders(_ name: String, _ partitions: Int32) -> Bool {
        (0..<partitions).allSatisfy { partition in
            let end = try? client.offset(
                TopicPartition(name, partition), at: Int64(RD_KAFKA_OFFSET_END), timeout: options.requestTimeout)
            return end != nil
        }
    }
}
