/// Bytes that come in at one end and go out at the other, each with a place that never changes.
struct ByteRing {
    /// To append to. What is before `start` is dead and waits to be moved away.
    var bytes: [UInt8] = []
    private var base = 0
    private var first = 0

    /// The place of the first byte kept.
    var start: Int { base + first }
    /// The place after the last byte.
    var end: Int { base + bytes.count }
    var count: Int { bytes.count - first }

    /// Lets go of all bytes before `place`.
    mutating func drop(before place: Int) {
        first = min(max(place, start), end) - base
        // Moving is amortised: at least as many bytes are dead as have to be moved.
        guard first > bytes.count / 2 else { return }
        base += first
        if bytes.capacity > 4 * count + 4096 {
            // Once there was more to keep than there is now.
            bytes = Array(bytes[first...])
        } else {
            bytes.removeFirst(first)
        }
        first = 0
    }

    /// Lets go of everything, and begins at a place that nobody has stood at.
    mutating func restart() {
        base = end + 1
        first = 0
        bytes = []
    }

    /// Lets go of everything, and keeps the memory.
    mutating func empty() {
        base = end
        first = 0
        bytes.removeAll(keepingCapacity: true)
    }

    /// Takes another buffer, which is empty, and gives the one that it had, emptied. Nothing is kept; places go on.
    mutating func exchange(_ buffer: inout [UInt8]) {
        empty()
        swap(&bytes, &buffer)
    }

    /// Moves what is kept to memory of its own, of its size, and gives the buffer that it had, emptied.
    mutating func settle(_ buffer: inout [UInt8]) {
        buffer = Array(bytes[first...])
        base += first
        first = 0
        swap(&bytes, &buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// The index in `bytes` of a place that is kept.
    func index(of place: Int) -> Int { place - base }
}
