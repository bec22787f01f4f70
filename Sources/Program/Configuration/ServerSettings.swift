package import EmbeddedLog
internal import Endpoints
internal import HTTPServer
package import KafkaLog
package import SchemaLibrary
package import Server
internal import Streaming
package import YAML

/// All settings of the server. Most are fields of the modules' own options, where their units, meaning and defaults stand;
/// `Setting.all` has a row for each, with a key path to its field. Only what the program itself uses has its field here.
///
/// A new setting is a field of some options and a row.
package struct ServerSettings: Sendable {
    /// Where streams are served, and the program's part in it.
    package struct HTTP: Sendable {
        package var host = "0.0.0.0"
        package var port = 8092
        /// Networks in text.
        package var trustedProxies: [String] = []
        /// Names of header fields, in the order in which they are looked for.
        package var clientAddressHeaders = ["x-client-ip", "x-forwarded-for", "forwarded"]
        /// Milliseconds.
        package var shutdownDelay: Int64 = 0
        package var drainTime: Int64 = 5_000
        package var publicDirectory = ""
    }

    package struct TLS: Sendable {
        /// Files of certificates and of their keys, in the same order; without keys each stands in its certificate's file.
        package var certificates: [String] = []
        package var keys: [String] = []
        /// Empty: as streams in the clear.
        package var host = ""
        package var port = 8443
        package var redirects = false
        /// 0: `port`.
        package var redirectPort = 0
        /// Milliseconds.
        package var ticketLifetime: Int64 = 12 * 3_600_000
        package var lookInterval: Int64 = 10_000
        /// The kernel encrypts what is sent, where it can.
        package var isByKernel = true

        package var isServed: Bool { !certificates.isEmpty }

        /// The files of each certificate.
        package var files: [(certificate: String, key: String)] {
            certificates.enumerated().map { ($1, keys.isEmpty ? $1 : keys[$0]) }
        }
    }

    package struct Intake: Sendable {
        package var host = "127.0.0.1"
        package var port = 8192
        package var topicPrefix = ""
        /// A directory; empty: there is none.
        package var spoolDirectory = ""
        package var spoolBytes = 1 << 30
        /// A file; empty: there is none.
        package var testEvents = ""
    }

    package struct Admin: Sendable {
        package var host = "127.0.0.1"
        package var port = 9102
    }

    package struct Streams: Sendable {
        package var configuration = ""
        package var configurationPath = ""
        /// Milliseconds.
        package var timeToLive: Int64 = 60_000
        package var allowsShrinking = false
        package var allowed: [String] = []
        /// `streams.inline`: the same as the file's content, in place.
        package var inline: YAMLNode?
    }

    package struct Kafka: Sendable {
        /// A property of librdkafka: its value in place, or where to find it.
        package enum Property: Sendable, Hashable {
            case text(String)
            case file(String)
            case variable(String)
        }

        package var createsTopics = false
        /// `kafka.properties`, by name.
        package var properties: [String: Property] = [:]
    }

    package struct Logging: Sendable {
        package var level = "info"
        package var format = "text"
        /// Of the access log, in a second; 0: there is none.
        package var accessLines = 100
    }

    package struct Demo: Sendable {
        package var isEnabled = false
        package var rate = 20
    }

    /// What the HTTP side is made with. `loops` is 0 for one of each core.
    package var server = HTTPOptions()
    /// What the service is made with. What is an event loop's own limit there is that of all loops together here.
    package var service = ServiceOptions()
    package var embeddedLog = EmbeddedLogOptions(directory: "data")
    /// Without brokers the log is embedded.
    package var kafkaLog = KafkaLogOptions(brokers: [])

    package var http = HTTP()
    package var tls = TLS()
    package var intake = Intake()
    package var admin = Admin()
    package var streams = Streams()
    package var schemas = SchemaSettings()
    /// Milliseconds between two canaries of a stream; 0: there are none.
    package var canaryInterval: Int64 = 900_000
    /// Empty: the log's, where the log is embedded.
    package var statusDirectory = ""
    package var kafka = Kafka()
    package var logging = Logging()
    package var demo = Demo()
    /// `redaction`: rules, as another module reads them.
    package var redaction: YAMLNode?
    /// `mediawiki_redacted_pages`: titles by domain, as another module reads them.
    package var redactedPages: YAMLNode?
    /// `http.tiers`: who may have how much, as another module reads it.
    package var clientTiers: YAMLNode?

    /// The defaults: those of the modules, and here what only a public server limits.
    package init() {
        server.loops = 0
        server.streamLimits.connections = 20_000
        server.streamLimits.newPerSecondPerAddress = 50
        server.streamLimits.newPerSecond = 5_000
        server.handshakes.perSecond = 1_000
        server.handshakes.perSecondPerAddress = 20
        server.intakeLimits.connections = 1_000
        server.adminLimits.connections = 100
        service.maximumStreamsPerAddress = 100
        service.fanOut.allOwnBytes = 128 << 20
        embeddedLog.retention = Retention(maximumAge: 7 * 86_400, maximumBytes: 10 << 30)
    }
}

extension ServerSettings {
    /// The address that TLS is served at.
    package var tlsHost: String { tls.host.isEmpty ? http.host : tls.host }
}

// Fields that the file has in another form than the options.
extension ServerSettings {
    /// Milliseconds; 0: for ever.
    package var retentionAge: Int64 {
        get { Int64(embeddedLog.retention.maximumAge ?? 0) * 1000 }
        set { embeddedLog.retention.maximumAge = newValue > 0 ? Int(newValue / 1000) : nil }
    }

    package var durability: String {
        get { embeddedLog.durability == .normal ? "normal" : "full" }
        set { embeddedLog.durability = newValue == "normal" ? .normal : .full }
    }

    package var gzip: String {
        get { service.gzip.rawValue }
        set { service.gzip = GzipPolicy(rawValue: newValue) ?? .auto }
    }
}

extension ServerSettings: Equatable {
    /// Equal where everything that can be written down is.
    package static func == (a: Self, b: Self) -> Bool {
        Setting.all.allSatisfy { $0.text(in: a) == $0.text(in: b) } && a.kafka.properties == b.kafka.properties
            && a.streams.inline == b.streams.inline && a.redaction == b.redaction && a.redactedPages == b.redactedPages
            && a.clientTiers == b.clientTiers
    }
}
