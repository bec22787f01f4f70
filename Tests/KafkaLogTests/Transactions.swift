import CRdKafkaMock
import Testing

/// Writes records in a transaction, as other systems do.
enum Transactions {
    static func write(_ texts: [String], to topic: String, broker: String, commit: Bool) throws {
        var message = [CChar](repeating: 0, count: 512)
        let configuration = unsafe rd_kafka_conf_new()
        for (name, value) in [("bootstrap.servers", broker), ("transactional.id", "t-\(topic)-\(commit)")] {
            try #require(
                unsafe rd_kafka_conf_set(configuration, name, value, &message, message.count) == RD_KAFKA_CONF_OK)
        }
        // The instance takes the configuration over, and is destroyed before this returns.
        let instance = unsafe try #require(
            unsafe rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &message, message.count))
        defer { unsafe rd_kafka_destroy(instance) }
        try #require(unsafe rd_kafka_init_transactions(instance, 30_000) == nil)
        try #require(unsafe rd_kafka_begin_transaction(instance) == nil)
        let handle = unsafe try #require(unsafe rd_kafka_topic_new(instance, topic, nil))
        defer { unsafe rd_kafka_topic_destroy(handle) }
        for text in texts {
            var bytes = Array(text.utf8)
            let code = unsafe rd_kafka_produce(handle, 0, RD_KAFKA_MSG_F_COPY, &bytes, bytes.count, nil, 0, nil)
            try #require(code == 0)
        }
        unsafe rd_kafka_flush(instance, 10_000)
        let error =
            unsafe commit
            ? rd_kafka_commit_transaction(instance, 30_000) : rd_kafka_abort_transaction(instance, 30_000)
        try #require(unsafe error == nil)
    }
}
