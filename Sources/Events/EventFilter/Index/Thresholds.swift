/// A number that fields are held against.
struct Threshold {
    var number: Number
    /// Whether the number itself holds too.
    var orEqual: Bool
    var key: Int32
}

/// The numbers that one field is held against, in order.
struct Thresholds {
    private var sorted: ContiguousArray<Threshold> = []

    mutating func change(_ threshold: Threshold, isAdded: Bool) {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].number < threshold.number { low = middle + 1 } else { high = middle }
        }
        if isAdded {
            sorted.insert(threshold, at: low)
        } else {
            while low < sorted.count, sorted[low].key != threshold.key { low += 1 }
            if low < sorted.count { sorted.remove(at: low) }
        }
    }

    /// Appends the keys of all that a number is above.
    func appendBelow(_ number: Number, to keys: inout ContiguousArray<Int32>) {
        for threshold in sorted {
            guard threshold.number <= number else { return }
            if threshold.orEqual || threshold.number < number { keys.append(threshold.key) }
        }
    }

    /// Appends the keys of all that a number is below.
    func appendAbove(_ number: Number, to keys: inout ContiguousArray<Int32>) {
        for threshold in sorted.reversed() {
            guard threshold.number >= number else { return }
            if threshold.orEqual || threshold.number > number { keys.append(threshold.key) }
        }
    }
}
