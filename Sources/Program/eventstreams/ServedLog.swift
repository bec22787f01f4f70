internal import Bytes
internal import Configuration
internal import EmbeddedLog
internal import EventLog
internal import Intake
internal import KafkaLog
internal import Server
internal import Telemetry

/// The log that the settings ask for, with its numbers.
enum ServedLog: Sendable {
    case embedded(EmbeddedLog)
    case kafka(KafkaLog)

    var log: any EventLog {
        switch self {
        case .embedded(let log): log
        case .kafka(let log): log
        }
    }

    /// - Throws: `LogError` and `Environment.Failure`, sentences that say what to change.
    static func open(_ settings: ServerSettings, _ logger: Logger) async throws -> ServedLog {
        guard !settings.kafkaLog.brokers.isEmpty else {
            return .embedded(try await EmbeddedLog.open(EmbeddedLogOptions(settings, logger)))
        }
        return .kafka(try await KafkaLog.open(try KafkaLogOptions(settings, logger)))
    }
}

extension SpoolStorage {
    /// Nil: there is none.
    ///
    /// - Throws: `LogError`, a sentence that says what to change.
    static func open(_ settings: ServerSettings, _ logger: Logger) async throws(LogError) -> SpoolStorage? {
        guard !settings.intake.spoolDirectory.isEmpty else { return nil }
        var options = EmbeddedLogOptions(settings, logger)
        options.directory = settings.intake.spoolDirectory
        // What waits is never too old.
        options.retention = Retention()
        options.durability = .full
        let log = try await EmbeddedLog.open(options)
        return SpoolStorage(
            log: log, bytesAtStart: Int(await log.statistics().bytes), limit: settings.intake.spoolBytes
        ) { partition, offset throws(LogError) in
            try await log.truncate(partition, before: offset)
        }
    }
}

extension EmbeddedLogOptions {
    init(_ settings: ServerSettings, _ logger: Logger) {
        self = settings.embeddedLog
        // With its key, and what is added to it.
        maximumRecordBytes = settings.service.intakeLimits.event + (64 << 10)
        report = { notice in
            let level: LogLevel =
                switch notice.severity {
                case .notice: .notice
                case .warning: .warning
                case .error: .error
                }
            logger.log(level, "log", [("text", notice.text)])
        }
    }
}

extension KafkaLogOptions {
    /// What a mistyped property probably means.
    static let nearestName: KafkaProperties.Hint = { Nearest.hint($0, among: $1) }

    /// - Throws: where a secret can't be read.
    init(_ settings: ServerSettings, _ logger: Logger) throws(Environment.Failure) {
        self = settings.kafkaLog
        properties = try Self.properties(settings)
        hint = Self.nearestName
        fetchBytes = settings.service.replayBlockBytes
        report = { report in
            let level: LogLevel =
                switch report.level {
                case .error: .error
                case .warning: .warning
                case .notice: .notice
                case .info: .info
                case .debug: .debug
                }
            logger.log(level, "Kafka", [("text", report.text)])
        }
    }

    /// - Throws: where a secret can't be read.
    static func properties(_ settings: ServerSettings) throws(Environment.Failure) -> [String: String] {
        var properties: [String: String] = [:]
        for (name, property) in settings.kafka.properties {
            switch property {
            case .text(let text): properties[name] = text
            case .file(let path):
                let bytes: [UInt8]
                do {
                    bytes = try Environment.read(path)
                } catch {
                    throw Environment.Failure("kafka.properties.\(name): \(error)")
                }
                let text = String(decoding: bytes, as: UTF8.self)
                // An editor ends a file with a line break, which is no part of a secret.
                properties[name] = String(text.reversed().drop { $0.isNewline }.reversed())
            case .variable(let variable):
                guard let value = Environment.variables[variable] else {
                    throw Environment.Failure("kafka.properties.\(name): the variable \(variable) is not set")
                }
                properties[name] = value
            }
        }
        return properties
    }
}
