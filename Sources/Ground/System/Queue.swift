/// First in, first out, in one array. Generic code of other modules is specialised for it, for it stands on the data's way.
public struct Queue<Element> {
    @usableFromInline var elements: ContiguousArray<Element> = []
    @usableFromInline var first = 0

    @inlinable public init() {}

    @inlinable public var count: Int { elements.count - first }
    @inlinable public var isEmpty: Bool { first == elements.count }

    @inlinable public mutating func append(_ element: Element) { elements.append(element) }

    /// The element that came first; nil: there is none.
    @inlinable public mutating func popFirst() -> Element? {
        guard first < elements.count else { return nil }
        defer {
            first += 1
            if first == elements.count {
                elements.removeAll(keepingCapacity: elements.capacity < 4096)
                first = 0
            } else if first > 256, first > elements.count / 2 {
                // There may always be one more: those that are gone are removed when they are half of all.
                elements.removeFirst(first)
                first = 0
            }
        }
        return elements[first]
    }
}
