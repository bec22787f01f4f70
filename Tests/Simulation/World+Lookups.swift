internal import EventFormats
internal import EventLog
internal import History
internal import Streaming

/// What is asked of the log. Equal questions have the same answer.
struct Question: Hashable {
    var point: StartPoint
    /// Whose newest events are counted, of which partitions.
    var subscription: Subscription

    init(_ point: StartPoint, _ subscription: Subscription) {
        self.point = point
        self.subscription = Subscription(topics: subscription.topics, only: subscription.only)
        guard case .last = point else { return }
        self.subscription.includesCanaries = subscription.includesCanaries
        self.subscription.filter = subscription.filter
        self.subscription.share = subscription.share
    }

    /// As in the server: the answer stays right for a moment.
    var isStable: Bool {
        switch point {
        case .since, .id: true
        case .last, .live: false
        }
    }
}

/// The lookups of one loop, and the oracle's knowledge of them. Clients are numbers: those that never want an answer have
/// negative ones, and an address of their own.
struct SimulatedLookups {
    typealias Table = LookupTable<Int, Int, Question, Result<ResolvedStart, StartError>>

    static let limits: LookupLimits = {
        var limits = LookupLimits()
        limits.running = 3
        limits.runningPerAddress = 2
        limits.waiting = 40
        limits.waitingPerAddress = 20
        // What is kept for a moment may be another log's by then.
        limits.keptMilliseconds = 0
        return limits
    }()

    /// Who waits for an answer.
    struct Asker: Hashable {
        var question: Question
        var address: Int
    }

    /// A lookup under way.
    struct Lookup {
        var number: Int
        var question: Question
        var isCancelled = false
    }

    var table = Table(limits: limits)
    var askers: [Int: Asker] = [:]
    var running: [Lookup] = []
    /// From which addresses each question was asked.
    var addresses: [Question: Set<Int>] = [:]

    /// What always holds: who left costs nothing, and nobody waits for those who did.
    mutating func check() throws {
        let limits = Self.limits
        let asked = Set(askers.values.lazy.map(\.question)).union(running.lazy.map(\.question))
        addresses = addresses.filter { asked.contains($0.key) }
        guard table.statistics.running == running.count, running.count <= limits.running else {
            throw Failure("\(running.count) lookups are under way and \(table.statistics.running) are counted")
        }
        guard table.statistics.waiting <= Set(askers.values.lazy.map(\.question)).count else {
            throw Failure("\(table.statistics.waiting) lookups wait, for \(askers.count) clients")
        }
        for lookup in running where !lookup.isCancelled {
            guard askers.values.contains(where: { $0.question == lookup.question }) else {
                throw Failure("a lookup goes on for nobody: \(lookup.question.point)")
            }
        }
        for address in Set(addresses.values.joined()) where share(address, isShared: false) > limits.runningPerAddress {
            throw Failure("the address \(address) has more than its share of lookups under way")
        }
        guard running.count < limits.running else { return }
        for (name, asker) in askers where share(asker.address, isShared: true) < limits.runningPerAddress {
            let isUnderWay = running.contains { !$0.isCancelled && $0.question == asker.question }
            guard isUnderWay || addresses[asker.question] != [asker.address] else {
                throw Failure("client \(name) waits while \(running.count) lookups are under way")
            }
        }
    }

    /// How many lookups an address has under way.
    ///
    /// - Parameter isShared: whether those that another asked for, too, are among them: they count for the first.
    private func share(_ address: Int, isShared: Bool) -> Int {
        running.count { lookup in
            guard let asked = addresses[lookup.question] else { return false }
            return isShared ? asked.contains(address) : asked == [address]
        }
    }
}

// Starts that the log is asked for, as each loop of the server asks.
extension World {
    /// A client asks where it starts. It waits until `answerLookup` comes to it.
    func ask(_ client: SimulatedClient, _ question: Question) throws {
        if question.point == .live { return try start(client, .live, ResolvedStart(start: .live)) }
        client.isAsking = true
        try ask(client.name, from: client.name % 4, question, client.loop)
    }

    private func ask(_ asker: Int, from address: Int, _ question: Question, _ loop: Int) throws {
        lookups[loop].askers[asker] = SimulatedLookups.Asker(question: question, address: address)
        lookups[loop].addresses[question, default: []].insert(address)
        try carryOut(
            lookups[loop].table.ask(
                question, isStable: question.isStable, by: asker, from: address, now: now.monotonic),
            loop)
    }

    private func leave(_ asker: Int, _ loop: Int) throws {
        lookups[loop].askers[asker] = nil
        try carryOut(lookups[loop].table.leave(asker), loop)
    }

    /// A client leaves before it has its answer.
    func abandon(_ client: SimulatedClient) throws {
        client.isAsking = false
        count(.abandonedLookup)
        try leave(client.name, client.loop)
        try lookups[client.loop].check()
    }

    private func carryOut(_ actions: [SimulatedLookups.Table.Action], _ loop: Int) throws {
        for action in actions {
            switch action {
            case .begin(let number, let question):
                guard lookups[loop].askers.values.contains(where: { $0.question == question }) else {
                    throw Failure("a lookup begins for nobody: \(question.point)")
                }
                lookups[loop].running.append(SimulatedLookups.Lookup(number: number, question: question))
            case .cancel(let number):
                guard let index = lookups[loop].running.firstIndex(where: { $0.number == number }) else { continue }
                lookups[loop].running[index].isCancelled = true
            case .refuse(let asker):
                guard asker < 0 else { throw Failure("client \(asker) is refused for what others ask") }
                lookups[loop].askers[asker] = nil
                count(.refusedLookup)
            }
        }
    }

    /// The log answers one lookup.
    func answerLookup() async throws {
        let loop = Int.random(in: 0..<loops.count, using: &random)
        guard let index = lookups[loop].running.indices.randomElement(using: &random) else { return }
        let lookup = lookups[loop].running.remove(at: index)
        let result = try await resolve(lookup)
        try carryOut(
            lookups[loop].table.didEnd(lookup.number, result, weight: 1, now: now.monotonic), loop)
        for (asker, result) in lookups[loop].table.takeReady(most: .max) {
            guard let asked = lookups[loop].askers.removeValue(forKey: asker) else {
                throw Failure("an answer for \(asker), which has left")
            }
            guard let client = clients.first(where: { $0.name == asker }) else { continue }
            client.isAsking = false
            switch result {
            case .success(let start): try self.start(client, asked.question.point, start)
            case .failure(.log(let cause)) where cause.isTransient && cause != .closed: client.led = [:]
            case .failure(let error): throw error
            }
        }
        try lookups[loop].check()
    }

    func answerLookups() async throws {
        while lookups.contains(where: { !$0.running.isEmpty }) { try await answerLookup() }
    }

    /// The server stops: whoever waits is told to come back.
    func drainLookups(_ loop: Int) throws {
        let (askers, actions) = lookups[loop].table.stop()
        guard Set(askers) == Set(lookups[loop].askers.keys), askers.count == lookups[loop].askers.count else {
            throw Failure("\(askers.count) are told that the server stops, and \(lookups[loop].askers.count) wait")
        }
        lookups[loop].askers = [:]
        try carryOut(actions, loop)
        for client in clients where askers.contains(client.name) { client.isAsking = false }
        try lookups[loop].check()
    }

    private func resolve(_ lookup: SimulatedLookups.Lookup) async throws -> Result<ResolvedStart, StartError> {
        let subscription = lookup.question.subscription
        // What the live reader has had, as the server's tail has it.
        let known = SharedTail(maximumBytes: .max)
        known.withLock { $0 = tail }
        let search = NewestSearch(for: subscription, tail: known, loader: loader, limits: searchLimits)
        let resolver = StartResolver(
            log: log, search: search, partitions: partitions.filter { subscription.includes($0) }, now: now.wall)
        let asked = log.questions
        let task = Task { () -> Result<ResolvedStart, StartError> in
            if lookup.isCancelled { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
            do throws(StartError) {
                return .success(try await resolver.resolve(lookup.question.point))
            } catch {
                return .failure(error)
            }
        }
        let result = await task.value
        guard !lookup.isCancelled || log.questions == asked else {
            throw Failure("the log is asked for those who have left: \(lookup.question.point)")
        }
        return result
    }

    /// One address asks ten thousand times and leaves at once, each time with another question. Who asks then from another
    /// address is as well off as without.
    func askAndLeave() throws {
        count(.lookupStorm)
        let loop = Int.random(in: 0..<loops.count, using: &random)
        let staysForAll = chance(50)
        let subscription = Subscription(topics: Set(partitions.map(\.topic)).sorted())
        let begun = lookups[loop].table.statistics.begun
        for number in 1...10_000 {
            let point = number % 2 == 0 ? StartPoint.since(Timestamp(number)) : .last(number)
            try ask(-number, from: -1, Question(point, subscription), loop)
            if number == 5_000 {
                try ask(-20_000, from: -2, Question(.since(0), subscription), loop)
                try lookups[loop].check()
                try leave(-20_000, loop)
            }
            if !staysForAll { try leave(-number, loop) }
        }
        if staysForAll { for number in 1...10_000 { try leave(-number, loop) } }
        try lookups[loop].check()
        guard lookups[loop].table.statistics.begun - begun <= SimulatedLookups.limits.running else {
            throw Failure("lookups are begun for those who have left")
        }
    }
}
