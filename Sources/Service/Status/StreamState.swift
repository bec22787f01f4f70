package import EventLog

/// How a stream is doing at one moment.
package enum StreamState: UInt8, Hashable, Sendable, CaseIterable {
    /// An event came within `FreshnessLimits.fresh`; canaries count.
    case fresh = 0
    /// The newest event is older than that, and nothing says that any are missing.
    case quiet = 1
    /// No event has ever come.
    case empty = 2
    /// Canaries are sent through it, and none has come through for too long.
    case stale = 3
    /// Its last canary did not come through.
    case failing = 4
    /// The log can't be read, or a partition of the stream can't.
    case unavailable = 5

    /// Also its name in documents.
    package var name: String { "\(self)" }

    package var isTrouble: Bool { rawValue >= StreamState.stale.rawValue }

    /// - Parameter now: Unix milliseconds.
    package init(_ stream: StatusReading.Stream, isLogReadable: Bool, limits: FreshnessLimits, now: Timestamp) {
        if !isLogReadable || !stream.isReadable {
            self = .unavailable
        } else if stream.canary?.isHealthy == false {
            self = .failing
        } else if let seen = stream.canary?.seen, limits.canary > 0,
            now - max(seen, stream.newest ?? seen) > limits.canary
        {
            self = .stale
        } else if let newest = stream.newest {
            self = now - newest <= limits.fresh ? .fresh : .quiet
        } else {
            self = .empty
        }
    }
}

/// When a stream counts as fresh, and when as stale. Milliseconds.
package struct FreshnessLimits: Hashable, Sendable {
    /// How old the newest event of a fresh stream may be.
    package var fresh: Int64
    /// How long ago the last event of a stream with canaries may have come before it is stale. 0: canaries aren't sent.
    package var canary: Int64

    package init(fresh: Int64 = 900_000, canary: Int64 = 0) {
        self.fresh = fresh
        self.canary = canary
    }

    /// - Parameter canaryInterval: milliseconds between two canaries of a stream; 0: none are sent.
    package init(fresh: Int64, canaryInterval: Int64) {
        // One that is late by half a minute, and one that was left out, are no trouble yet.
        self.init(fresh: fresh, canary: canaryInterval > 0 ? 2 * canaryInterval + 60_000 : 0)
    }
}
