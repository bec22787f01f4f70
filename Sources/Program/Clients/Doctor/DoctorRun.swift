internal import EventStreamsClient
internal import HTTPClient
internal import System
internal import Time

/// Makes the requests that `doctor` judges.
struct DoctorRun: Sendable {
    private let options: DoctorOptions
    private let environment: ClientEnvironment
    private let client: HTTPClient
    private let watch: StreamWatch
    /// With connections of its own, which must be made as this request says.
    private let other: StreamWatch

    private static let origin = "https://doctor.example"
    /// Events that are read to try resuming.
    private static let sample = 20
    private static let hour: Int64 = 3_600_000

    init(_ options: DoctorOptions, _ environment: ClientEnvironment) throws(ClientFailure) {
        self.options = options
        self.environment = environment
        // Checks the file of certificates, and the words that tell what is wrong with it are the same.
        _ = try StreamsClient(options.connection, environment)
        let settings = HTTPClientOptions(
            userAgent: options.connection.userAgent, connectTimeout: options.connection.connectTimeout,
            stallTimeout: 10,
            authorities: options.connection.authorities)
        let headers = options.connection.headers.map { HTTPClientField($0.name, $0.value) }
        do throws(HTTPClientError) {
            client = try HTTPClient(options: settings)
            other = StreamWatch(client: try HTTPClient(options: settings), headers: headers, now: environment.now)
        } catch { throw .stopped("\(error)") }
        watch = StreamWatch(client: client, headers: headers, now: environment.now)
    }

    /// - Throws: when there is no server.
    func findings() async throws(ClientFailure) -> [Finding] {
        let sent = environment.now()
        let head: HTTPClientHead
        do throws(HTTPClientError) {
            head = try await client.send(
                HTTPClientRequest("HEAD", options.url, headers: [.init("Origin", Self.origin)] + watch.headers)
            ).head
        } catch {
            if case .invalidURL = error { throw .usage("\(error)") }
            return [
                Finding(
                    "connection", .bad, "\(error)",
                    advice: error.name == "insecure"
                        ? "renew the certificate, or name its authority with --ca-file" : nil)
            ]
        }
        let received = environment.now()
        let isSecure = options.url.lowercased().hasPrefix("https://")
        async let flow = observe(["heartbeat=1"], patience: patience)
        async let idle = observe(["filter=" + Self.nothing], patience: patience)
        async let resume = resume()
        async let http2 = other.observe(
            options.url, patience: 5000, version: isSecure ? .automatic : .http2
        ) { _ in true }
        async let gzip = observe(["encoding=gzip"], more: [.init("Accept-Encoding", "gzip")], patience: 5000) { _ in
            true
        }
        async let preflight = preflight()
        let seen = await flow
        let newest = seen.arrivals.flatMap(\.events).max()
        return await [
            Finding("connection", .good, "the server answers after \(received - sent) ms"),
            Judgement.flow(seen), Judgement.lifetime(seen), Judgement.idle(idle), resume,
            Judgement.http2(http2.head, isSecure: isSecure), Judgement.gzip(gzip.head),
            Judgement.clock(head, sent: sent, received: received, newest: newest),
            Judgement.certificate(head, isSecure: isSecure, now: received),
            Judgement.cors(head, preflight, origin: Self.origin),
        ]
    }

    private var patience: Int64 { Int64(min(max(options.seconds, 1), 3600)) * 1000 }

    /// A filter that hides every event: no stream has such a field.
    private static let nothing = "has%28doctor_asks_for_no_event%29"

    private func address(_ parameters: [String]) -> String {
        parameters.reduce(String(options.url.prefix { $0 != "#" })) { $0 + ($0.contains("?") ? "&" : "?") + $1 }
    }

    /// As `StreamWatch.observe`. A server that doesn't know the parameters, and says so, is asked without them.
    private func observe(
        _ parameters: [String], more: [HTTPClientField] = [], patience: Int64,
        isEnough: @Sendable (Observation) -> Bool = { _ in false }
    ) async -> Observation {
        let seen = await watch.observe(
            address(parameters), more: more, patience: patience, isEnough: isEnough)
        guard case .refused(400, _) = seen.ending, !parameters.isEmpty else { return seen }
        return await watch.observe(options.url, more: more, patience: patience, isEnough: isEnough)
    }

    private func resume() async -> Finding {
        // Both ends of what is asked for are in the past, so that it ends by itself, and no buffer holds it back.
        let since = "since=" + ISO8601.format(environment.now() - 24 * Self.hour)
        let limit = "limit=\(Self.sample)"
        let first = await watch.observe(address([since, limit]), patience: patience, events: Self.sample)
        guard first.events.count > 2 else {
            return Finding(
                "resume", .unknown,
                "the stream had \(first.events.count) events of the last day, too few to try resuming")
        }
        let place = first.events.count / 2 - 1
        let expected = Set(first.events.dropFirst(place + 1).map(\.data))
        let resumed = await watch.observe(
            address(["limit=\(expected.count)"]), id: String(decoding: first.events[place].id, as: UTF8.self),
            patience: patience, events: 10 * Self.sample
        ) { seen in
            // Several topics may be merged in another order.
            expected.isSubset(of: seen.events.map(\.data))
        }
        return Judgement.resume(first, at: place, resumed)
    }

    private func preflight() async -> HTTPClientHead? {
        let headers: [HTTPClientField] = [
            .init("Origin", Self.origin), .init("Access-Control-Request-Method", "GET"),
            .init("Access-Control-Request-Headers", "last-event-id"),
        ]
        return try? await client.send(HTTPClientRequest("OPTIONS", options.url, headers: headers + watch.headers)).head
    }
}
