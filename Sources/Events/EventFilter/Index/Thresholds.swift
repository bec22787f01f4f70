/// The numbers that one number is held against, in order, and where each leads. It can't be copied: an event that is held against
/// it would else count its owners up and down.
struct Thresholds: ~Copyable {
    struct Threshold {
        /// The number where it is an Int64; else it is in `numbers`.
        var integer: Int64
        var isInteger: Bool
        /// Whether the number itself holds too.
        var orEqual: Bool
        var node: Int32
    }

    /// Whether numbers above them hold, or below.
    private let isAbove: Bool
    private var sorted = Row<Threshold>()
    /// Of each of them.
    private var numbers = Row<Number>()

    init(isAbove: Bool) { self.isAbove = isAbove }

    var isEmpty: Bool { sorted.isEmpty }

    /// The place of the first threshold at or above a number.
    private func place(of number: Number) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func place(of number: Number, orEqual: Bool) -> Int? {
        var place = place(of: number)
        while place < sorted.count, numbers[place] == number {
            if sorted[place].orEqual == orEqual { return place }
            place += 1
        }
        return nil
    }

    /// The node that a threshold leads to, or -1.
    func node(_ number: Number, orEqual: Bool) -> Int32 {
        place(of: number, orEqual: orEqual).map { sorted[$0].node } ?? -1
    }

    mutating func insert(_ number: Number, orEqual: Bool, _ node: Int32) {
        let place = place(of: number)
        var threshold = Threshold(integer: 0, isInteger: false, orEqual: orEqual, node: node)
        if case .integer(let value) = number { (threshold.integer, threshold.isInteger) = (value, true) }
        sorted.insert(threshold, at: place)
        numbers.insert(number, at: place)
    }

    mutating func remove(_ number: Number, orEqual: Bool) {
        guard let place = place(of: number, orEqual: orEqual) else { return }
        sorted.remove(at: place)
        numbers.remove(at: place)
    }

    /// Appends the nodes of all thresholds that a number passes.
    @inline(__always)
    func append(passedBy value: Int64, to nodes: inout Row<Int32>) {
        append(to: &nodes) { threshold, place in
            guard threshold.isInteger else { return order(.integer(value), place) }
            return value == threshold.integer ? 0 : (value < threshold.integer) == isAbove ? -1 : 1
        }
    }

    @inline(never)
    func append(passedBy number: Number, to nodes: inout Row<Int32>) {
        append(to: &nodes) { _, place in order(number, place) }
    }

    /// - Parameter order: 1 where the number passes a threshold, 0 where it is the threshold, -1 else.
    @inline(__always)
    private func append(to nodes: inout Row<Int32>, _ order: (Threshold, Int) -> Int) {
        for step in 0..<sorted.count {
            // From the one that is passed most easily on.
            let place = isAbove ? step : sorted.count &- 1 &- step
            let threshold = sorted[place]
            let order = order(threshold, place)
            guard order >= 0 else { return }
            if order > 0 || threshold.orEqual { nodes.append(threshold.node) }
        }
    }

    @inline(never)
    private func order(_ number: Number, _ place: Int) -> Int {
        number == numbers[place] ? 0 : (number < numbers[place]) == isAbove ? -1 : 1
    }
}
