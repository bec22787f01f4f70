internal import Reactor

/// What a handler keeps for some of its exchanges, at the exchange's own place in an array: a fraction of what a
/// dictionary costs. Elements of exchanges that are over are never found.
public struct ExchangeTable<Element> {
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

    public subscript(_ exchange: ExchangeID) -> Element? {
        get {
            let index = Int(exchange.key.index)
            guard index < places.count, let place = places[index], place.generation == exchange.key.generation else {
                return nil
            }
            return place.element
        }
        set {
            let index = Int(exchange.key.index)
            while places.count <= index { places.append(nil) }
            count += (newValue == nil ? 0 : 1) - (places[index] == nil ? 0 : 1)
            places[index] = newValue.map { Place(element: $0, generation: exchange.key.generation) }
        }
    }

    public var elements: some Sequence<Element> { places.lazy.compactMap { $0?.element } }

    /// With the exchange that each is kept for.
    public var entries: some Sequence<(ExchangeID, Element)> {
        places.indices.lazy.compactMap { index in
            places[index].map { place in
                (ExchangeID(key: SlabKey(index: UInt32(index), generation: place.generation)), place.element)
            }
        }
    }

    /// Takes an element out; nil where there is none.
    public mutating func remove(_ exchange: ExchangeID) -> Element? {
        guard let element = self[exchange] else { return nil }
        self[exchange] = nil
        return element
    }
}
