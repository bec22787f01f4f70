public import Reactor
internal import Time

/// An HTTP server on event loops of its own. Loop 0 accepts, and hands each connection to the loop with the fewest.
public final class HTTPServer<Handler: HTTPHandler>: Sendable {
    /// The first address of each listener, in the order of the options, with real ports.
    public let addresses: [SocketAddress]
    private let owners: [ConnectionActor<Handler>]
    private let admissions: [Admission]
    private let clock: MonotonicClock

    private init(
        addresses: [SocketAddress], owners: [ConnectionActor<Handler>], admissions: [Admission], clock: MonotonicClock
    ) {
        self.addresses = addresses
        self.owners = owners
        self.admissions = admissions
        self.clock = clock
    }

    /// Binds the listeners, starts the loops and accepts. `makeHandler` is called once on each loop.
    ///
    /// Throws `ListenError` for an address that cannot be bound, and `SystemError` for what the system refuses
    /// otherwise. A server that was started runs until `stop` has returned.
    public static func start(
        _ options: HTTPServerOptions,
        makeHandler: @escaping @Sendable (HTTPExchanges, HTTPLoop<Handler>) -> Handler
    ) async throws -> HTTPServer {
        var listeners: [[ListeningSocket]] = []
        var admissions = options.listeners.map { Admission($0.limits) }
        var bodies = options.listeners.map { BodyBudget(maximum: $0.maximumAllBodyBytes) }
        for (index, listener) in options.listeners.enumerated() {
            if let other = listener.sharesLimitsOf {
                (admissions[index], bodies[index]) = (admissions[other], bodies[other])
            }
        }
        let gates = options.listeners.map { listener in
            listener.tls.map { HandshakeGate($0.handshakes, now: options.clock.now()) }
        }
        var owners: [ConnectionActor<Handler>] = []
        do {
            for listener in options.listeners { try listen(listener, &listeners) }
            for index in 0..<max(1, options.loops) {
                let loop = try EventLoop(name: "http-\(index)", clock: options.clock)
                let owner = ConnectionActor(
                    index: index, loop: loop, options: options, admissions: admissions, bodies: bodies,
                    gates: gates, makeHandler: makeHandler)
                try loop.start(owner)
                owners.append(owner)
            }
            for owner in owners.dropFirst() { try await owner.begin(listeners: [], others: []) }
            try await owners[0].begin(listeners: listeners, others: Array(owners.dropFirst()))
        } catch {
            for listener in listeners.joined() { listener.close() }
            for owner in owners { await owner.loop.stop() }
            throw error
        }
        return HTTPServer(
            addresses: listeners.map { $0[0].address }, owners: owners, admissions: admissions, clock: options.clock)
    }

    /// Adds the listener's sockets to `all`, which the caller closes when this throws. Where the first took any free port, the
    /// others take the same.
    private static func listen(_ options: ListenerOptions, _ all: inout [[ListeningSocket]]) throws {
        let number = all.count
        all.append([])
        var absent: ListenError?
        for place in options.places {
            switch place {
            case .address(let address):
                let port = address.port > 0 ? address.port : all[number].first?.address.port ?? 0
                let place = SocketAddress(bytes: address.bytes, port: port) ?? address
                do throws(ListenError) {
                    all[number].append(try ListeningSocket(address: place, options: options.socket))
                } catch {
                    // A name may have an address of IPv6 where the machine has none.
                    guard error.isAbsentHere else { throw error }
                    absent = error
                }
            case .inherited(let descriptor):
                all[number].append(try ListeningSocket(inherited: descriptor, options: options.socket))
            }
        }
        if all[number].isEmpty, let absent { throw absent }
    }

    public var loopCount: Int { owners.count }

    /// Connections of all loops.
    public var connectionCount: Int { connectionCounts.reduce(0, +) }

    /// Connections of each loop, by its number.
    public var connectionCounts: [Int] { owners.map(\.load.count) }

    /// Connections of each listener, in the order of the options, but for those that are being refused.
    public var connectionsByListener: [Int] { admissions.map(\.connections) }

    /// Has every handler's `woken` called soon.
    public func wakeAll() { for owner in owners { owner.loop.wake(ConnectionActor<Handler>.handlerReason) } }

    /// Runs `body` on a loop, with its handler.
    @discardableResult
    public func onLoop<Result: Sendable>(_ index: Int, _ body: @Sendable (Handler) -> Result) async -> Result {
        await owners[index].run(body)
    }

    /// What all loops have done so far.
    public func counters() async -> HTTPCounters {
        var sum = HTTPCounters()
        for owner in owners { sum = sum + (await owner.counters()) }
        return sum
    }

    /// Closes the listeners, but those that stay open to the end, and the connections between requests. Requests and streams go on, and end their connections
    /// when they end.
    public func stopAccepting() async { for owner in owners { await owner.stopAccepting() } }

    /// Stops accepting, waits until every connection has ended, at most `milliseconds`, closes the rest and ends the
    /// loops. Handlers end their streams themselves, before or meanwhile; those they leave end with the reason
    /// `shutdown`. Call it once.
    public func stop(waitingAtMost milliseconds: Int64 = 0) async {
        await stopAccepting()
        let deadline = clock.now() + max(0, milliseconds)
        if milliseconds > 0 { for owner in owners { await owner.drained(deadline: deadline) } }
        for owner in owners { await owner.closeAll() }
        for owner in owners { await owner.loop.stop() }
    }
}
