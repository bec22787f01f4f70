internal import EventStreamsClient

/// Follows streams and prints each event's data as one line, in the order in which it came.
///
/// It connects anew with the last id whenever it must, so that within a run nothing is lost or printed twice. The state
/// file is written once a second and at the end: after a crash up to a second's events are printed again.
package struct ConsumeCommand: Sendable {
    package let options: ConsumeOptions
    private let environment: ClientEnvironment
    private let screen: Screen?

    package init(
        _ options: ConsumeOptions, _ environment: ClientEnvironment = .standard(), screen: Screen? = .standard()
    ) {
        self.options = options
        self.environment = environment
        self.screen = screen
    }

    /// Returns at the limit, at the streams' ends, when nobody reads the output any more, and when the task is cancelled.
    ///
    /// - Returns: the exit code: 0 as asked, 1 a stream could not be followed, 2 it was not asked well.
    package func run() async -> Int32 {
        do throws(ClientFailure) {
            if let reason = Self.misuse(options) { throw .usage(reason) }
            let ledger = try ConsumeLedger(options, environment, screen: screen)
            let client = try StreamsClient(
                ClientOptions(headers: options.headers, authorities: options.authorities), environment)
            let code = await follow(client, ledger)
            try ledger.finish()
            return code
        } catch {
            environment.tell("\(error)")
            return error.code
        }
    }

    private func follow(_ client: StreamsClient, _ ledger: ConsumeLedger) async -> Int32 {
        await withTaskGroup(of: FollowRun.Ending.self) { group in
            for url in options.urls {
                let stream = FollowRun(
                    url: url, options: options, environment: environment, client: client, ledger: ledger)
                group.addTask { await stream.run() }
            }
            var code: Int32 = 0
            for await ending in group {
                switch ending {
                case .stream: break
                case .all: group.cancelAll()
                case .failure(let failure):
                    environment.tell("\(failure)")
                    code = max(code, failure.code)
                }
            }
            return code
        }
    }

    private static func misuse(_ options: ConsumeOptions) -> String? {
        if options.urls.isEmpty { return "no stream was named" }
        if options.columns.contains(where: \.isEmpty) { return "a column needs a field's path, such as meta.dt" }
        if Set(options.urls).count < options.urls.count { return "a stream was named twice" }
        if let limit = options.limit, limit < 1 { return "the limit must be at least 1" }
        if let id = options.id, id.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "an id has no control characters"
        }
        return nil
    }
}
