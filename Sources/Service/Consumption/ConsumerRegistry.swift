internal import Synchronization

/// Who consumes what: programs (`AgentName`) and the streams that they follow, in a table of bounded size. Any thread may ask.
package final class ConsumerRegistry: Sendable {
    /// Rows of the table. Whoever comes when it is full counts as another program (`AgentName.other`) of all streams.
    package static let mostRows = 500
    /// What a row keeps of the last `User-Agent` in full. Bytes.
    package static let agentBytes = 200
    /// Consumers that are kept to be shared; past it all are made anew.
    private static let mostShared = 4096

    private struct Key: Hashable {
        var agent: AgentName
        var streams: String
    }

    /// A client's `User-Agent`, shortened, and the streams that it follows.
    private struct Name: Hashable {
        var agent: String
        var streams: [String]
    }

    private struct State {
        var rows: [Key: Int] = [:]
        /// By row.
        var keys: [Key]
        var lastAgents: [String]
        var shared: [Name: Consumer] = [:]
        /// By event loop, each by row.
        var uses: [Int: [ConsumerUse]] = [:]
    }

    private let state: Mutex<State>

    package init() {
        let other = Key(agent: .other, streams: "*")
        state = Mutex(State(rows: [other: 0], keys: [other], lastAgents: [""]))
    }

    /// What a client that begins a stream counts as.
    ///
    /// - Parameters:
    ///   - userAgent: as the client wrote it.
    ///   - streams: canonical names.
    package func consumer(userAgent: String, streams: [String]) -> Consumer {
        let isShort = userAgent.utf8.count <= Self.agentBytes
        let shown = isShort ? userAgent : String(decoding: userAgent.utf8.prefix(Self.agentBytes), as: UTF8.self)
        let name = Name(agent: shown, streams: streams)
        return state.withLock { state in
            if let consumer = state.shared[name] { return consumer }
            // Those of several streams are one row: there are more combinations than could be counted.
            let key = Key(agent: AgentName(userAgent: userAgent), streams: streams.count == 1 ? streams[0] : "several")
            let row = state.rows[key] ?? (state.keys.count < Self.mostRows ? state.keys.count : 0)
            if row == state.keys.count {
                state.rows[key] = row
                state.keys.append(key)
                state.lastAgents.append("")
            }
            if row > 0 { state.lastAgents[row] = shown }
            let consumer = Consumer(row: row, streams: streams, agent: shown)
            if state.shared.count >= Self.mostShared { state.shared = [:] }
            state.shared[name] = consumer
            return consumer
        }
    }

    /// Takes what an event loop has counted so far, in the place of what it told before.
    package func publish(_ uses: [ConsumerUse], loop: Int) { state.withLock { $0.uses[loop] = uses } }

    /// The rows that have had a client, most bytes first.
    package var lines: [ConsumerLine] {
        state.withLock { state in
            var lines = state.keys.enumerated().map { row, key in
                ConsumerLine(
                    agent: key.agent, stream: key.streams, lastAgent: state.lastAgents[row],
                    use: state.uses.values.reduce(ConsumerUse()) { $0 + ($1.indices.contains(row) ? $1[row] : .init()) }
                )
            }
            lines.removeAll { $0.use.opened == 0 }
            return lines.sorted { ($0.use.bytes, $1.agent.description) > ($1.use.bytes, $0.agent.description) }
        }
    }
}

/// What a client's stream counts as, shared by many.
package final class Consumer: Sendable {
    package let row: Int
    /// Canonical names, as the client is subscribed to them.
    package let streams: [String]
    /// `User-Agent`, cut after `ConsumerRegistry.agentBytes`.
    package let agent: String

    init(row: Int, streams: [String], agent: String) {
        self.agent = agent
        self.row = row
        self.streams = streams
    }
}

/// What clients of one row have had.
package struct ConsumerUse: Hashable, Sendable {
    /// Of the moment.
    package var clients = 0
    /// Streams begun since the start.
    package var opened = 0
    /// Sent since the start.
    package var bytes = 0

    package init() {}

    package static func + (a: ConsumerUse, b: ConsumerUse) -> ConsumerUse {
        var sum = a
        sum.clients += b.clients
        sum.opened += b.opened
        sum.bytes += b.bytes
        return sum
    }
}

package struct ConsumerLine: Hashable, Sendable {
    package var agent: AgentName
    /// Its canonical name; `several`: more than one at once; `*`: of all that found no place.
    package var stream: String
    /// The last `User-Agent` of these clients, cut.
    package var lastAgent: String
    package var use: ConsumerUse
}
