internal import Catalogue
internal import Endpoints
internal import EventLog
internal import Events
internal import HTTP
internal import HTTPServer
internal import Streaming
internal import Synchronization

// Trying filters out.
extension LoopHandler {
    /// Answers `/v2/filter`, elsewhere than on the loop: a filter is held against up to a thousand events.
    func explain(_ request: HTTPRequest, _ exchange: ExchangeID) {
        let asked: FilterRequest
        let topics: [String]
        do throws(Problem) {
            asked = try FilterRequest(query: request.query ?? "")
            topics = asked.streams.isEmpty ? [] : try Self.selection(asked.streams, state.catalogue).topics
        } catch {
            return respond(exchange, error, to: request)
        }
        let state = state
        guard state.trials.begin() else {
            let problem = Problem.overloaded(
                "Too many filters are being tried. Try again in a moment.", retryAfter: Int.random(in: 1...5))
            return respond(exchange, problem, to: request)
        }
        loop.perform { () -> Answer in
            defer { state.trials.end() }
            return FilterExplanation.answer(asked.filter, samples: state.newestEvents(of: topics))
        } then: { handler, answer in
            handler.respond(exchange, answer)
        }
    }
}

/// Bounds how many filters are tried at once: each may take some milliseconds.
final class FilterTrials: Sendable {
    private let running = Atomic(0)
    private static let most = 8

    func begin() -> Bool {
        guard running.add(1, ordering: .relaxed).newValue <= Self.most else {
            end()
            return false
        }
        return true
    }

    func end() { running.subtract(1, ordering: .relaxed) }
}

extension ServiceState {
    /// How many events a filter is tried on.
    private static let samples = 1000

    /// The newest events in memory of these topics that a client would see, a share from each partition, newest last.
    func newestEvents(of topics: [String]) -> [Event] {
        let blocks = tail.withLock { tail in
            tail.partitions.filter { topics.contains($0.topicPartition.topic) }.map(\.newestBlocks)
        }
        guard !blocks.isEmpty else { return [] }
        let share = max(1, Self.samples / blocks.count)
        return blocks.flatMap { partition in
            var events: [Event] = []
            for block in partition.reversed() where events.count < share {
                for entry in block.entries.reversed() where events.count < share && entry.kind == .event {
                    if let event = block.event(entry) { events.append(event) }
                }
            }
            return events.reversed()
        }
    }
}
