/// The ways to all filters of a set, as a tree. A filter stands at the end of each of its ways.
///
/// An edge is a key that an event has, a bound that one of its numbers passes, or a condition that holds for it; on a way they
/// follow in this order.
struct FilterTree: ~Copyable {
    typealias Node = Int32

    /// What one of an event's numbers is held against.
    struct Bound {
        var source: ComputedTable.Source
        var number: Number
        var isAbove: Bool
        var orEqual: Bool
    }

    struct Slot {
        var parent: Node = -1
        /// What leads here: a key, a condition's label, or `bound`.
        var label: Int32 = FilterTree.bound
        /// The keys of edges that begin here, modulo 64, and their kinds (`KeyTable.Kind`).
        var keys: UInt64 = 0
        var kinds: UInt64 = 0
        /// What is to be looked for before it is known which of them an event has (`KeyTable.bits`).
        var parts: UInt64 = 0
        /// Edges that begin here.
        var children: Int32 = 0
        /// The first list of bounds here.
        var firstBounds: Int32 = -1
        /// The first node behind a condition, and this one's neighbours where a condition leads here.
        var firstCondition: Node = -1
        var next: Node = -1
        var previous: Node = -1
        var filters = IDBlocks.List()
        /// How many of them an event may meet at several nodes.
        var repeated: Int32 = 0
    }

    /// The label of a node that a bound leads to, and of the root.
    private static var bound: Int32 { -1 }

    /// The label of a condition: below those of keys and of bounds. It is its own inverse.
    @inline(__always)
    private static func label(_ condition: ConditionTable.Condition) -> Int32 { -2 &- condition }

    /// The bounds for one number at one node.
    struct Bounds: ~Copyable {
        var source: ComputedTable.Source
        var isAbove: Bool
        var next: Int32
        var thresholds: Thresholds
    }

    private var slots = Row(repeating: Slot(), count: 1)
    private var edges = IDTable()
    private var blocks = IDBlocks()
    private var bounds = Row<Bounds>()
    /// The bound that leads to a node, of those to which one does.
    private var boundOf: [Node: Bound] = [:]
    private var free: [Node] = []
    private var freeBounds: [Int32] = []
    private let keyed = KeyedHash()

    init() {}

    static var root: Node { 0 }

    /// Whether nothing is left but the root.
    var isEmpty: Bool { slots.count == free.count + 1 && slots[0].filters.count == 0 }

    // MARK: Filters

    /// - Parameter isRepeated: whether an event may meet the filter at several nodes.
    mutating func append(_ filter: Int32, isRepeated: Bool, at node: Node) {
        blocks.append(isRepeated ? ~filter : filter, to: &slots[Int(node)].filters)
        if isRepeated { slots[Int(node)].repeated += 1 }
    }

    mutating func remove(_ filter: Int32, isRepeated: Bool, at node: Node) {
        blocks.remove(isRepeated ? ~filter : filter, from: &slots[Int(node)].filters)
        if isRepeated { slots[Int(node)].repeated -= 1 }
    }

    /// Whether no filter stands here and nothing begins here.
    func isBare(_ node: Node) -> Bool {
        node > 0 && slots[Int(node)].filters.count == 0 && slots[Int(node)].children == 0
    }

    /// Appends the filters at a node. `isNew` is asked about those that an event may meet at several nodes.
    @inline(__always)
    func appendFilters(at node: Node, to filters: inout Row<Int32>, isNew: (Int32) -> Bool) {
        let slot = slots[Int(node)]
        if slot.repeated == 0 {
            blocks.append(slot.filters, to: &filters)
        } else {
            blocks.forEach(slot.filters) { word in
                if word >= 0 {
                    filters.append(word)
                } else if isNew(~word) {
                    filters.append(~word)
                }
            }
        }
    }

    // MARK: Edges

    private mutating func make(_ slot: Slot) -> Node {
        let new = free.popLast() ?? Node(slots.count)
        if Int(new) == slots.count { slots.append(slot) } else { slots[Int(new)] = slot }
        slots[Int(slot.parent)].children += 1
        if slot.label != Self.bound { edges.insert(new, Self.hash(slot.parent, slot.label, keyed)) }
        return new
    }

    @inline(__always)
    private static func hash(_ node: Node, _ label: Int32, _ keyed: KeyedHash) -> UInt64 {
        keyed.mix(keyed.start(0), UInt64(UInt32(bitPattern: node)) << 32 | UInt64(UInt32(bitPattern: label)))
    }

    @inline(__always)
    private static func bit(_ key: KeyTable.Key) -> UInt64 { 1 << UInt64(key & 63) }

    @inline(__always)
    private static func bit(_ kind: KeyTable.Kind) -> UInt64 { 1 << UInt64(kind & 63) }

    @inline(__always)
    private func child(of node: Node, labelled label: Int32) -> Node {
        edges.find(Self.hash(node, label, keyed)) { slots[Int($0)].parent == node && slots[Int($0)].label == label }
    }

    /// The node behind a key, or -1.
    func child(of node: Node, by key: KeyTable.Key) -> Node { child(of: node, labelled: key) }

    /// - Parameter bits: of the key.
    mutating func addChild(of node: Node, by key: KeyTable.Key, _ kind: KeyTable.Kind, _ bits: UInt64) -> Node {
        slots[Int(node)].keys |= Self.bit(key)
        slots[Int(node)].kinds |= Self.bit(kind)
        slots[Int(node)].parts |= bits
        return make(Slot(parent: node, label: key))
    }

    /// The node behind a condition, or -1.
    func child(of node: Node, behind condition: ConditionTable.Condition) -> Node {
        child(of: node, labelled: Self.label(condition))
    }

    mutating func addChild(of node: Node, behind condition: ConditionTable.Condition) -> Node {
        let next = slots[Int(node)].firstCondition
        let new = make(Slot(parent: node, label: Self.label(condition), next: next))
        if next >= 0 { slots[Int(next)].previous = new }
        slots[Int(node)].firstCondition = new
        return new
    }

    /// The list of a node's bounds for a number, or -1.
    private func list(of node: Node, _ bound: Bound) -> Int32 {
        var list = slots[Int(node)].firstBounds
        while list >= 0, bounds[Int(list)].source != bound.source || bounds[Int(list)].isAbove != bound.isAbove {
            list = bounds[Int(list)].next
        }
        return list
    }

    /// The node behind a bound, or -1.
    func child(of node: Node, past bound: Bound) -> Node {
        let list = list(of: node, bound)
        return list < 0 ? -1 : bounds[Int(list)].thresholds.node(bound.number, orEqual: bound.orEqual)
    }

    mutating func addChild(of node: Node, past bound: Bound) -> Node {
        let new = make(Slot(parent: node))
        var list = list(of: node, bound)
        if list < 0 {
            let made = Bounds(
                source: bound.source, isAbove: bound.isAbove, next: slots[Int(node)].firstBounds,
                thresholds: Thresholds(isAbove: bound.isAbove))
            list = freeBounds.popLast() ?? Int32(bounds.count)
            if Int(list) == bounds.count { bounds.append(made) } else { bounds[Int(list)] = made }
            slots[Int(node)].firstBounds = list
        }
        bounds[Int(list)].thresholds.insert(bound.number, orEqual: bound.orEqual, new)
        boundOf[new] = bound
        return new
    }

    /// Removes a bare node.
    ///
    /// - Returns: its parent, and what led to it.
    mutating func remove(_ node: Node) -> (parent: Node, edge: Edge) {
        let slot = slots[Int(node)]
        let parent = Int(slot.parent)
        slots[parent].children -= 1
        let edge: Edge
        if slot.label == Self.bound, let bound = boundOf.removeValue(forKey: node) {
            remove(bound, of: slot.parent)
            edge = .bound(bound.source)
        } else {
            edges.remove(node, Self.hash(slot.parent, slot.label, keyed))
            if slot.label >= 0 {
                edge = .key(slot.label)
                if slots[parent].children == 0 {
                    (slots[parent].keys, slots[parent].kinds, slots[parent].parts) = (0, 0, 0)
                }
            } else {
                edge = .condition(Self.label(slot.label))
                if slot.next >= 0 { slots[Int(slot.next)].previous = slot.previous }
                if slot.previous >= 0 {
                    slots[Int(slot.previous)].next = slot.next
                } else {
                    slots[parent].firstCondition = slot.next
                }
            }
        }
        slots[Int(node)] = Slot()
        free.append(node)
        return (slot.parent, edge)
    }

    private mutating func remove(_ bound: Bound, of node: Node) {
        let list = list(of: node, bound)
        guard list >= 0 else { return }
        bounds[Int(list)].thresholds.remove(bound.number, orEqual: bound.orEqual)
        guard bounds[Int(list)].thresholds.isEmpty else { return }
        let next = bounds[Int(list)].next
        var before = slots[Int(node)].firstBounds
        if before == list {
            slots[Int(node)].firstBounds = next
        } else {
            while bounds[Int(before)].next != list { before = bounds[Int(before)].next }
            bounds[Int(before)].next = next
        }
        freeBounds.append(list)
    }

    // MARK: Events

    /// Whether an edge begins at a node.
    @inline(__always)
    func leadsOn(_ node: Node) -> Bool { slots[Int(node)].children > 0 }

    /// What is to be looked for in an event that comes to a node.
    @inline(__always)
    func parts(_ node: Node) -> UInt64 { slots[Int(node)].parts }

    /// Appends the nodes behind a node for the keys that an event has.
    @inline(__always)
    func append(
        behind node: Node, _ found: borrowing Row<KeyTable.Found>, to nodes: inout Row<Node>
    ) {
        let (keys, kinds) = (slots[Int(node)].keys, slots[Int(node)].kinds)
        guard keys != 0 else { return }
        // An event's few keys are of different kinds, as a rule, and all edges of a node of one or two.
        for place in 0..<found.count where kinds & Self.bit(found[place].kind) != 0 {
            guard keys & Self.bit(found[place].key) != 0 else { continue }
            let next = child(of: node, labelled: found[place].key)
            if next >= 0 { nodes.append(next) }
        }
    }

    /// Appends the nodes behind a node whose bounds an event's numbers pass.
    @inline(__always)
    func append(
        past node: Node, to nodes: inout Row<Node>, glance: (ComputedTable.Source) -> ComputedTable.Glance,
        number: (ComputedTable.Source) -> Number?
    ) {
        var list = slots[Int(node)].firstBounds
        while list >= 0 {
            switch glance(bounds[Int(list)].source) {
            case .missing: break
            case .integer(let value): bounds[Int(list)].thresholds.append(passedBy: value, to: &nodes)
            case .other:
                if let number = number(bounds[Int(list)].source) {
                    bounds[Int(list)].thresholds.append(passedBy: number, to: &nodes)
                }
            }
            list = bounds[Int(list)].next
        }
    }

    /// Appends the nodes behind a node whose conditions hold.
    @inline(__always)
    func append(
        behindConditionsOf node: Node, to nodes: inout Row<Node>,
        holds: (ConditionTable.Condition) -> Bool
    ) {
        var child = slots[Int(node)].firstCondition
        while child >= 0 {
            if holds(Self.label(slots[Int(child)].label)) { nodes.append(child) }
            child = slots[Int(child)].next
        }
    }
}

extension FilterTree {
    /// What led to a node that was removed.
    enum Edge {
        case key(KeyTable.Key)
        case bound(ComputedTable.Source)
        case condition(ConditionTable.Condition)
    }
}
