/// When to look at which subscriber again: a ring of seconds. Each subscriber stands in it once.
struct DeadlineWheel {
    /// One slot a second. What is further away than the ring is long is looked at once around.
    private var slots: [ContiguousArray<SubscriberID>]
    /// The second up to which all was looked at.
    private var second: Int64

    init(now: Int64, slots: Int = 64) {
        self.slots = Array(repeating: [], count: slots)
        second = now / 1000
    }

    /// Looks at `id` again at about `time`, never before the next second.
    mutating func add(_ id: SubscriberID, at time: Int64) {
        let due = min(max((time + 999) / 1000, second + 1), second + Int64(slots.count) - 1)
        slots[Int(due % Int64(slots.count))].append(id)
    }

    /// Those that are due.
    mutating func take(now: Int64) -> ContiguousArray<SubscriberID> {
        var due: ContiguousArray<SubscriberID> = []
        let last = min(now / 1000, second + Int64(slots.count))
        while second < last {
            second += 1
            let slot = Int(second % Int64(slots.count))
            due.append(contentsOf: slots[slot])
            slots[slot].removeAll(keepingCapacity: slots[slot].capacity < 4096)
        }
        second = max(second, now / 1000)
        return due
    }
}
