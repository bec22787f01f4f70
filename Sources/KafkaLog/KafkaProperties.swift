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
        let common = [("bootstrap.servers", options.brokers.joined(separator: ",")), ("log.queue", "true")]
        switch role {
        case .control: return common
        case .live, .history:
            // As much as a broker may send: what is larger than a fetch comes alone.
            return common + [
                ("auto.offset.reset", "error"), ("enable.partition.eof", "true"),
                ("receive.message.max.bytes", "2147483647"),
            ]
        case .producer:
            return common + [
                ("enable.idempotence", "true"), ("acks", "all"), ("partitioner", "murmur2_random"),
            ]
        }
    }

    /// Says what is wrong with a user's properties, each in a sentence; none of them shows a value.
    public static func mistakes(_ properties: [String: String]) -> [String] {
        let configuration = Configuration()
        let mistakes = properties.sorted { $0.key < $1.key }.compactMap { name, value in
            if let reason = reserved[name] { return "kafka.properties can't set \(name): \(reason)" }
            return configuration.set(name, value) ?? unreadable(name, value)
        }
        guard mistakes.isEmpty else { return mistakes }
        return [Role.live, .history, .producer].compactMap { trial($0, properties) }.prefix(1).map { $0 }
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
        var options = KafkaLogOptions(brokers: [])
        options.properties = properties
        let configuration = Configuration()
        let all = defaults(role, options) + properties.map { ($0.key, $0.value) } + fixed(role, options)
        for (name, value) in all where name != "bootstrap.servers" {
            if let mistake = configuration.set(name, value) { return mistake }
        }
        _ = configuration.set("log_level", "0")
        do throws(LogError) {
            let kind = role == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
            unsafe rd_kafka_destroy(try configuration.makeInstance(kind))
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// - Throws: `invalid` with what is wrong.
    static func configuration(_ role: Role, _ options: KafkaLogOptions) throws(LogError) -> Configuration {
        let configuration = Configuration()
        let mistakes = mistakes(options.properties)
        guard mistakes.isEmpty else { throw .invalid(mistakes.joined(separator: "\n")) }
        for (name, value) in defaults(role, options) + options.properties.map({ ($0.key, $0.value) })
            + fixed(role, options)
        {
            if let mistake = configuration.set(name, value) { throw .invalid(mistake) }
        }
        return configuration
    }
}

/// A set of properties on its way into an instance.
@safe final class Configuration {
    private var pointer: OpaquePointer?

    init() { unsafe pointer = rd_kafka_conf_new() }

    deinit { if let pointer = unsafe pointer { unsafe rd_kafka_conf_destroy(pointer) } }

    /// Returns what is wrong, without the value: it may be a secret.
    func set(_ name: String, _ value: String) -> String? {
        guard !name.utf8.contains(0), !value.utf8.contains(0) else {
            return "kafka.properties: \(name) has a NUL character"
        }
        // The array outlives the call, which writes no more than its size.
        var text = [CChar](repeating: 0, count: 512)
        switch unsafe rd_kafka_conf_set(pointer, name, value, &text, text.count) {
        case RD_KAFKA_CONF_OK: return nil
        case RD_KAFKA_CONF_UNKNOWN:
            let message = String(text: text)
            if message.hasPrefix("No such configuration property") {
                let hint = Self.nearest(to: name).map { "; did you mean \($0)?" } ?? ""
                return "kafka.properties: librdkafka knows no property \(name)\(hint)"
            }
            return "kafka.properties: \(message)"
        default: return "kafka.properties: \(name) can't have this value\(Self.allowed(name))"
        }
    }

    func set(events: Int32) { unsafe rd_kafka_conf_set_events(pointer, events) }

    /// A property as it stands.
    func value(_ name: String) -> String? {
        var text = [CChar](repeating: 0, count: 512)
        var size = text.count
        guard unsafe rd_kafka_conf_get(pointer, name, &text, &size) == RD_KAFKA_CONF_OK else { return nil }
        return String(text: text)
    }

    /// Makes an instance, which takes the properties over.
    func makeInstance(_ kind: rd_kafka_type_t) throws(LogError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        guard let handle = unsafe rd_kafka_new(kind, pointer, &text, text.count) else {
            throw .invalid("kafka.properties: \(String(text: text))")
        }
        unsafe pointer = nil
        return unsafe handle
    }

    // MARK: What may be set

    /// Every property, with what it may be and its default as librdkafka's own table says.
    private static let known: [String: (range: String, normal: String)] = {
        var bytes: UnsafeMutablePointer<CChar>?
        var count = 0
        // Written to memory that is given back below, once the text was copied.
        guard let file = unsafe open_memstream(&bytes, &count) else { return [:] }
        unsafe rd_kafka_conf_properties_show(file)
        unsafe fclose(file)
        defer { unsafe free(bytes) }
        guard let text = unsafe bytes.map({ unsafe String(cString: $0) }) else { return [:] }
        var result: [String: (range: String, normal: String)] = [:]
        for line in text.split(separator: "\n") {
            // Name, producer or consumer, range, default, importance, description.
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            guard cells.count >= 6, cells[0] != "Property" else { continue }
            result[cells[0]] = (cells[2], cells[3])
        }
        return result
    }()

    private static func allowed(_ name: String) -> String {
        guard let (range, normal) = known[name] else { return "; see librdkafka's CONFIGURATION.md" }
        let shown = normal.isEmpty ? "" : ", and \(normal) if left out"
        return range.isEmpty ? "" : "; it may be \(range)\(shown)"
    }

    private static func nearest(to name: String) -> String? {
        known.keys.map { ($0, distance(name, $0)) }.filter { $0.1 <= 3 }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// How many characters must be changed, added or removed.
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8.prefix(100)), Array(b.utf8.prefix(100)))
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}

extension String {
    /// A text that the library wrote into an array, up to its NUL.
    init(text: [CChar]) {
        self.init(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
