internal import JSON
internal import Time

/// What came, counted.
struct ConsumeStatistics: Sendable {
    private(set) var events: Int64 = 0
    private(set) var bytes: Int64 = 0
    private(set) var duplicates: Int64 = 0
    /// Offsets that were passed over: filtered, hidden, or missing.
    private(set) var holes: Int64 = 0
    var gaps: Int64 = 0
    var reconnects: Int64 = 0
    /// Milliseconds from the last event's time until it came.
    private(set) var lag: Int64?
    private var highest: [String: Int64] = [:]
    private var shown: (time: Int64, events: Int64, bytes: Int64)

    init(now: Int64) { shown = (now, 0, 0) }

    mutating func take(_ data: [UInt8], now: Int64) {
        events += 1
        bytes += Int64(data.count) + 1
        guard let event = try? JSONDocument(data), let meta = event.member("meta", of: event.root) else { return }
        if let time = event.string(event.member("dt", of: meta)).flatMap({ ISO8601.parse($0) }) { lag = now - time }
        guard let topic = event.string(event.member("topic", of: meta)),
            let partition = event.integer(event.member("partition", of: meta)),
            let offset = event.integer(event.member("offset", of: meta)), offset >= 0
        else { return }
        let key = "\(partition) \(topic)"
        if let last = highest[key] {
            if offset <= last {
                duplicates += 1
                return
            }
            holes += offset - last - 1
        }
        highest[key] = offset
    }

    /// The report that is due, if one is.
    mutating func report(now: Int64, interval: Int64) -> String? {
        guard now - shown.time >= interval else { return nil }
        let time = now - shown.time
        let rates =
            "\(Figures.tenths(Figures.rate(events - shown.events, milliseconds: time))) events/s, "
            + "\(Figures.bytes(Int64(Figures.rate(bytes - shown.bytes, milliseconds: time))))/s"
        shown = (now, events, bytes)
        let behind = lag.map { ", \(Figures.tenths(Double($0) / 1000)) s behind" } ?? ""
        return rates + behind + "; " + totals
    }

    var totals: String {
        [
            Figures.counted(events, "event"), Figures.bytes(bytes), Figures.counted(reconnects, "reconnect"),
            Figures.counted(gaps, "gap"), Figures.counted(duplicates, "duplicate"),
            Figures.counted(holes, "offset hole"),
        ].joined(separator: ", ")
    }
}
