/// The numbers that one number is held against, in order, and where each leads.
struct Thresholds {
    private struct Threshold {
        var number: Number
        /// Whether the number itself holds too.
        var orEqual: Bool
        var node: Int32
    }

    /// Whether numbers above them hold, or below.
    private let isAbove: Bool
    private var sorted: ContiguousArray<Threshold> = []

    init(isAbove: Bool) { self.isAbove = isAbove }

    var isEmpty: Bool { sorted.isEmpty }

    /// The place of the first threshold at or above a number.
    private func place(of number: Number) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func place(of number: Number, orEqual: Bool) -> Int? {
        var place = place(of: number)
        while place < sorted.count, sorted[place].number == number {
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
        sorted.insert(Threshold(number: number, orEqual: orEqual, node: node), at: place(of: number))
    }

    mutating func remove(_ number: Number, orEqual: Bool) {
        if let place = place(of: number, orEqual: orEqual) { sorted.remove(at: place) }
    }

    /// Appends the nodes of all thresholds that a number passes.
    @inline(__always)
    func append(passedBy number: Number, to nodes: inout ContiguousArray<Int32>) {
        if isAbove {
            for place in 0..<sorted.count {
                guard sorted[place].number <= number else { return }
                if sorted[place].orEqual || sorted[place].number < number { nodes.append(sorted[place].node) }
            }
        } else {
            var place = sorted.count
            while place > 0 {
                place -= 1
                guard sorted[place].number >= number else { return }
                if sorted[place].orEqual || sorted[place].number > number { nodes.append(sorted[place].node) }
            }
        }
    }
}
