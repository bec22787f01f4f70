/// What only some subscribers have, each at its subscriber's own index: no memory before the first has it.
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
