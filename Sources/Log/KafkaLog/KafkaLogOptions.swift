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
    /// How long the cluster may be out of reach before the log says so (`failure`), and how long `open` tries to reach it.
    public var grace: Duration = .seconds(30)
    /// Says what a property that librdkafka does not know probably means.
    public var hint: KafkaProperties.Hint = { _, _ in "" }
    /// How long `close` waits for what is under way before it leaves it behind: records on their way to the cluster among it.
    public var closeTime: Duration = .seconds(5)
    /// How long a partition that can't be read is left alone before it is tried again.
    public var retryInterval: Duration = .seconds(1)
    /// Takes a line for the operator's log: each trouble once when it begins and once when it is over, and librdkafka's own
    /// lines as details.
    public var report: @Sendable (KafkaReport) -> Void = { _ in }

    public init(brokers: [String], properties: [String: String] = [:]) {
        self.brokers = brokers
        self.properties = properties
    }
}
