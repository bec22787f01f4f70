internal import Configuration
internal import JSON
internal import KafkaLog
internal import Live
internal import Reactor
internal import SchemaLibrary
internal import Server
internal import Telemetry

/// All that `serve` makes of the settings before it opens the log, and so all that it can refuse of them: `check-config` makes
/// it too, and throws it away.
struct ServePlan {
    let addresses: EventService.Addresses
    let policy: Policy
    var options: ServiceOptions
    var http: HTTPOptions
    /// Nil: TLS is not served.
    let certificates: Certificates?

    /// - Throws: sentences that say what to change.
    init(_ settings: ServerSettings, _ logger: Logger) async throws {
        addresses = try Listening.addresses(settings, InheritedSockets.all())
        let mistakes = KafkaProperties.mistakes(
            try KafkaLogOptions.properties(settings), hint: KafkaLogOptions.nearestName)
        guard mistakes.isEmpty else { throw Environment.Failure(mistakes.joined(separator: "\n")) }
        options = try ServiceOptions(settings, logger)
        options.schemas = try ServedSchemas.library(settings)
        options.testEvents = try Self.testEvents(settings.intake.testEvents)
        certificates = try Certificates(settings.tls)
        options.redirectsToTLS = settings.tls.redirects
        options.redirectPort = settings.tls.redirectPort > 0 ? settings.tls.redirectPort : nil
        policy = try await StreamSource(settings: settings).policy()
        http = HTTPOptions(settings, tiers: policy.tiers)
        http.tls = certificates?.context
    }

    private static func testEvents(_ path: String) throws(Environment.Failure) -> [UInt8]? {
        guard !path.isEmpty else { return nil }
        let bytes = try Environment.read(path)
        do throws(JSONError) { _ = try JSONValue(bytes) } catch {
            throw Environment.Failure("intake.test_events: \(path) isn't JSON: \(error)")
        }
        return bytes
    }
}
