/// A column of values that few subscribers have. A value stands at its subscriber's index. The column takes no memory before the
/// first value is set. Then it takes the same for each index up to the highest that was ever set.
struct Column<Value> {
    private var values: ContiguousArray<Value> = []
    private let absent: Value

    /// - Parameter absent: the value of each subscriber for which none was set.
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
