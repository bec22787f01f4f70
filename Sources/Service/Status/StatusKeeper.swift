package import EventLog

/// Makes the history of readings: takes one every second or so, and knows what is new in it. A value without a clock or files.
package struct StatusKeeper: Sendable {
    /// Incidents that are kept: the newest.
    package static let mostIncidents = 100

    package private(set) var history: StatusHistory
    /// Oldest first.
    package private(set) var incidents: [Incident]
    /// The last one that was taken.
    package private(set) var reading = StatusReading(streams: [])
    /// Of the streams of `reading`, by name.
    package private(set) var states: [String: StreamState] = [:]
    private let limits: FreshnessLimits
    /// The minute that is going on, and what was counted when it began.
    private var minute: Int64?
    private var figuresBefore: [StatusFigure: Int] = [:]
    private var eventsBefore: [String: Int] = [:]
    /// Streams in trouble, and since when.
    private var troubles: [String: Timestamp] = [:]

    /// - Parameters:
    ///   - file: what was kept before the start; nil: nothing was.
    ///   - now: Unix milliseconds.
    package init(limits: FreshnessLimits, file: StatusFile? = nil, now: Timestamp) {
        self.limits = limits
        history = file?.history ?? StatusHistory()
        incidents = (file?.incidents ?? []).filter { $0.time <= now }
        // What a clock that was ahead wrote is no history.
        history.forget(from: Self.minute(now))
        let away = file.map { max(0, now - $0.saved) / 1000 } ?? 0
        add(Incident(file?.hasEnded == false ? .restarted : .started, number: away, at: now))
    }

    /// What is to be kept on disk.
    ///
    /// - Parameter hasEnded: whether the server ends in order now.
    package func file(hasEnded: Bool, now: Timestamp) -> StatusFile {
        StatusFile(saved: now, hasEnded: hasEnded, history: history, incidents: incidents)
    }

    /// Takes what was measured now. The first time a minute has passed it goes into the history.
    package mutating func take(_ reading: StatusReading, at now: Timestamp) {
        let current = Self.minute(now)
        note(reading, now)
        if let minute, minute != current { append(reading, as: current > minute ? minute : current - 1) }
        if minute != current {
            minute = current
            figuresBefore = reading.figures
            eventsBefore = Dictionary(reading.streams.map { ($0.name, $0.events) }) { first, _ in first }
        }
        self.reading = reading
    }

    package mutating func add(_ incident: Incident) {
        incidents.append(incident)
        if incidents.count > Self.mostIncidents { incidents.removeFirst(incidents.count - Self.mostIncidents) }
    }

    /// The minute of a time, since 1970.
    package static func minute(_ time: Timestamp) -> Int64 {
        let (quotient, rest) = time.quotientAndRemainder(dividingBy: 60_000)
        return rest < 0 ? quotient - 1 : quotient
    }

    private mutating func append(_ reading: StatusReading, as minute: Int64) {
        var had = StatusHistory.Minute()
        for figure in StatusFigure.allCases {
            let value = reading.figures[figure] ?? 0
            had.figures[figure] = figure.isMomentary ? value : value - (figuresBefore[figure] ?? 0)
        }
        had.streams = reading.streams.map { stream in
            (stream.name, stream.events - (eventsBefore[stream.name] ?? stream.events), states[stream.name] ?? .empty)
        }
        history.append(minute, had)
    }

    /// Works out the states, and what has changed in them.
    private mutating func note(_ reading: StatusReading, _ now: Timestamp) {
        var states: [String: StreamState] = [:]
        for stream in reading.streams {
            let state = StreamState(stream, isLogReadable: reading.isLogReadable, limits: limits, now: now)
            states[stream.name] = state
            guard state != self.states[stream.name] else { continue }
            switch state {
            case .stale: add(Incident(.streamStale, of: stream.name, at: now))
            case .failing: add(Incident(.streamFailing, of: stream.name, at: now))
            // That of the log is told once for all.
            case .unavailable where reading.isLogReadable:
                add(Incident(.streamUnavailable, of: stream.name, at: now))
            case .unavailable: continue
            case .fresh, .quiet, .empty:
                guard let since = troubles.removeValue(forKey: stream.name) else { continue }
                add(Incident(.streamWell, of: stream.name, number: max(0, now - since) / 1000, at: now))
                continue
            }
            if troubles[stream.name] == nil { troubles[stream.name] = now }
        }
        self.states = states
        troubles = troubles.filter { states[$0.key] != nil }
    }
}
