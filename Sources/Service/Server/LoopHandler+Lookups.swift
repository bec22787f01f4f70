internal import EventFormats
internal import EventLog
internal import HTTPServer
internal import History
internal import Streaming
internal import Time

// Asking the log where streams start.
extension LoopHandler {
    /// Who waits for one answer of the log at most: they go on in one turn of the loop.
    static let clientsPerLookup = 64

    /// One question to the log, and who waits for the answer.
    struct Lookup {
        var asked: SharedStart?
        var waiting: [(exchange: ExchangeID, opening: Opening, request: HTTPRequest)]
    }

    /// A start that means the same to all who ask for it at about the same time.
    struct SharedStart: Hashable {
        var point: StartPoint
        var topics: [String]

        /// nil: it is not such a start. An id of ours names offsets, and these stay where they are; where streams end or a
        /// time is changes while others ask.
        init?(_ opening: Opening) {
            guard case .id(let cursor, _) = opening.asked.start, cursor.time == nil,
                cursor.entries.allSatisfy({ if case .at = $0.place { true } else { false } })
            else { return nil }
            point = opening.asked.start
            topics = opening.topics
        }
    }

    /// Asks the log where the stream starts, and goes on when it has answered. Clients that come back at once after a
    /// restart have the same few ids: one answer is for many of them.
    func look(up opening: Opening, _ exchange: ExchangeID, _ request: HTTPRequest) {
        let shared = SharedStart(opening)
        if let shared, let number = openLookups[shared], var lookup = lookups[number] {
            // Out of the table while it is changed, so that it is not copied.
            lookups[number] = nil
            lookup.waiting.append((exchange, opening, request))
            if lookup.waiting.count >= Self.clientsPerLookup { openLookups[shared] = nil }
            lookups[number] = lookup
            return
        }
        let number = nextLookup
        nextLookup += 1
        lookups[number] = Lookup(asked: shared, waiting: [(exchange, opening, request)])
        if let shared { openLookups[shared] = number }
        begin(number, opening)
    }

    private func begin(_ number: Int, _ opening: Opening) {
        let point = opening.asked.start
        let ingest = state.ingest
        let subscription = opening.subscription
        let search = NewestSearch(tail: state.tail, loader: state.loader) { subscription.shows($0.kind) }
        let resolver = StartResolver(
            log: state.log, search: search, partitions: fanOut.partitions(of: opening.topics), now: WallClock.now(),
            isMissing: { ingest.isMissing($0) })
        loop.perform { () -> Result<ResolvedStart, StartError> in
            do throws(StartError) {
                return .success(try await resolver.resolve(point))
            } catch {
                return .failure(error)
            }
        } then: { handler, result in
            handler.end(number, result)
        }
    }

    private func end(_ number: Int, _ result: Result<ResolvedStart, StartError>) {
        guard let lookup = lookups.removeValue(forKey: number) else { return }
        if let asked = lookup.asked, openLookups[asked] == number { openLookups[asked] = nil }
        for (exchange, opening, request) in lookup.waiting {
            switch result {
            case .success(let start): subscribe(exchange, opening, start)
            case .failure(let error): giveUp(exchange, error, opening, request)
            }
        }
    }
}
