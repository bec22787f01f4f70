internal import EventStreamsClient

/// Sends the events of files to a server's intake, in the files' order.
///
/// An event that the server has answered for is never sent again. One whose request was cut off may have been stored and
/// is sent again with the same `meta.id`, by which the server knows it.
package struct ProduceCommand: Sendable {
    package let options: ProduceOptions
    private let environment: ClientEnvironment

    package init(_ options: ProduceOptions, _ environment: ClientEnvironment = .standard()) {
        self.options = options
        self.environment = environment
    }

    /// - Returns: the exit code: 0 all events are stored, 1 some were refused or it gave up, 2 it was not asked well.
    package func run() async -> Int32 {
        do throws(ClientFailure) {
            if let reason = Self.misuse(options) { throw ClientFailure.usage(reason) }
            let client = try StreamsClient(
                ClientOptions(headers: options.headers, authorities: options.authorities), environment)
            var production = ProduceRun(options, environment, client.producer(options.url, options.producer))
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
        let producer = options.producer
        if producer.batchEvents < 1 || producer.batchBytes < 1 {
            return "a batch needs at least one event and one byte"
        }
        if producer.eventLimit < 2 || producer.requestLimit < producer.eventLimit + 2 {
            return "a request must have room for the largest event"
        }
        return nil
    }
}
