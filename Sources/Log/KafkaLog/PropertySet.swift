internal import CRdKafka
internal import EventLog
internal import Glibc

/// A set of properties on its way into an instance.
@safe final class PropertySet {
    private var pointer: OpaquePointer?

    init() { unsafe pointer = rd_kafka_conf_new() }

    deinit { if let pointer = unsafe pointer { unsafe rd_kafka_conf_destroy(pointer) } }

    /// Returns what is wrong, without the value: it may be a secret.
    func set(_ name: String, _ value: String, hint: KafkaProperties.Hint = { _, _ in "" }) -> String? {
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
                return "kafka.properties: librdkafka knows no property \(name)\(hint(name, Array(Self.known.keys)))"
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
}

extension String {
    /// A text that the library wrote into an array, up to its NUL.
    init(text: [CChar]) {
        self.init(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
