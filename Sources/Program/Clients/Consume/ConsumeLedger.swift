internal import EventStreamsClient
internal import JSON
internal import Synchronization
internal import System

/// What all streams of a run share: the output with its limit, the ids, and the figures.
final class ConsumeLedger: Sendable {
    private struct State {
        var left: Int64?
        var ids: [String: String]
        var hasNewIDs = false
        var saved: Int64
        var statistics: ConsumeStatistics
        var isClosed = false
        var failure: String?
        /// Writes events as rows; nil: they are written as they are.
        var columns: EventColumns?
    }

    enum Outcome { case goesOn, isOver }

    private let options: ConsumeOptions
    private let environment: ClientEnvironment
    private let state: Mutex<State>

    init(_ options: ConsumeOptions, _ environment: ClientEnvironment, screen: Screen?) throws(ClientFailure) {
        self.options = options
        self.environment = environment
        let now = environment.now()
        var ids: [String: String] = [:]
        if let path = options.stateFile {
            let bytes: [UInt8]?
            do { bytes = try SmallFile.read(path) } catch {
                throw .usage("the state file \(path) can't be read: \(error)")
            }
            if let bytes {
                guard case .object(let members)? = try? JSONValue(bytes) else {
                    throw .usage(
                        "\(path) is not a state file of this command; name another, or delete it to begin anew")
                }
                for member in members { ids[member.name] = member.value.string }
            }
        }
        let columns =
            options.columns.isEmpty ? nil : EventColumns(options.columns, screen: screen, colours: options.colours)
        state = Mutex(
            State(
                left: options.limit, ids: ids, saved: now, statistics: ConsumeStatistics(now: now), columns: columns))
    }

    func id(of url: String) -> String? { state.withLock { $0.ids[url] } }

    /// Prints an event, and keeps its id once it is printed.
    func print(_ event: StreamEvent, of url: String) -> Outcome {
        state.withLock { state in
            if state.isClosed || state.left == 0 { return .isOver }
            guard environment.write(state.columns?.line(event) ?? event.data + [0x0A]) else {
                state.isClosed = true
                return .isOver
            }
            if options.statistics { state.statistics.take(event.data, now: environment.now()) }
            keep(event.id, url, &state)
            state.left = state.left.map { $0 - 1 }
            return state.left == 0 ? .isOver : .goesOn
        }
    }

    func move(to id: String, of url: String) { state.withLock { keep(id, url, &$0) } }

    private func keep(_ id: String, _ url: String, _ state: inout State) {
        guard !id.isEmpty else { return }
        state.ids[url] = id
        state.hasNewIDs = true
    }

    func tell(_ sentence: String, isGap: Bool) {
        if isGap { state.withLock { $0.statistics.gaps += 1 } }
        if isGap || !options.isQuiet { environment.tell(sentence) }
    }

    func countReconnect() { state.withLock { $0.statistics.reconnects += 1 } }

    /// What is done now and then: statistics, and the state once a second.
    func tick() throws(ClientFailure) {
        let now = environment.now()
        if options.statistics {
            let interval = Int64(clamping: max(options.statisticsInterval, 1)) * 1000
            if let report = state.withLock({ $0.statistics.report(now: now, interval: interval) }) {
                environment.tell(report)
            }
        }
        let isDue = state.withLock { state in
            guard now - state.saved >= 1000 else { return false }
            state.saved = now
            return true
        }
        if isDue { try save() }
    }

    func finish() throws(ClientFailure) {
        try save()
        if options.statistics { environment.tell(state.withLock { $0.statistics.totals }) }
    }

    private func save() throws(ClientFailure) {
        guard let path = options.stateFile else { return }
        // Under the lock, so that an older state never takes a newer one's place.
        let failure = state.withLock { state -> FileError? in
            guard state.hasNewIDs else { return nil }
            state.hasNewIDs = false
            let ids = state.ids.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
            do throws(FileError) {
                try SmallFile.replace(path, with: JSONValue.object(ids).bytes + [0x0A])
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw .stopped("the state can't be kept in \(path): \(failure)") }
    }
}
