internal import Compression
internal import Status

extension FuzzTarget {
    /// Any bytes are a file or none, also where their sum is right; what was read is written as it was, and can be used.
    static let statusFile = FuzzTarget("status-file") { input throws(FuzzFinding) in
        var summed = input
        let sum = GzipSum(input.span).crc
        for shift: UInt32 in [0, 8, 16, 24] { summed.append(UInt8(truncatingIfNeeded: sum >> shift)) }
        for bytes in [input, summed] {
            guard let file = StatusFile(bytes) else { continue }
            try requireEqual(StatusFile(file.bytes), file, "what is written is read again")
            let now: Int64 = 1_790_510_400_000
            var keeper = StatusKeeper(limits: FreshnessLimits(), file: file, now: now)
            keeper.take(StatusReading(streams: []), at: now)
            keeper.take(StatusReading(streams: []), at: now + 60_000)
            let points = keeper.history.figures(.sent, until: StatusKeeper.minute(now), step: 15)
            try requireEqual(points.count, 96, "a day has as many quarters of an hour")
            try require(keeper.incidents.allSatisfy { $0.time <= now }, "no incident is of the future")
        }
    }
}
