internal import CRdKafka
internal import EventLog
internal import Synchronization
internal import System

/// One instance of librdkafka, with its threads and its connections. It may be used from any thread.
///
/// `@unchecked Sendable`: the handles never change, and librdkafka's calls may be made from several threads at once.
@safe final class Client: @unchecked Sendable {
    /// What an instance has to say, apart from records.
    enum Event: Sendable {
        /// A line of librdkafka's log.
        case line(String)
        case failure(rd_kafka_resp_err_t, String)
        /// A JSON document.
        case statistics([UInt8])
    }

    /// Valid until `close`, which is called once nobody uses it any more.
    let handle: OpaquePointer
    private let mainQueue: OpaquePointer
    private let signal = ChangeSignal()
    private let topics = Mutex<[String: Topic]>([:])
    private let isClosed = Atomic(false)
    private let pump = Mutex<Task<Void, Never>?>(nil)

    /// A handle of a topic, from which partitions are read.
    @safe struct Topic: @unchecked Sendable {
        let handle: OpaquePointer
    }

    init(
        _ role: KafkaProperties.Role, _ options: KafkaLogOptions, onEvent: @escaping @Sendable (Event) -> Void
    ) throws(LogError) {
        let properties = try KafkaProperties.set(role, options)
        properties.set(
            events: RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG
                | (role == .producer ? RD_KAFKA_EVENT_DR : 0))
        unsafe handle = try properties.makeInstance(role.kind)
        unsafe rd_kafka_set_log_queue(handle, nil)
        unsafe mainQueue = rd_kafka_queue_get_main(handle)
        unsafe Self.wake(signal, by: mainQueue)
        let task = Task { [self] in await run(onEvent) }
        pump.withLock { $0 = task }
    }

    /// Fires a signal whenever an empty queue gets an element. The signal must outlive the queue or `silence`.
    static func wake(_ signal: ChangeSignal, by queue: OpaquePointer) {
        // Called on a thread of librdkafka, under the queue's lock: it may do no more than tell.
        unsafe rd_kafka_queue_cb_event_enable(
            queue,
            { _, signal in
                guard let signal = unsafe signal else { return }
                unsafe Unmanaged<ChangeSignal>.fromOpaque(signal).takeUnretainedValue().fire()
            }, Unmanaged.passUnretained(signal).toOpaque())
    }

    /// When this returns, the queue tells nobody any more.
    static func silence(_ queue: OpaquePointer) { unsafe rd_kafka_queue_cb_event_enable(queue, nil, nil) }

    func topic(_ name: String) throws(LogError) -> OpaquePointer {
        let found = topics.withLock { topics -> Topic? in
            if let known = topics[name] { return known }
            guard let handle = unsafe rd_kafka_topic_new(self.handle, name, nil) else { return nil }
            let topic = unsafe Topic(handle: handle)
            topics[name] = topic
            return topic
        }
        guard let found else { throw .unavailable("Kafka: \(rd_kafka_last_error().text)") }
        return unsafe found.handle
    }

    /// Asks the cluster for one offset of a partition: that of the first record at or after a time (nil: there is none), or, for
    /// `RD_KAFKA_OFFSET_BEGINNING` and `RD_KAFKA_OFFSET_END`, the first one kept and the next one.
    ///
    /// `rd_kafka_query_watermark_offsets` would do for the latter, but waits for a broker that is away as long as it is.
    ///
    /// - Parameter timeout: milliseconds.
    func offset(_ partition: TopicPartition, at time: Int64, timeout: Int32) throws(LogError) -> Offset? {
        do throws(CodeError) {
            return try ask(partition, at: time, timeout)
        } catch {
            guard error.code.isStaleTopology else { throw LogError(error.code, partition) }
        }
        // The instance remembers for long that nobody led the partition, or that there was none.
        learn(partition.topic, timeout)
        do throws(CodeError) {
            return try ask(partition, at: time, timeout)
        } catch {
            throw LogError(error.code, partition)
        }
    }

    /// Has the instance ask for the partitions and leaders of a topic.
    private func learn(_ name: String, _ timeout: Int32) {
        guard let topic = unsafe try? topic(name) else { return }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        guard unsafe rd_kafka_metadata(handle, 0, topic, &metadata, timeout) == RD_KAFKA_RESP_ERR_NO_ERROR,
            let metadata = unsafe metadata
        else { return }
        unsafe rd_kafka_metadata_destroy(metadata)
    }

    private struct CodeError: Error {
        var code: rd_kafka_resp_err_t
    }

    private func ask(_ partition: TopicPartition, at time: Int64, _ timeout: Int32) throws(CodeError) -> Offset? {
        let list = unsafe rd_kafka_topic_partition_list_new(1)
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        unsafe rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition).pointee.offset = time
        var code = unsafe rd_kafka_offsets_for_times(handle, list, timeout)
        // The list has the one element that was added.
        guard let element = unsafe list?.pointee.elems[0] else { throw CodeError(code: RD_KAFKA_RESP_ERR__FAIL) }
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { unsafe code = element.err }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw CodeError(code: code) }
        return unsafe element.offset >= 0 ? element.offset : nil
    }

    /// Ends the instance. Nothing of it may be used afterwards, and all that was started must have been stopped.
    ///
    /// It may take long, and while no broker answers for ever: librdkafka waits for requests that nobody will answer. The
    /// caller bounds its wait.
    func close() async {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        signal.fire()
        await pump.withLock { $0 }?.value
        await OwnThread.run { [self] in destroy() }
    }

    private func destroy() {
        unsafe Self.silence(mainQueue)
        unsafe rd_kafka_queue_destroy(mainQueue)
        for topic in topics.withLock({ $0 }).values { unsafe rd_kafka_topic_destroy(topic.handle) }
        unsafe rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }

    // MARK: Events

    private func run(_ onEvent: @Sendable (Event) -> Void) async {
        while true {
            let epoch = signal.epoch
            while let event = unsafe rd_kafka_queue_poll(mainQueue, 0) {
                unsafe serve(event, onEvent)
                unsafe rd_kafka_event_destroy(event)
            }
            if isClosed.load(ordering: .relaxed) { return }
            await signal.wait(since: epoch)
        }
    }

    /// - Parameter event: of the main queue, not destroyed yet, as are the texts it holds.
    private func serve(_ event: OpaquePointer, _ onEvent: @Sendable (Event) -> Void) {
        switch unsafe rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR:
            while let message = unsafe rd_kafka_event_message_next(event) {
                unsafe PendingAppend.deliver(message)
            }
        case RD_KAFKA_EVENT_ERROR:
            let code = unsafe rd_kafka_event_error(event)
            let text = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
            onEvent(.failure(code, text ?? code.text))
        case RD_KAFKA_EVENT_LOG:
            var (facility, text): (UnsafePointer<CChar>?, UnsafePointer<CChar>?) = (nil, nil)
            var level: Int32 = 6
            guard unsafe rd_kafka_event_log(event, &facility, &text, &level) == 0, let text = unsafe text else {
                return
            }
            onEvent(.line(unsafe String(cString: text)))
        case RD_KAFKA_EVENT_STATS:
            guard let text = unsafe rd_kafka_event_stats(event) else { return }
            onEvent(.statistics(Array(unsafe String(cString: text).utf8)))
        default: break
        }
    }
}
