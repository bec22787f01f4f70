internal import Compression
internal import EventFormats
internal import EventStreamsClient
internal import HTTPClient
internal import JSON
internal import Time

/// Watches streams for `doctor`.
struct StreamWatch: Sendable {
    let client: HTTPClient
    let headers: [HTTPClientField]
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - patience: milliseconds to watch at most.
    ///   - events: ends after so many.
    ///   - isEnough: asked after each read whether there is no need to watch on.
    func observe(
        _ url: String, id: String? = nil, more: [HTTPClientField] = [], patience: Int64, events wanted: Int = .max,
        version: HTTPClientRequest.Version = .automatic,
        isEnough: (Observation) -> Bool = { _ in false }
    ) async -> Observation {
        let start = now()
        var observation = Observation()
        var headers = [HTTPClientField("Accept", "text/event-stream")] + more + self.headers
        if let id { headers.append(HTTPClientField("Last-Event-ID", id)) }
        do throws(HTTPClientError) {
            let stream = try await client.stream(
                HTTPClientRequest("GET", url, headers: headers, version: version), timeout: patience)
            observation.head = stream.head
            observation.headTime = now() - start
            if stream.head.status != 200 {
                observation.ending = .refused(status: stream.head.status, await Self.reason(stream))
            } else {
                try await read(stream, start, patience, wanted, isEnough, &observation)
            }
        } catch {
            if case .timedOut = error { observation.ending = .open } else { observation.ending = .lost("\(error)") }
        }
        observation.endTime = now() - start
        return observation
    }

    private func read(
        _ stream: HTTPBodyStream, _ start: Int64, _ patience: Int64, _ wanted: Int,
        _ isEnough: (Observation) -> Bool, _ observation: inout Observation
    ) async throws(HTTPClientError) {
        var parser = EventStreamParser()
        var isOrderly = false
        while observation.events.count < wanted {
            let left = start + patience - now()
            guard left > 0 else { return }
            switch try await stream.next(timeout: left) {
            case .idle: continue
            case .end:
                observation.ending = .ended(isOrderly: isOrderly)
                return
            case .bytes(let bytes):
                var items: [EventStreamItem] = []
                do throws(EventStreamError) { try parser.push(bytes.span, into: &items) } catch {
                    observation.ending = .lost("\(error)")
                    return
                }
                let arrival = Self.arrival(items, bytes.count, now() - start, wanted, &isOrderly, &observation)
                if observation.arrivals.count < Observation.limit { observation.arrivals.append(arrival) }
                if isEnough(observation) { return }
            }
        }
    }

    private static func arrival(
        _ items: [EventStreamItem], _ bytes: Int, _ time: Int64, _ wanted: Int, _ isOrderly: inout Bool,
        _ observation: inout Observation
    ) -> Observation.Arrival {
        var arrival = Observation.Arrival(time: time, bytes: bytes)
        for item in items {
            switch item {
            case .comment(let text): if let time = heartbeat(text) { arrival.heartbeats.append(time) }
            case .retry: isOrderly = true
            case .progress: break
            case .event(let event):
                guard event.type == "message" else { continue }
                if let time = self.time(event.data) { arrival.events.append(time) }
                if observation.events.count < min(wanted, Observation.limit) {
                    observation.events.append(.init(data: event.data, id: event.lastEventID))
                }
            }
        }
        return arrival
    }

    /// `heartbeat 2026-…`, as our server writes it.
    static func heartbeat(_ comment: [UInt8]) -> Int64? {
        let words = String(decoding: comment.prefix(64), as: UTF8.self).split(separator: " ")
        return words.count == 2 && words[0] == "heartbeat" ? ISO8601.parse(words[1]) : nil
    }

    static func time(_ data: [UInt8]) -> Int64? {
        guard let document = try? JSONDocument(data) else { return nil }
        return document.string(document.value(at: ["meta", "dt"])).flatMap { ISO8601.parse($0) }
    }

    private static func reason(_ stream: HTTPBodyStream) async -> String {
        var text: [UInt8] = []
        while text.count < 65_536, let part = try? await stream.next(timeout: 2000), case .bytes(let bytes) = part {
            text += bytes
        }
        let problem = try? JSONDocument(text)
        return problem.flatMap { $0.string($0.value(at: ["detail"])) } ?? "status \(stream.head.status)"
    }
}
