/// Elements in a row, in memory that only this row has: to write one asks nobody whether the memory is shared, as an array
/// does. Tables that change with every event are kept in rows.
///
/// The elements' types are not private: where another module destroys a row, the compiler asks for their metadata there, and Swift
/// 6.3 fails where it can't have it.
@safe struct Row<Element: ~Copyable>: ~Copyable {
    // Allocated by `grow` and freed by `deinit`; there is room for `capacity` elements, of which those below `count` are
    // initialized. Nothing but this row, which can't be copied, has the pointer.
    private var elements: UnsafeMutablePointer<Element>?
    private var capacity = 0
    private(set) var count = 0

    init() { unsafe elements = nil }

    deinit {
        if let elements = unsafe elements {
            unsafe elements.deinitialize(count: count)
            unsafe elements.deallocate()
        }
    }

    @inline(__always)
    var isEmpty: Bool { count == 0 }

    @inline(__always)
    var indices: Range<Int> { 0..<count }

    subscript(_ place: Int) -> Element {
        @inline(__always) _read {
            precondition(place >= 0 && place < count)
            // There are elements, so there is memory.
            yield unsafe elements.unsafelyUnwrapped[place]
        }
        @inline(__always) _modify {
            precondition(place >= 0 && place < count)
            yield unsafe &elements.unsafelyUnwrapped[place]
        }
    }

    @inline(__always)
    mutating func append(_ element: consuming Element) {
        if count == capacity { grow(to: count + 1) }
        unsafe elements.unsafelyUnwrapped.advanced(by: count).initialize(to: element)
        count &+= 1
    }

    @inline(__always)
    mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        count &-= 1
        return unsafe elements.unsafelyUnwrapped.advanced(by: count).move()
    }

    mutating func insert(_ element: consuming Element, at place: Int) {
        precondition(place >= 0 && place <= count)
        if count == capacity { grow(to: count + 1) }
        let start = unsafe elements.unsafelyUnwrapped.advanced(by: place)
        // There is room for one more behind the initialized elements, which move by one.
        unsafe start.advanced(by: 1).moveInitialize(from: start, count: count &- place)
        unsafe start.initialize(to: element)
        count &+= 1
    }

    mutating func remove(at place: Int) {
        precondition(place >= 0 && place < count)
        let start = unsafe elements.unsafelyUnwrapped.advanced(by: place)
        unsafe start.deinitialize(count: 1)
        unsafe start.moveInitialize(from: start.advanced(by: 1), count: count &- place &- 1)
        count &-= 1
    }

    /// Keeps the memory.
    @inline(__always)
    mutating func removeAll() {
        if let elements = unsafe elements { unsafe elements.deinitialize(count: count) }
        count = 0
    }

    @inline(never)
    private mutating func grow(to least: Int) {
        let larger = max(least, capacity * 2, 4)
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        if let elements = unsafe elements {
            unsafe memory.moveInitialize(from: elements, count: count)
            unsafe elements.deallocate()
        }
        unsafe elements = memory
        capacity = larger
    }
}

extension Row where Element: BitwiseCopyable {
    /// So many equal elements.
    init(repeating element: Element, count: Int) {
        self.init()
        append(element, count: count)
    }

    mutating func append(_ element: Element, count more: Int) {
        if count + more > capacity { grow(to: count + more) }
        for _ in 0..<more { append(element) }
    }

    /// Appends a part of another row.
    @inline(__always)
    mutating func append(_ other: borrowing Row, from start: Int, count more: Int) {
        precondition(start >= 0 && more >= 0 && start <= other.count && more <= other.count - start)
        guard more > 0 else { return }
        if count + more > capacity { grow(to: count + more) }
        // Both rows have memory: one for `more` elements behind `count`, the other initialized ones from `start` on.
        let own = unsafe elements.unsafelyUnwrapped.advanced(by: count)
        let others = unsafe other.elements.unsafelyUnwrapped.advanced(by: start)
        for place in 0..<more { unsafe own.advanced(by: place).initialize(to: others[place]) }
        count &+= more
    }

    /// Calls `body` with the elements, of which there is one at least. The pointer is valid during the call.
    @inline(__always)
    func withElements(_ body: (UnsafePointer<Element>) -> Void) {
        precondition(count > 0)
        unsafe body(UnsafePointer(elements.unsafelyUnwrapped))
    }

    /// Appends all to an array.
    func copy(to array: inout [Element]) {
        guard let elements = unsafe elements else { return }
        // The elements below `count` are initialized, and stay so during the call.
        unsafe array.append(contentsOf: UnsafeBufferPointer(start: elements, count: count))
    }
}
