internal import CRdKafka
internal import EventLog
internal import System

/// A consumer all of whose partitions come by one queue. Used by one `LiveReader`, on its thread.
///
/// There is no group: each partition is started at an offset of our choice.
@safe final class LiveConsumer {
    private let client: Client
    private let queue: OpaquePointer
    /// Fires whenever the empty queue gets an element.
    let signal: ChangeSignal
    private var isClosed = false

    /// - Parameter signal: kept as long as the queue may tell it.
    init(_ client: Client, _ signal: ChangeSignal) throws(LogError) {
        guard let queue = unsafe rd_kafka_queue_new(client.handle) else { throw .unavailable("Kafka: no queue") }
        self.client = client
        self.signal = signal
        unsafe self.queue = queue
        unsafe Client.wake(signal, by: queue)
    }

    deinit {
        // Without `close`, the library would tell a signal that is no more.
        if !isClosed { unsafe Client.silence(queue) }
    }

    /// Begins to read a partition.
    ///
    /// - Returns: whether librdkafka took it.
    func start(_ partition: TopicPartition, at offset: Offset) -> Bool {
        guard !isClosed, let topic = unsafe try? client.topic(partition.topic) else { return false }
        return unsafe rd_kafka_consume_start_queue(topic, partition.partition, offset, queue) == 0
    }

    /// Ends reading a partition. What has come of it and was not taken yet is dropped. It blocks until librdkafka's own thread
    /// has taken note.
    func stop(_ partition: TopicPartition) {
        guard !isClosed, let topic = unsafe try? client.topic(partition.topic) else { return }
        unsafe rd_kafka_consume_stop(topic, partition.partition)
    }

    /// Takes what is there, without waiting.
    ///
    /// - Parameter body: takes one element, and says whether there is room for another batch.
    func drain(_ body: (Fetched) -> Bool) {
        guard !isClosed else { return }
        var reader = MessageReader()
        // Freed when this returns; the library fills in no more than it is told there is room for.
        let batch = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: 256)
        unsafe batch.initialize(repeating: nil)
        defer { unsafe batch.deallocate() }
        var hasRoom = true
        while hasRoom {
            let count = unsafe rd_kafka_consume_batch_queue(queue, 0, batch.baseAddress, batch.count)
            guard count > 0 else { return }
            for index in 0..<count {
                guard let message = unsafe batch[index], let fetched = unsafe reader.take(message) else { continue }
                hasRoom = body(fetched)
            }
        }
    }

    /// Ends all of it, apart from the client. Every partition must have been stopped.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        unsafe Client.silence(queue)
        unsafe rd_kafka_queue_destroy(queue)
    }
}
