/// The starts that one event loop has the log asked for: which are under way, which wait, and who waits for each.
///
/// Equal questions are one. Where the answer stays right for a moment (an id's offsets, a time that has passed) it is kept for
/// that moment, and who asks while it is looked up joins. Where it doesn't (the newest events), those who ask while it is looked
/// up share the next lookup, so nobody gets an answer from before the question. Who leaves costs nothing: a lookup that nobody
/// waits for any more is cancelled, or never begun.
///
/// Every call returns what must be done for it, in order. The clock is a parameter: monotonic milliseconds.
package struct LookupTable<Client, Address, Question, Answer>: Sendable
where
    Client: Hashable & Sendable, Address: Hashable & Sendable, Question: Hashable & Sendable, Answer: Sendable
{
    package enum Action {
        /// Begin a lookup; then tell its end by `didEnd`, also when it was cancelled.
        case begin(Int, Question)
        /// Nobody waits for this lookup any more.
        case cancel(Int)
        /// Too many wait.
        case refuse(Client)
    }

    private struct Lookup {
        var question: Question
        /// Of the one who asked first: the lookup counts for it.
        var address: Address
        /// Whether the answer stays right for a moment.
        var isStable: Bool
        var clients: Set<Client>
        var isRunning = false
    }

    private let limits: LookupLimits
    private var lookups: [Int: Lookup] = [:]
    /// The lookups that others may join, by their question.
    private var running: [Question: Int] = [:]
    private var waiting: [Question: Int] = [:]
    /// The lookups that wait, in turn. One that was given up is passed over.
    private var queue: [Int] = []
    private var lookupOfClient: [Client: Int] = [:]
    private var runningByAddress: [Address: Int] = [:]
    private var waitingByAddress: [Address: Int] = [:]
    private var ready: [(client: Client, answer: Answer)] = []
    private var kept: [Question: (answer: Answer, weight: Int, until: Int64)] = [:]
    private var keptWeight = 0
    private var next = 0
    package private(set) var statistics = LookupStatistics()

    package init(limits: LookupLimits = LookupLimits()) { self.limits = limits }

    // MARK: What happens

    /// A client asks.
    ///
    /// - Parameters:
    ///   - isStable: whether the answer stays right for a moment.
    package mutating func ask(
        _ question: Question, isStable: Bool, by client: Client, from address: Address, now: Int64
    ) -> [Action] {
        if isStable, let found = kept[question], found.until > now {
            statistics.shared += 1
            ready.append((client, found.answer))
            return []
        }
        if let number = waiting[question] ?? (isStable ? running[question] : nil) {
            statistics.shared += 1
            lookups[number]?.clients.insert(client)
            lookupOfClient[client] = number
            return []
        }
        let mustWait =
            statistics.running >= limits.running || runningByAddress[address, default: 0] >= limits.runningPerAddress
        guard
            !mustWait
                || statistics.waiting < limits.waiting
                    && waitingByAddress[address, default: 0] < limits.waitingPerAddress
        else {
            statistics.refused += 1
            return [.refuse(client)]
        }
        next += 1
        lookups[next] = Lookup(question: question, address: address, isStable: isStable, clients: [client])
        lookupOfClient[client] = next
        waiting[question] = next
        queue.append(next)
        statistics.waiting += 1
        waitingByAddress[address, default: 0] += 1
        return beginNext()
    }

    /// A client is gone.
    package mutating func leave(_ client: Client) -> [Action] {
        guard let number = lookupOfClient.removeValue(forKey: client) else { return [] }
        lookups[number]?.clients.remove(client)
        guard let lookup = lookups[number], lookup.clients.isEmpty else { return [] }
        statistics.abandoned += 1
        guard !lookup.isRunning else {
            // It takes its share until it has ended.
            if running[lookup.question] == number { running[lookup.question] = nil }
            return [.cancel(number)]
        }
        lookups[number] = nil
        stopWaiting(lookup)
        return []
    }

    /// A lookup has ended.
    ///
    /// - Parameters:
    ///   - weight: what it costs to keep the answer, in positions; nil: it is none to keep.
    package mutating func didEnd(_ number: Int, _ answer: Answer, weight: Int?, now: Int64) -> [Action] {
        guard let lookup = lookups.removeValue(forKey: number) else { return [] }
        statistics.running -= 1
        Self.decrement(&runningByAddress, lookup.address)
        if running[lookup.question] == number { running[lookup.question] = nil }
        for client in lookup.clients {
            lookupOfClient[client] = nil
            ready.append((client, answer))
        }
        if lookup.isStable, let weight { keep(answer, weight, lookup.question, now) }
        return beginNext()
    }

    /// Takes those whose answers are there, so many of them at most. Some may have left meanwhile.
    package mutating func takeReady(most count: Int) -> [(client: Client, answer: Answer)] {
        let taken = Array(ready.prefix(count))
        ready.removeFirst(taken.count)
        return taken
    }

    package func isRunning(_ number: Int) -> Bool { lookups[number]?.isRunning ?? false }

    package var hasReady: Bool { !ready.isEmpty }

    /// Gives up all lookups, for the server is to stop.
    ///
    /// - Returns: everybody who waits or has an answer and did not take it, and what must be done.
    package mutating func stop() -> (clients: [Client], actions: [Action]) {
        let clients = lookupOfClient.keys + ready.map(\.client)
        var actions: [Action] = []
        for client in lookupOfClient.keys { actions += leave(client) }
        ready = []
        kept = [:]
        keptWeight = 0
        return (Array(clients), actions)
    }

    // MARK: Turns

    /// Begins the lookups whose turn it is. One address's that has its share under way lets others pass.
    private mutating func beginNext() -> [Action] {
        var actions: [Action] = []
        var index = 0
        while index < queue.count, statistics.running < limits.running {
            let number = queue[index]
            guard let lookup = lookups[number], !lookup.isRunning else {
                queue.remove(at: index)
                continue
            }
            guard runningByAddress[lookup.address, default: 0] < limits.runningPerAddress else {
                index += 1
                continue
            }
            queue.remove(at: index)
            stopWaiting(lookup)
            lookups[number]?.isRunning = true
            running[lookup.question] = number
            statistics.running += 1
            statistics.begun += 1
            runningByAddress[lookup.address, default: 0] += 1
            actions.append(.begin(number, lookup.question))
        }
        // Abandoned entries are removed before they outnumber the waiting ones.
        if queue.count > 2 * statistics.waiting + 64 { queue.removeAll { lookups[$0] == nil } }
        return actions
    }

    private mutating func stopWaiting(_ lookup: Lookup) {
        waiting[lookup.question] = nil
        statistics.waiting -= 1
        Self.decrement(&waitingByAddress, lookup.address)
    }

    private static func decrement(_ counts: inout [Address: Int], _ address: Address) {
        let count = counts[address, default: 0] - 1
        counts[address] = count > 0 ? count : nil
    }

    private mutating func keep(_ answer: Answer, _ weight: Int, _ question: Question, _ now: Int64) {
        let weight = weight + 1
        guard weight <= limits.keptPositions else { return }
        if keptWeight + weight > limits.keptPositions {
            kept = kept.filter { $0.value.until > now }
            keptWeight = kept.values.reduce(0) { $0 + $1.weight }
        }
        // All are younger than a moment: that they are shared matters less than that they are few.
        if keptWeight + weight > limits.keptPositions { (kept, keptWeight) = ([:], 0) }
        if let old = kept.updateValue((answer, weight, now + limits.keptMilliseconds), forKey: question) {
            keptWeight -= old.weight
        }
        keptWeight += weight
    }
}
