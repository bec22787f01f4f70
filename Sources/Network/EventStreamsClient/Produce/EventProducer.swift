internal import HTTPClient
internal import System

/// Sends events to a server's intake, and tells of each what became of it.
///
/// Requests go one after the other, so events are stored in the order given as far as they are stored. A request that
/// brought no answer, or one that may change (408, 429, 5xx), is sent again after a wait that doubles from half a second
/// to half a minute, spread by chance, and is at least what the server asks for (`Retry-After`). What the server has
/// answered for is never sent again; what it may have stored without an answer is sent with the same `meta.id`.
///
/// May be used by any number of tasks; each call is a series of requests of its own.
public struct EventProducer: Sendable {
    public let url: String
    public let options: ProducerOptions
    private let client: StreamsClient
    private let timing: ClientTiming

    init(_ url: String, _ options: ProducerOptions, _ client: StreamsClient, _ timing: ClientTiming) {
        self.url = url
        self.options = options
        self.client = client
        self.timing = timing
    }

    /// Sends events, in as many requests as it takes.
    ///
    /// When the task is cancelled, what is not settled by then has failed.
    ///
    /// - Parameters:
    ///   - events: JSON objects, each with its stream in `meta.stream`.
    ///   - onRetry: called before each wait, with the reason in words and milliseconds.
    /// - Returns: as many outcomes as there are events, in their order.
    public func produce(
        _ events: [[UInt8]], onRetry: @Sendable (_ reason: String, _ wait: Int64) -> Void = { _, _ in }
    ) async -> [EventOutcome] {
        await produce(events, id: { _ in Self.randomID() }, onRetry: onRetry)
    }

    /// - Parameter id: the id of an event that has none, by its place; the same for the same event in every run.
    package func produce(
        _ events: [[UInt8]], id: (Int) -> String, onRetry: @Sendable (_ reason: String, _ wait: Int64) -> Void
    ) async -> [EventOutcome] {
        var outgoing: [OutgoingEvent] = []
        var outcomes = [EventOutcome?](repeating: nil, count: events.count)
        // Brackets are part of a request's body.
        let limit = min(options.eventLimit, max(options.requestLimit, 2) - 2)
        for (index, event) in events.enumerated() {
            do throws(OutgoingEvent.Refusal) {
                let id = options.addsIDs ? id(index) : nil
                outgoing.append(try OutgoingEvent(event, index: index, limit: limit, id: id))
            } catch {
                outcomes[index] = .invalid(InvalidEvent(index: index, status: nil, reason: error.reason))
            }
        }
        var delivery = Delivery(
            Batch.parted(outgoing, options), patience: Int64(clamping: min(max(options.patience, 0), 1 << 40)) * 1000)
        await deliver(&delivery, onRetry)
        for (index, outcome) in delivery.outcomes { outcomes[index] = outcome }
        return outcomes.map { $0 ?? .failed("it was not sent") }
    }

    /// Gathers events of many tasks, or one after the other, into requests.
    public func batching() -> BatchingProducer { BatchingProducer(self, timing) }

    private static func randomID() -> String {
        var random = SystemRandomNumberGenerator()
        return UUIDText.random(&random)
    }

    private func deliver(_ delivery: inout Delivery, _ onRetry: @Sendable (String, Int64) -> Void) async {
        var action = delivery.requests.isEmpty ? Delivery.Action.done : .send
        while true {
            switch action {
            case .send: action = await send(&delivery)
            case .wait(let milliseconds, let reason):
                onRetry(reason, milliseconds)
                action = await timing.sleep(milliseconds) ? .send : .giveUp(reason: "stopped")
            case .giveUp(let reason): return delivery.giveUp(reason)
            case .done: return
            }
        }
    }

    private func send(_ delivery: inout Delivery) async -> Delivery.Action {
        let request = HTTPClientRequest(
            "POST", address, headers: [.init("Content-Type", "application/json")] + client.headers,
            body: delivery.body)
        do throws(HTTPClientError) {
            let response = try await client.http.send(request)
            return delivery.answer(response, now: timing.now(), chance: timing.random())
        } catch {
            return delivery.fail(error, now: timing.now(), chance: timing.random())
        }
    }

    private var address: String {
        guard options.isHasty else { return url }
        let address = String(url.prefix { $0 != "#" })
        return address + (address.contains("?") ? "&" : "?") + "hasty=true"
    }
}
