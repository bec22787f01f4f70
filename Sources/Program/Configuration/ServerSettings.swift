public import YAML

/// All settings of the server, with their defaults. Sizes are in bytes, times in milliseconds.
public struct ServerSettings: Sendable, Equatable {
    public struct HTTP: Sendable, Equatable {
        public var host = "0.0.0.0"
        public var port = 8092
        public var eventLoops = 0
        public var maximumConnections = 20_000
        public var maximumConnectionsPerAddress = 100
        public var maximumSocketsPerAddress = 0
        public var newConnectionsPerAddress = 50
        public var newConnections = 5_000
        public var headTimeout: Int64 = 10_000
        public var idleTimeout: Int64 = 75_000
        public var maximumHeadBytes = 32 << 10
        public var maximumHeaderFields = 100
        public var trustedProxies: [String] = []
        public var shutdownDelay: Int64 = 0
        public var drainTime: Int64 = 5_000
        public var connectionMaximumAge: Int64 = 0
        public var publicDirectory = ""
    }

    public struct Intake: Sendable, Equatable {
        public var host = "127.0.0.1"
        public var port = 8192
        public var maximumConnections = 1_000
        public var maximumRequestBytes = 4 << 20
        public var allRequestBytes = 64 << 20
        public var maximumEventBytes = 1 << 20
        public var topicPrefix = ""
    }

    public struct Admin: Sendable, Equatable {
        public var host = "127.0.0.1"
        public var port = 9102
        public var maximumConnections = 100
    }

    public struct Streams: Sendable, Equatable {
        public var configuration = ""
        public var configurationPath = ""
        public var timeToLive: Int64 = 60_000
        public var allowsShrinking = false
        public var allowed: [String] = []
        /// `streams.inline`: the same as the file's content, in place.
        public var inline: YAMLNode?
    }

    public struct Storage: Sendable, Equatable {
        public var dataDirectory = "data"
        public var retentionAge: Int64 = 7 * 86_400_000
        /// 0: as much as suits the disk.
        public var minimumFreeBytes = 0
        /// Milliseconds.
        public var clockWait: Int64 = 86_400_000
        public var retentionBytes = 10 << 30
        public var durability = "full"
    }

    public struct Kafka: Sendable, Equatable {
        /// A property of librdkafka: its value in place, or where to find it.
        public enum Property: Sendable, Equatable {
            case text(String)
            case file(String)
            case variable(String)
        }

        /// `HOST:PORT`; none: the log is embedded.
        public var brokers: [String] = []
        public var createsTopics = false
        public var replicationFactor = 0
        public var readers = 2
        public var topicRefresh: Int64 = 5_000
        public var unavailableGrace: Int64 = 30_000
        /// `kafka.properties`, by name.
        public var properties: [String: Property] = [:]
    }

    public struct Streaming: Sendable, Equatable {
        public var tailBytes = 64 << 20
        public var ringBytes = 4 << 20
        public var gzip = "auto"
        public var heartbeat: Int64 = 15_000
        public var stallTimeout: Int64 = 30_000
        public var maximumUnsentBytes = 256 << 10
        public var allUnsentBytes = 1 << 30
        public var allOwnBytes = 128 << 20
        public var replayBytesPerSecond = 0
        public var replayBlockBytes = 1 << 20
        public var blockCacheBytes = 64 << 20
        public var lookups = 4
        public var lookupsPerAddress = 2
        public var lookupQueue = 1_000
        public var lookupQueuePerAddress = 100
        public var lastRecords = 100_000
        public var lastBytes = 64 << 20
        public var replayTurnBytes = 256 << 10
    }

    public struct Logging: Sendable, Equatable {
        public var level = "info"
        public var format = "text"
    }

    public struct Demo: Sendable, Equatable {
        public var isEnabled = false
        public var rate = 20
    }

    public var http = HTTP()
    public var intake = Intake()
    public var admin = Admin()
    public var streams = Streams()
    public var storage = Storage()
    public var kafka = Kafka()
    public var streaming = Streaming()
    public var logging = Logging()
    public var demo = Demo()
    /// `redaction`: rules, as another module reads them.
    public var redaction: YAMLNode?
    /// `mediawiki_redacted_pages`: titles by domain, as another module reads them.
    public var redactedPages: YAMLNode?

    public init() {}
}
