internal import Reactor

/// What a handler keeps for some of its connections, at the connection's own place in an array: a fraction of what a
/// dictionary costs. Elements of connections that are gone are never found.
public struct ConnectionTable<Element> {
    struct Place {
        var element: Element
        // Behind the element: there it may stand in what would be padding.
        var generation: UInt32
    }

    private var places: ContiguousArray<Place?> = []
    /// How many elements there are.
    public private(set) var count = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }

    public subscript(_ connection: ConnectionID) -> Element? {
        get {
            let index = Int(connection.key.index)
            guard index < places.count, let place = places[index], place.generation == connection.key.generation else {
                return nil
            }
            return place.element
        }
        set {
            let index = Int(connection.key.index)
            while places.count <= index { places.append(nil) }
            count += (newValue == nil ? 0 : 1) - (places[index] == nil ? 0 : 1)
            places[index] = newValue.map { Place(element: $0, generation: connection.key.generation) }
        }
    }

    /// Takes an element out; nil where there is none.
    public mutating func remove(_ connection: ConnectionID) -> Element? {
        guard let element = self[connection] else { return nil }
        self[connection] = nil
        return element
    }
}
