/// What each minute of the last day had: of the whole service, and of each stream. A value of bounded size: 29 bytes a
/// minute and 8 more for each stream, of which `mostStreams` are kept.
package struct StatusHistory: Hashable, Sendable {
    /// Minutes that are kept.
    package static let minutes = MinuteRing.count
    /// Streams whose history is kept; further ones have none.
    package static let mostStreams = 256

    struct Stream: Hashable, Sendable {
        /// Events that came in.
        var events = MinuteRing()
        /// `StreamState` at the minute's end.
        var states = MinuteRing()
    }

    /// The newest minute, since 1970; nil: there is none.
    private(set) var newest: Int64?
    private(set) var service: [MinuteRing]
    private(set) var streams: [String: Stream]

    package init() {
        newest = nil
        service = StatusFigure.allCases.map { _ in MinuteRing() }
        streams = [:]
    }

    init(newest: Int64?, service: [MinuteRing], streams: [String: Stream]) {
        self.newest = newest
        self.service = service
        self.streams = streams
    }

    /// What one minute had.
    struct Minute {
        var figures: [StatusFigure: Int] = [:]
        var streams: [(name: String, events: Int, state: StreamState)] = []
    }

    /// Takes down a minute that is over. Minutes between it and the one before are unknown. One that was told before, for
    /// the clock went back, takes the place of all from it on.
    mutating func append(_ minute: Int64, _ had: Minute) {
        if let newest, minute <= newest { forget(from: minute) }
        if let newest {
            let first = max(newest + 1, minute - Int64(Self.minutes) + 1)
            for passed in first..<max(first, minute) { clear(passed) }
        }
        clear(minute)
        for figure in StatusFigure.allCases { service[figure.rawValue][minute] = had.figures[figure] }
        let names = Set(had.streams.map(\.name))
        streams = streams.filter { names.contains($0.key) }
        for stream in had.streams where streams[stream.name] != nil || streams.count < Self.mostStreams {
            streams[stream.name, default: Stream()].events[minute] = stream.events
            streams[stream.name]?.states[minute] = Int(stream.state.rawValue)
        }
        newest = minute
    }

    /// Forgets a minute and all later ones: what a wrong clock wrote.
    mutating func forget(from minute: Int64) {
        guard let newest, newest >= minute else { return }
        let first = max(minute, newest - Int64(Self.minutes) + 1)
        for forgotten in first...newest { clear(forgotten) }
        self.newest = first > minute ? nil : minute - 1
    }

    private mutating func clear(_ minute: Int64) {
        for place in service.indices { service[place][minute] = nil }
        for name in streams.keys {
            streams[name]?.events[minute] = nil
            streams[name]?.states[minute] = nil
        }
    }

    // MARK: Reading

    /// The day up to a minute, oldest first, in steps: counts are summed up, of moments the largest counts; nil where nothing
    /// of a step is known.
    ///
    /// - Parameter step: minutes; a divisor of `minutes`.
    package func figures(_ figure: StatusFigure, until last: Int64, step: Int) -> [Int?] {
        fold(service[figure.rawValue], until: last, step: step) { figure.isMomentary ? max($0, $1) : $0 + $1 }
    }

    /// A stream's events in the same form; nil: it has no history.
    package func events(of stream: String, until last: Int64, step: Int) -> [Int?]? {
        streams[stream].map { fold($0.events, until: last, step: step, +) }
    }

    /// The worst state of each step; nil: the stream has no history.
    package func states(of stream: String, until last: Int64, step: Int) -> [StreamState?]? {
        streams[stream].map { history in
            fold(history.states, until: last, step: step, max).map { $0.flatMap { StreamState(rawValue: UInt8($0)) } }
        }
    }

    private func fold(_ ring: MinuteRing, until last: Int64, step: Int, _ join: (Int, Int) -> Int) -> [Int?] {
        let first = last - Int64(Self.minutes) + 1
        return stride(from: first, through: last, by: step).map { start in
            var sum: Int?
            for minute in start..<start + Int64(step) {
                guard let newest, minute <= newest, minute > newest - Int64(Self.minutes), let value = ring[minute]
                else { continue }
                sum = sum.map { join($0, value) } ?? value
            }
            return sum
        }
    }
}
