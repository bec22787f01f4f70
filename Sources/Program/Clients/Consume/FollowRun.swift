internal import EventStreamsClient

/// Follows one stream of a run.
struct FollowRun: Sendable {
    let url: String
    let options: ConsumeOptions
    let environment: ClientEnvironment
    let client: StreamsClient
    let ledger: ConsumeLedger

    enum Ending: Sendable {
        /// This stream is over.
        case stream
        /// All streams are: nothing more is to be printed.
        case all
        case failure(ClientFailure)
    }

    func run() async -> Ending {
        do throws(ClientFailure) { return try await follow() } catch { return .failure(error) }
    }

    private func follow() async throws(ClientFailure) -> Ending {
        var elements = client.follow(options.request(url, id: ledger.id(of: url))).makeAsyncIterator()
        while true {
            let element: StreamElement?
            do throws(ClientError) { element = try await elements.next() } catch {
                throw .stopped("\(url): \(error)")
            }
            guard let element else { return .stream }
            if show(element) == .isOver { return .all }
            try ledger.tick()
        }
    }

    private func show(_ element: StreamElement) -> ConsumeLedger.Outcome {
        switch element {
        case .event(let event): return ledger.print(event, of: url)
        case .progress(let id): ledger.move(to: id, of: url)
        case .gap(let gap):
            ledger.tell("\(gap)", isGap: true)
            ledger.move(to: gap.id, of: url)
        case .notice(let notice): ledger.tell("\(notice)", isGap: false)
        case .problem(let problem): ledger.tell("the server says: \(problem)", isGap: false)
        case .reconnecting(let reconnect):
            if reconnect.reason != nil { ledger.tell("\(reconnect)", isGap: false) }
            ledger.countReconnect()
        case .idle: break
        }
        return .goesOn
    }
}
