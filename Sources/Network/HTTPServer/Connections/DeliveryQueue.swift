/// What is to be told to a handler, in the order in which it happened.
struct DeliveryQueue {
    private var waiting: ContiguousArray<Delivery> = []
    private var next = 0

    var isEmpty: Bool { next == waiting.count }

    mutating func append(_ delivery: Delivery) { waiting.append(delivery) }

    mutating func removeFirst() -> Delivery? {
        guard next < waiting.count else { return nil }
        let delivery = waiting[next]
        next += 1
        if next == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.capacity <= 1024)
            next = 0
        }
        return delivery
    }
}
