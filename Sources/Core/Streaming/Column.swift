/// What only some subscribers have, each at its subscriber's own index. It takes no memory before the first has it, then as much
/// for each index up to the highest that had it.
struct Column<Value> {
    private var values: ContiguousArray<Value> = []
    private let absent: Value

    /// - Parameter absent: what those have that have none.
    init(absent: Value) { self.absent = absent }

    subscript(subscriber: Int) -> Value {
        get { subscriber < values.count ? values[subscriber] : absent }
        set {
            if subscriber >= values.count {
                values.append(contentsOf: repeatElement(absent, count: subscriber + 1 - values.count))
            }
            values[subscriber] = newValue
        }
    }

    mutating func remove(_ subscriber: Int) {
        if subscriber < values.count { values[subscriber] = absent }
    }
}
