internal import HTTPClient

/// Sends the events of files to a server's intake, in the files' order.
///
/// An event that the server has answered for is never sent again. One whose request was cut off may have been stored and
/// is sent again: delivery is at least once, and `meta.id` tells doubles apart.
public struct ProduceCommand: Sendable {
    public let options: ProduceOptions
    private let environment: ClientEnvironment

    public init(_ options: ProduceOptions, _ environment: ClientEnvironment = .standard()) {
        self.options = options
        self.environment = environment
    }

    /// - Returns: the exit code: 0 all events are stored, 1 some were refused or it gave up, 2 it was not asked well.
    public func run() async -> Int32 {
        do throws(ClientFailure) {
            if let reason = Self.misuse(options) { throw ClientFailure.usage(reason) }
            let client: HTTPClient
            do { client = try HTTPClient() } catch { throw ClientFailure.stopped("\(error)") }
            var production = ProduceRun(options, environment, client)
            return try await production.run()
        } catch {
            environment.tell("\(error)")
            return error.code
        }
    }

    private static func misuse(_ options: ProduceOptions) -> String? {
        if options.files.isEmpty { return "no file was named; name some, or - for standard input" }
        if options.files.count(where: { $0 == "-" }) > 1 { return "standard input (-) can be read only once" }
        if Set(options.files).count < options.files.count { return "a file was named twice" }
        if options.batchEvents < 1 || options.batchBytes < 1 { return "a batch needs at least one event and one byte" }
        if options.eventLimit < 2 || options.requestLimit < options.eventLimit + 2 {
            return "a request must have room for the largest event"
        }
        return nil
    }
}
