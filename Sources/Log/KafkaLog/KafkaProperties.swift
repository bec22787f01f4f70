internal import CRdKafka
internal import EventLog
internal import Glibc

/// librdkafka's properties: those the log needs to keep its promises, those a user may change, and those he may not.
public enum KafkaProperties {
    /// What one instance is for.
    enum Role: Sendable {
        /// Asks for topics and makes them.
        case control
        /// Reads live records.
        case live
        /// Reads blocks of old records.
        case history
        case producer

        var kind: rd_kafka_type_t { self == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER }
    }

    /// Properties that are the log's own, with the reason that is told who tries to set them.
    static let reserved: [String: String] = [
        "bootstrap.servers": "set kafka.brokers instead",
        "metadata.broker.list": "set kafka.brokers instead",
        "acks": "an event is acknowledged when all replicas in sync have it (acks=all)",
        "request.required.acks": "an event is acknowledged when all replicas in sync have it (acks=all)",
        "enable.idempotence": "a retry must not store an event twice",
        "transactional.id": "events are stored one by one, not in transactions",
        "partitioner": "a key must lead to the same partition as with Kafka's own clients",
        "group.id": "records are read without a group",
        "receive.message.max.bytes":
            "a record larger than that would stop its partition, and all others of its broker, for ever",
        "auto.offset.reset": "what is out of range is told to clients, never passed over",
        "enable.auto.commit": "the place of a reader is in its client's hands",
        "enable.auto.offset.store": "the place of a reader is in its client's hands",
        "enable.partition.eof": "the end of a partition must be known",
        "check.crcs": "damaged records must not be sent to clients",
        "log.queue": "log lines are written by the server",
        "debug.queue": "log lines are written by the server",
        "opaque": "it is a pointer", "default_topic_conf": "it is a pointer",
        "test.mock.num.brokers": "it is no real cluster",
    ]

    /// What the log sets unless the user does.
    private static func defaults(_ role: Role, _ options: KafkaLogOptions) -> [(String, String)] {
        let common = [
            ("client.id", "eventstreams"), ("statistics.interval.ms", "5000"), ("socket.keepalive.enable", "true"),
            ("reconnect.backoff.ms", "100"), ("reconnect.backoff.max.ms", "2000"),
            ("topic.metadata.refresh.interval.ms", "10000"), ("broker.address.family", "any"),
            ("log.connection.close", "false"),
        ]
        switch role {
        case .control: return common
        case .live:
            return common + [("fetch.wait.max.ms", "100"), ("fetch.error.backoff.ms", "100")]
        case .history:
            // One fetch and no more: what is not asked for is not read ahead. It hardly waits at a partition's end.
            return common + [
                ("fetch.wait.max.ms", "10"), ("fetch.error.backoff.ms", "100"), ("queued.min.messages", "1"),
                ("fetch.message.max.bytes", String(options.fetchBytes)),
            ]
        case .producer:
            return common + [
                ("linger.ms", "1"), ("message.timeout.ms", "20000"), ("queue.buffering.max.kbytes", "65536"),
            ]
        }
    }

    /// What the log sets whatever the user says.
    private static func fixed(_ role: Role, _ options: KafkaLogOptions) -> [(String, String)] {
        var common = [("log.queue", "true")]
        if !options.brokers.isEmpty { common.append(("bootstrap.servers", options.brokers.joined(separator: ","))) }
        switch role {
        case .control: return common
        case .live, .history:
            // As much as a broker may send: what is larger than a fetch comes alone.
            return common + [
                ("auto.offset.reset", "error"), ("enable.partition.eof", "true"), ("check.crcs", "true"),
                ("receive.message.max.bytes", "2147483647"),
            ]
        case .producer:
            return common + [
                ("enable.idempotence", "true"), ("acks", "all"), ("partitioner", "murmur2_random"),
            ]
        }
    }

    /// Ends the sentence about an unknown name, given all known ones: `; did you mean X?`, or nothing.
    public typealias Hint = @Sendable (_ name: String, _ known: [String]) -> String

    /// Says what is wrong with a user's properties, each in a sentence; none of them shows a value.
    public static func mistakes(_ properties: [String: String], hint: Hint = { _, _ in "" }) -> [String] {
        let set = PropertySet()
        let mistakes = properties.sorted { $0.key < $1.key }.compactMap { name, value in
            if let reason = reserved[name] { return "kafka.properties can't set \(name): \(reason)" }
            return set.set(name, value, hint: hint) ?? unreadable(name, value)
        }
        guard mistakes.isEmpty else { return mistakes }
        for role in [Role.live, .history, .producer] {
            if let mistake = trial(role, properties) { return [mistake] }
        }
        return []
    }

    /// What is wrong with a file that a property names: librdkafka would tell of its contents only.
    private static func unreadable(_ name: String, _ value: String) -> String? {
        guard files.contains(name), value != "probe", unsafe access(value, R_OK) != 0 else { return nil }
        return "kafka.properties: \(name) names a file that can't be read: \(value)"
    }

    private static let files: Set<String> = [
        "ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.keystore.location", "ssl.crl.location",
        "sasl.kerberos.keytab",
    ]

    /// Some properties do not fit together, which shows only when an instance is made: this one knows no broker.
    private static func trial(_ role: Role, _ properties: [String: String]) -> String? {
        do throws(LogError) {
            let set = try set(role, KafkaLogOptions(brokers: [], properties: properties))
            _ = set.set("log_level", "0")
            unsafe rd_kafka_destroy(try set.makeInstance(role.kind))
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// What an instance is made with.
    ///
    /// - Throws: `invalid` where librdkafka does not take a property; `mistakes` says more.
    static func set(_ role: Role, _ options: KafkaLogOptions) throws(LogError) -> PropertySet {
        let set = PropertySet()
        let users = options.properties.map { ($0.key, $0.value) }
        for (name, value) in defaults(role, options) + users + fixed(role, options) {
            if let mistake = set.set(name, value) { throw .invalid(mistake) }
        }
        return set
    }
}
