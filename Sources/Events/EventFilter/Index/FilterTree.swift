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

    private struct Slot {
        var parent: Node = -1
        /// What leads here: a key, a condition's label, or `bound`.
        var label: Int32 = FilterTree.bound
        /// The keys of edges that begin here, modulo 64.
        var keys: UInt64 = 0
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
    }

    /// The label of a node that a bound leads to, and of the root.
    private static var bound: Int32 { -1 }

    /// The label of a condition: below those of keys and of bounds. It is its own inverse.
    @inline(__always)
    private static func label(_ condition: ConditionTable.Condition) -> Int32 { -2 &- condition }

    /// The bounds for one number at one node.
    private struct Bounds {
        var source: ComputedTable.Source
        var isAbove: Bool
        var next: Int32
        var thresholds: Thresholds
    }

    private var slots: ContiguousArray<Slot> = [Slot()]
    private var edges = IDTable()
    private var blocks = IDBlocks()
    private var bounds: ContiguousArray<Bounds> = []
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

    mutating func append(_ filter: Int32, at node: Node) { blocks.append(filter, to: &slots[Int(node)].filters) }

    mutating func remove(_ filter: Int32, at node: Node) { blocks.remove(filter, from: &slots[Int(node)].filters) }

    /// Whether no filter stands here and nothing begins here.
    func isBare(_ node: Node) -> Bool {
        node > 0 && slots[Int(node)].filters.count == 0 && slots[Int(node)].children == 0
    }

    /// Calls `body` with each filter at a node.
    @inline(__always)
    func forEachFilter(at node: Node, _ body: (Int32) -> Void) { blocks.forEach(slots[Int(node)].filters, body) }

    // MARK: Edges

    private mutating func make(_ slot: Slot) -> Node {
        let new = free.popLast() ?? Node(slots.count)
        if Int(new) == slots.count { slots.append(slot) } else { slots[Int(new)] = slot }
        slots[Int(slot.parent)].children += 1
        if slot.label != Self.bound { rehashing { $0.insert(new, $1(new), rehash: $1) } }
        return new
    }

    @inline(__always)
    private static func hash(_ node: Node, _ label: Int32, _ keyed: KeyedHash) -> UInt64 {
        keyed.mix(keyed.start(0), UInt64(UInt32(bitPattern: node)) << 32 | UInt64(UInt32(bitPattern: label)))
    }

    private mutating func rehashing(_ change: (inout IDTable, (Node) -> UInt64) -> Void) {
        let (slots, keyed) = (slots, keyed)
        change(&edges) { Self.hash(slots[Int($0)].parent, slots[Int($0)].label, keyed) }
    }

    @inline(__always)
    private static func bit(_ key: KeyTable.Key) -> UInt64 { 1 << UInt64(key & 63) }

    @inline(__always)
    private func child(of node: Node, labelled label: Int32) -> Node {
        edges.find(Self.hash(node, label, keyed)) { slots[Int($0)].parent == node && slots[Int($0)].label == label }
    }

    /// The node behind a key, or -1.
    func child(of node: Node, by key: KeyTable.Key) -> Node { child(of: node, labelled: key) }

    /// - Parameter bits: of the key.
    mutating func addChild(of node: Node, by key: KeyTable.Key, _ bits: UInt64) -> Node {
        slots[Int(node)].keys |= Self.bit(key)
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
            rehashing { $0.remove(node, $1(node), rehash: $1) }
            if slot.label >= 0 {
                edge = .key(slot.label)
                if slots[parent].children == 0 { (slots[parent].keys, slots[parent].parts) = (0, 0) }
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

    /// What is to be looked for in an event that comes to a node.
    @inline(__always)
    func parts(_ node: Node) -> UInt64 { slots[Int(node)].parts }

    /// Appends the nodes behind a node for the keys that an event has.
    @inline(__always)
    func append(
        behind node: Node, _ keys: borrowing ContiguousArray<KeyTable.Key>, to nodes: inout ContiguousArray<Node>
    ) {
        let wanted = slots[Int(node)].keys
        guard wanted != 0 else { return }
        for place in 0..<keys.count where wanted & Self.bit(keys[place]) != 0 {
            let next = child(of: node, labelled: keys[place])
            if next >= 0 { nodes.append(next) }
        }
    }

    /// Appends the nodes behind a node whose bounds an event's numbers pass.
    @inline(__always)
    func append(
        past node: Node, to nodes: inout ContiguousArray<Node>, number: (ComputedTable.Source) -> Number?
    ) {
        var list = slots[Int(node)].firstBounds
        while list >= 0 {
            if let number = number(bounds[Int(list)].source) {
                bounds[Int(list)].thresholds.append(passedBy: number, to: &nodes)
            }
            list = bounds[Int(list)].next
        }
    }

    /// Appends the nodes behind a node whose conditions hold.
    @inline(__always)
    func append(
        behindConditionsOf node: Node, to nodes: inout ContiguousArray<Node>,
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
