extension Range<Int> {
    /// The first place that has reached a goal, by halving: all places behind one that has reached it have too. The upper bound
    /// where none has.
    @inlinable
    public func firstIndex(thatHasReached hasReached: (Int) -> Bool) -> Int {
        var (low, high) = (lowerBound, upperBound)
        while low < high {
            let middle = (low + high) / 2
            if hasReached(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
