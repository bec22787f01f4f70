public import Events

/// Many filters, found by what an event has: an event costs what may hold for it, not how many filters there are.
///
/// The ways to all filters (`Access`) are one tree. An event follows the edges for what it has: its keys, the bounds that its
/// numbers pass, the conditions that hold for it. What several filters ask is asked once.
@safe public struct FilterSet: ~Copyable {
    /// Which filter of the set; numbers of those removed are given again.
    public typealias ID = Int32

    struct Member {
        /// Where it stands, or -1; one that stands at several nodes is in `others`.
        var node: FilterTree.Node = -1
        var isRepeated = false
        /// The event that met it last.
        var epoch: UInt32 = 0
    }

    private var fields = FieldTable()
    private var keys = KeyTable()
    private var numbers = ComputedTable()
    private var conditions = ConditionTable()
    private var tree = FilterTree()
    private var members = Row<Member>()
    private var others: [ID: [FilterTree.Node]] = [:]
    private var freeIDs: [ID] = []
    /// Nodes that are to be visited.
    private var open = Row<FilterTree.Node>()
    /// The filters that the event meets, as far as it was looked at.
    private var holding = Row<ID>()

    public init() {}

    /// How many filters it has.
    public var count: Int { members.count - freeIDs.count }

    /// Whether nothing is left of any filter: no key, no name, no node.
    var isEmpty: Bool {
        count == 0 && keys.count == 0 && fields.count == 0 && numbers.count == 0 && conditions.count == 0
            && tree.isEmpty
    }

    // MARK: Filters

    /// Adds a filter. One that is equal to another is a filter of its own.
    public mutating func add(_ filter: EventFilter) -> ID {
        let id = freeIDs.popLast() ?? ID(members.count)
        if Int(id) == members.count { members.append(Member()) }
        let access = Access(filter.predicate)
        var nodes: [FilterTree.Node] = []
        for path in access.paths {
            let node = node(for: path)
            tree.append(id, isRepeated: !access.isExclusive, at: node)
            nodes.append(node)
        }
        // One that never holds stands nowhere.
        members[Int(id)].node = nodes.first ?? -1
        members[Int(id)].isRepeated = !access.isExclusive
        if nodes.count > 1 { others[id] = nodes }
        return id
    }

    public mutating func remove(_ id: ID) {
        let nodes = others.removeValue(forKey: id) ?? [members[Int(id)].node]
        let isRepeated = members[Int(id)].isRepeated
        for node in nodes where node >= 0 {
            tree.remove(id, isRepeated: isRepeated, at: node)
            prune(node)
        }
        members[Int(id)] = Member()
        freeIDs.append(id)
    }

    // MARK: Ways

    /// The node at the end of a way, which is made where it is missing.
    private mutating func node(for path: AccessPath) -> FilterTree.Node {
        var numbered: [KeyTable.Key] = []
        for key in path.keys { numbered.append(keys.add(key, fields: &fields)) }
        // By the key that the fewest events have first: fewer ways are begun.
        numbered.sort { (keys.variety($1), $0) < (keys.variety($0), $1) }
        var node = FilterTree.root
        for key in numbered { node = child(of: node, by: key) }
        if let bound = path.bound { node = child(of: node, past: bound) }
        if !path.absent.isEmpty || !path.plainRest.isEmpty {
            node = child(of: node, absent: path.absent, path.plainRest)
        }
        for pattern in path.patterns { node = child(of: node, absent: [], [pattern]) }
        return node
    }

    private mutating func child(of node: FilterTree.Node, by key: KeyTable.Key) -> FilterTree.Node {
        let isRoot = node == FilterTree.root
        let found = isRoot ? keys.start(key) : tree.child(of: node, by: key)
        if found >= 0 {
            // The edge has the key already.
            keys.remove(key, fields: &fields)
            return found
        }
        let new = tree.addChild(of: node, by: key, keys.kind(key), isRoot ? 0 : keys.bits(key))
        if isRoot { keys.setStart(key, new) }
        return new
    }

    private mutating func child(of node: FilterTree.Node, past bound: AccessBound) -> FilterTree.Node {
        let source = numbers.add(bound.operand, fields: &fields)
        let own = FilterTree.Bound(
            source: source, number: bound.number, isAbove: bound.isAbove, orEqual: bound.orEqual)
        let found = tree.child(of: node, past: own)
        guard found >= 0 else { return tree.addChild(of: node, past: own) }
        numbers.remove(source, fields: &fields)
        return found
    }

    private mutating func child(
        of node: FilterTree.Node, absent: [AccessKey], _ rest: [Predicate]
    ) -> FilterTree.Node {
        let condition = conditions.add(absent: absent, rest: rest, keys: &keys, fields: &fields)
        let found = tree.child(of: node, behind: condition)
        guard found >= 0 else { return tree.addChild(of: node, behind: condition) }
        conditions.remove(condition, keys: &keys, fields: &fields)
        return found
    }

    /// Removes nodes that lead nowhere.
    private mutating func prune(_ start: FilterTree.Node) {
        var node = start
        while tree.isBare(node) {
            let (parent, edge) = tree.remove(node)
            switch edge {
            case .key(let key):
                if parent == FilterTree.root { keys.setStart(key, -1) }
                keys.remove(key, fields: &fields)
            case .bound(let source): numbers.remove(source, fields: &fields)
            case .condition(let condition): conditions.remove(condition, keys: &keys, fields: &fields)
            }
            node = parent
        }
    }

    // MARK: Events

    /// Appends the filters that hold for an event, each once, in no order.
    public mutating func match(_ event: borrowing Event, into matches: inout [ID]) {
        fields.read(event.document)
        if fields.epoch == 1 { restart() }
        keys.find(in: event.document, fields: &fields)
        open.append(FilterTree.root)
        for place in 0..<keys.found.count {
            let start = keys.start(keys.found[place].key)
            if start >= 0 { open.append(start) }
        }
        while let node = open.popLast() { visit(node, event) }
        holding.copy(to: &matches)
        holding.removeAll()
    }

    /// The table's numbers of events have begun anew.
    private mutating func restart() {
        keys.restart()
        numbers.restart()
        conditions.restart()
        for member in members.indices { members[member].epoch = 0 }
    }

    /// Takes the filters at a node, and notes the nodes that the event goes on to.
    @inline(__always)
    private mutating func visit(_ node: FilterTree.Node, _ event: borrowing Event) {
        tree.appendFilters(at: node, to: &holding) { id in
            guard members[Int(id)].epoch != fields.epoch else { return false }
            members[Int(id)].epoch = fields.epoch
            return true
        }
        guard tree.leadsOn(node) else { return }
        keys.look(for: tree.parts(node), in: event.document, &fields)
        if node != FilterTree.root { tree.append(behind: node, keys.found, to: &open) }
        tree.append(past: node, to: &open) {
            numbers.glance($0, &fields, event.document)
        } number: {
            numbers.number($0, &fields, event.document)
        }
        tree.append(behindConditionsOf: node, to: &open) {
            conditions.holds($0, &keys, &fields, event.document)
        }
    }
}
