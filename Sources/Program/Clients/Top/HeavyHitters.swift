/// Counts values of which there may be any number, in bounded memory: the most frequent stay, with counts that are at most
/// `error` too high (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements", 2005).
struct HeavyHitters: Sendable {
    struct Entry: Hashable, Sendable {
        var value: String
        /// Since the beginning.
        var count: Int64
        /// How much of the count may be of others, whose place this value took.
        var error: Int64
        /// Since the last `endWindow`.
        fileprivate var current: Int64
        /// In the windows that count, the oldest first.
        fileprivate var windows: [Int64]

        /// In the windows that count, and since.
        var recent: Int64 { windows.reduce(current, +) }
    }

    private let capacity: Int
    private let windowCount: Int
    private var places: [String: Int] = [:]
    private var entries: [Entry] = []
    private(set) var total: Int64 = 0
    private var current: Int64 = 0
    private var windows: [Int64] = []

    /// All in the windows that count, and since.
    var recent: Int64 { windows.reduce(current, +) }

    /// - Parameters:
    ///   - capacity: values at most.
    ///   - windows: how many windows count as recent.
    init(capacity: Int = 2000, windows: Int = 5) {
        self.capacity = max(capacity, 1)
        windowCount = max(windows, 0)
    }

    mutating func add(_ value: String) {
        total += 1
        current += 1
        if let place = places[value] {
            entries[place].count += 1
            entries[place].current += 1
        } else if entries.count < capacity {
            places[value] = entries.count
            entries.append(Entry(value: value, count: 1, error: 0, current: 1, windows: []))
        } else if let place = entries.indices.min(by: { entries[$0].count < entries[$1].count }) {
            // The rarest gives its place, and its count is what the new one may have had before.
            let rarest = entries[place].count
            places[entries[place].value] = nil
            places[value] = place
            entries[place] = Entry(value: value, count: rarest + 1, error: rarest, current: 1, windows: [])
        }
    }

    /// A span of time is over.
    mutating func endWindow() {
        windows.append(current)
        if windows.count > windowCount { windows.removeFirst() }
        current = 0
        for place in entries.indices {
            entries[place].windows.append(entries[place].current)
            if entries[place].windows.count > windowCount { entries[place].windows.removeFirst() }
            entries[place].current = 0
        }
    }

    /// The most frequent of late, those of the whole time behind them.
    func top(_ count: Int) -> [Entry] {
        let sorted = entries.sorted { ($0.recent, $0.count, $1.value) > ($1.recent, $1.count, $0.value) }
        return Array(sorted.prefix(max(count, 0)))
    }
}
