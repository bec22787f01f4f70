/// What a `KafkaLog` is opened with.
public struct KafkaLogOptions: Sendable {
    /// `HOST:PORT`s to begin with; the rest of the cluster is found from there.
    public var brokers: [String]
    /// librdkafka's properties, by name: they win over what the log sets by itself (`KafkaProperties`).
    public var properties: [String: String]
    /// Of the topics that `createTopic` makes; 0: as the brokers are set.
    public var replicationFactor = 0
    /// Consumers for historical reads, each with a thread, a connection to each broker, and `fetchBytes` on its way.
    public var readers = 2
    /// What one historical fetch asks a broker for. Bytes.
    public var fetchBytes = 1 << 20
    /// What was fetched for one reader and is kept for the next, all readers together. Bytes.
    public var fetchedBytes = 32 << 20
    /// How long one question to the cluster may take. Milliseconds.
    public var requestTimeout: Int32 = 8_000
    /// How often the cluster is asked for its topics, which also shows whether it can be reached.
    public var refreshInterval: Duration = .seconds(5)
    /// How long the cluster may be out of reach before the log says so (`failure`).
    public var grace: Duration = .seconds(30)
    /// Says what a property that librdkafka does not know probably means.
    public var hint: KafkaProperties.Hint = { _, _ in "" }
    /// Is told what librdkafka has to say: a syslog level (3 error … 7 debug) and a line.
    public var report: @Sendable (Int, String) -> Void = { _, _ in }

    public init(brokers: [String], properties: [String: String] = [:]) {
        self.brokers = brokers
        self.properties = properties
    }
}
