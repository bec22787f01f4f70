internal import CRdKafka
internal import EventLog

extension Record {
    /// Copies a message once; it may be destroyed afterwards, which lets go of the whole fetch it came in.
    ///
    /// - Parameter message: without an error, not destroyed yet. A missing value (a tombstone) becomes an empty one.
    init(_ message: borrowing rd_kafka_message_t, timestamp: Timestamp) {
        let value = unsafe UnsafeRawBufferPointer(
            start: message.payload, count: message.payload == nil ? 0 : message.len)
        let (bytes, count) = unsafe (message.key, message.key_len)
        let key = unsafe bytes.map { unsafe [UInt8](UnsafeRawBufferPointer(start: $0, count: count)) }
        self.init(offset: unsafe message.offset, timestamp: timestamp, key: key, value: unsafe [UInt8](value))
    }

    var byteCount: Int { value.count + (key?.count ?? 0) }
}

/// One element of a consumer's queue.
enum Fetched {
    case record(TopicPartition, Record)
    /// The partition's end, for now: the next offset there.
    case end(TopicPartition, Offset)
    /// The offset is that of the batch that is damaged, where the library knows; else negative.
    case failure(TopicPartition, rd_kafka_resp_err_t, String, Offset)
}

/// Turns a queue's messages into values. Neighbours are mostly of one partition, whose name is made once.
@safe struct MessageReader {
    private var topic: OpaquePointer?
    private var last: TopicPartition?

    /// - Parameter message: of a consumer's queue; it is destroyed.
    mutating func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> Fetched? {
        defer { unsafe rd_kafka_message_destroy(message) }
        guard let partition = unsafe name(message.pointee) else { return nil }
        let code = unsafe message.pointee.err
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
            let timestamp = unsafe rd_kafka_message_timestamp(message, &kind)
            return .record(partition, unsafe Record(message.pointee, timestamp: timestamp))
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: return .end(partition, unsafe message.pointee.offset)
        default:
            // The text is part of the message, which is there until this returns.
            let text = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) } ?? code.text
            return .failure(partition, code, text, unsafe message.pointee.offset)
        }
    }

    private mutating func name(_ message: borrowing rd_kafka_message_t) -> TopicPartition? {
        guard let handle = unsafe message.rkt else { return nil }
        let number = unsafe message.partition
        if let last, unsafe handle == topic, number == last.partition { return last }
        // A handle's name lives as long as the handle, which the message holds on to.
        let partition = TopicPartition(unsafe String(cString: rd_kafka_topic_name(handle)), number)
        unsafe topic = handle
        last = partition
        return partition
    }
}
