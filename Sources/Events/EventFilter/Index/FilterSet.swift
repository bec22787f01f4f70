public import Events

/// Many filters, found by what an event has: an event costs what may hold for it, not how many filters there are.
///
/// A filter is found by keys (`AccessKey`): what its event must have. The ways to all filters are one tree: from its
/// root an edge for a key leads to a node, where filters stand that need no more keys, and from there edges for others.
/// An event follows the edges of the keys that it has. What is left of a filter then is tested by its program. A filter
/// that may hold whatever an event has stands at the root.
@safe public struct FilterSet: ~Copyable {
    /// Which filter of the set; numbers of those removed are given again.
    public typealias ID = Int32

    private struct Node {
        var parent: Int32 = -1
        var key: KeyTable.Key = -1
        /// The first place of a filter here.
        var first: Int32 = -1
        /// Edges that begin here.
        var children: Int32 = 0
        /// Their keys, modulo 64.
        var keys: UInt64 = 0
    }

    /// Where a filter stands in the tree.
    private struct Place {
        var id: ID
        var node: Int32
        /// The neighbours at the node.
        var next: Int32
        var previous: Int32
        /// The filter's next place.
        var sibling: Int32
        /// Whether the filter is to be tested, and whether it may be met more than once.
        var isTested: Bool
        var isRepeated: Bool
    }

    @safe private struct Member {
        var firstPlace: Int32 = -1
        var epoch: UInt32 = 0
        /// Holds the program as long as the filter is here; `borrowed` is used for each event, without counting
        /// references.
        var program: Program?
        var borrowed: Unmanaged<Program>?
        var fields: [FieldTable.Field] = []
    }

    private var fields = FieldTable()
    private var keys = KeyTable()
    private var evaluation = Evaluation()
    private var nodes: ContiguousArray<Node> = [Node()]
    private var edges = IDTable()
    private var places: ContiguousArray<Place> = []
    private var members: ContiguousArray<Member> = []
    private var freeNodes: [Int32] = []
    private var freePlaces: [Int32] = []
    private var freeIDs: [ID] = []
    private let keyed = KeyedHash()
    /// Of the event that is matched: its keys, and the nodes to be visited.
    private var found: ContiguousArray<KeyTable.Key> = []
    private var orders: ContiguousArray<KeyTable.Key> = []
    private var open: ContiguousArray<Int32> = []

    public init() {}

    /// How many filters it has.
    public var count: Int { members.count - freeIDs.count }

    /// Whether nothing is left of any filter: no key, no name, no node.
    var isEmpty: Bool {
        count == 0 && keys.count == 0 && fields.count == 0 && edges.count == 0 && nodes[0].first < 0
            && places.count == freePlaces.count
    }

    // MARK: Filters

    /// Adds a filter. One that is equal to another is a filter of its own.
    public mutating func add(_ filter: EventFilter) -> ID {
        let id = freeIDs.popLast() ?? ID(members.count)
        if Int(id) == members.count { members.append(Member()) }
        // A filter that never holds stands nowhere in the tree.
        if filter.constant == false { return id }
        let access = Access(filter.predicate)
        let isTested = filter.constant == nil && access?.isExact != true
        if isTested {
            let (program, fields) = Compiler.compile(filter.predicate, fields: &fields)
            members[Int(id)].program = program
            unsafe members[Int(id)].borrowed = Unmanaged.passUnretained(program)
            members[Int(id)].fields = fields
        }
        let alternatives = access?.alternatives ?? [[]]
        for alternative in alternatives {
            let node = node(for: alternative)
            stand(id, at: node, isTested: isTested, isRepeated: alternatives.count > 1)
        }
        return id
    }

    public mutating func remove(_ id: ID) {
        var place = members[Int(id)].firstPlace
        while place >= 0 {
            let removed = places[Int(place)]
            if removed.next >= 0 { places[Int(removed.next)].previous = removed.previous }
            if removed.previous >= 0 {
                places[Int(removed.previous)].next = removed.next
            } else {
                nodes[Int(removed.node)].first = removed.next
            }
            prune(removed.node)
            freePlaces.append(place)
            place = removed.sibling
        }
        for field in members[Int(id)].fields { fields.remove(field) }
        members[Int(id)] = Member()
        freeIDs.append(id)
    }

    private mutating func stand(_ id: ID, at node: Int32, isTested: Bool, isRepeated: Bool) {
        let first = nodes[Int(node)].first
        let place = Place(
            id: id, node: node, next: first, previous: -1, sibling: members[Int(id)].firstPlace, isTested: isTested,
            isRepeated: isRepeated)
        let number: Int32
        if let free = freePlaces.popLast() {
            number = free
            places[Int(free)] = place
        } else {
            number = Int32(places.count)
            places.append(place)
        }
        if first >= 0 { places[Int(first)].previous = number }
        nodes[Int(node)].first = number
        members[Int(id)].firstPlace = number
    }

    // MARK: The tree

    private func hash(_ node: Int32, _ key: KeyTable.Key) -> UInt64 { Self.hash(node, key, keyed) }

    @inline(__always)
    private static func hash(_ node: Int32, _ key: KeyTable.Key, _ keyed: KeyedHash) -> UInt64 {
        keyed.mix(keyed.start(0), UInt64(UInt32(bitPattern: node)) << 32 | UInt64(UInt32(bitPattern: key)))
    }

    @inline(__always)
    private func child(of node: Int32, by key: KeyTable.Key) -> Int32 {
        edges.find(hash(node, key)) { nodes[Int($0)].parent == node && nodes[Int($0)].key == key }
    }

    /// The node at the end of a way, which is made where it is missing.
    private mutating func node(for alternative: [AccessKey]) -> Int32 {
        var ids: [KeyTable.Key] = []
        for key in Set(alternative) { ids.append(keys.add(key, fields: &fields)) }
        // By the key that the fewest events have first: fewer ways are begun.
        ids.sort { (keys.variety($1), $0) < (keys.variety($0), $1) }
        var node: Int32 = 0
        for key in ids {
            var next = child(of: node, by: key)
            if next < 0 {
                next = freeNodes.popLast() ?? Int32(nodes.count)
                if Int(next) == nodes.count { nodes.append(Node()) }
                nodes[Int(next)] = Node(parent: node, key: key)
                nodes[Int(node)].children += 1
                if !keys.isOrder(key) { nodes[Int(node)].keys |= Self.bit(key) }
                let (nodes, keyed) = (nodes, keyed)
                edges.insert(next, hash(node, key)) { Self.hash(nodes[Int($0)].parent, nodes[Int($0)].key, keyed) }
            } else {
                // The edge has the key already.
                keys.remove(key, fields: &fields)
            }
            node = next
        }
        return node
    }

    @inline(__always)
    private static func bit(_ key: KeyTable.Key) -> UInt64 { 1 << UInt64(key & 63) }

    /// Removes nodes where no filter stands and no edge begins.
    private mutating func prune(_ start: Int32) {
        var node = start
        while node > 0, nodes[Int(node)].first < 0, nodes[Int(node)].children == 0 {
            let (parent, key) = (nodes[Int(node)].parent, nodes[Int(node)].key)
            do {
                let (nodes, keyed) = (nodes, keyed)
                edges.remove(node, hash(parent, key)) { Self.hash(nodes[Int($0)].parent, nodes[Int($0)].key, keyed) }
            }
            keys.remove(key, fields: &fields)
            nodes[Int(node)] = Node()
            freeNodes.append(node)
            nodes[Int(parent)].children -= 1
            if nodes[Int(parent)].children == 0 { nodes[Int(parent)].keys = 0 }
            node = parent
        }
    }

    // MARK: Events

    /// Appends the filters that hold for an event, each once, in no order.
    public mutating func match(_ event: borrowing Event, into matches: inout [ID]) {
        fields.read(event.document)
        // The table's numbers of events have begun anew.
        if fields.epoch == 1 { for member in members.indices { members[member].epoch = 0 } }
        if !found.isEmpty { found.removeAll(keepingCapacity: true) }
        if !orders.isEmpty { orders.removeAll(keepingCapacity: true) }
        keys.find(in: event.document, fields: &fields, keys: &found, orders: &orders)
        visit(0, event, &matches)
        for place in 0..<orders.count {
            let node = child(of: 0, by: orders[place])
            if node >= 0 { visit(node, event, &matches) }
        }
        while let node = open.popLast() { visit(node, event, &matches) }
    }

    /// Takes the filters at a node, and notes the nodes behind it for the event's keys.
    @inline(__always)
    private mutating func visit(_ node: Int32, _ event: borrowing Event, _ matches: inout [ID]) {
        var place = nodes[Int(node)].first
        while place >= 0 {
            let here = places[Int(place)]
            if !here.isTested, !here.isRepeated {
                matches.append(here.id)
            } else {
                test(here, event, &matches)
            }
            place = here.next
        }
        let wanted = nodes[Int(node)].keys
        guard wanted != 0 else { return }
        for place in 0..<found.count where wanted & Self.bit(found[place]) != 0 {
            let next = child(of: node, by: found[place])
            if next >= 0 { open.append(next) }
        }
    }

    private mutating func test(_ place: Place, _ event: borrowing Event, _ matches: inout [ID]) {
        let member = Int(place.id)
        if place.isRepeated {
            guard members[member].epoch != fields.epoch else { return }
            members[member].epoch = fields.epoch
        }
        if place.isTested {
            guard let program = members[member].program, evaluation.run(program, &fields, event.document) else {
                return
            }
        }
        matches.append(place.id)
    }
}
