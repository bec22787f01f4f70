internal import Glibc

/// Checks by their ids that clients of one stream get every event, once and in order.
///
/// Clients of a stream walk the same way: from id to id. So a step from one id to the next is judged once, when the first
/// client takes it, and every other client that takes it costs a comparison of bytes. A client is a place on that way, a
/// number. Each distinct id is kept while a client may still pass it.
///
/// Which offsets a stream leaves out (they are filtered, hidden, or no events) can't be told from ids alone. But what one
/// client got, every client must get that goes from before it to behind it: that is what counts as lost otherwise. Plain
/// numbers leave nothing out, so that any number left out is lost.
struct DeliveryAudit: Sendable {
    typealias Place = Int
    /// Before the first id.
    static let start: Place = 0

    enum Step: UInt8, Hashable, Sendable {
        case event
        /// An id without an event.
        case progress
        /// The server says that something can't be had.
        case gap
    }

    struct Findings: Hashable, Sendable {
        /// Events that a client did not get though another did, or a count passed over.
        var lost: Int64 = 0
        /// Events with the id of the one before.
        var repeated: Int64 = 0
        /// Events whose ids go back.
        var disordered: Int64 = 0
    }

    private struct Edge {
        var to: Place
        var step: Step
        /// What is wrong with it, or may be: a place in `marks`; -1: nothing.
        var mark: Int
    }

    private struct Node {
        var id: [UInt8]
        var entries: [IDReader.Entry]
        var time: Int64?
        var isTimeRead = false
        /// The step that the first client took: nearly always the only one.
        var usual = Edge(to: -1, step: .event, mark: -1)
        var others: [Edge] = []
    }

    private struct Mark {
        enum Kind { case repeated, disordered, passed }
        var kind: Kind
        var passed: [(partition: Int, offsets: Range<Int64>)] = []
        /// Clients that took the step.
        var count: Int64 = 0
    }

    private var reader: IDReader
    private var root: Node
    private var nodes: ContiguousArray<Node> = []
    /// The place of the first node.
    private var first: Place = 1
    private var placesByID: [[UInt8]: Place] = [:]
    private var marks: [Mark] = []
    /// By partition: what any client got.
    private var delivered: [OffsetRanges] = []

    /// - Parameters:
    ///   - topics: of the stream; needed to read compact ids.
    ///   - start: the id that the clients begin after, where they say one.
    init(topics: [String] = [], start: [UInt8]? = nil) {
        var reader = IDReader(topics: topics)
        let entries = start.flatMap { reader.read($0) }
        self.reader = reader
        root = Node(id: start ?? [], entries: entries ?? [])
    }

    /// What ids say; nil: nothing that can be checked has come.
    var form: IDReader.Form? { reader.form }

    /// A client that stands at `place` gets an id.
    ///
    /// - Returns: its new place; nil: the id can't be read, and nothing is checked.
    mutating func take(_ step: Step, _ id: Span<UInt8>, at place: Place) -> Place? {
        let edge = place < first ? root.usual : nodes[place - first].usual
        if edge.step == step, edge.to >= first, Self.isEqual(nodes[edge.to - first].id, id) {
            return edge.mark < 0 ? edge.to : follow(edge, from: place)
        }
        return takeUnusual(step, id, place)
    }

    /// The time of the event at a place, and whether it was looked for.
    func time(at place: Place) -> (isRead: Bool, microseconds: Int64?) {
        guard place >= first else { return (true, nil) }
        return (nodes[place - first].isTimeRead, nodes[place - first].time)
    }

    mutating func setTime(_ microseconds: Int64?, at place: Place) {
        guard place >= first else { return }
        nodes[place - first].time = microseconds
        nodes[place - first].isTimeRead = true
    }

    /// Forgets what no client will pass any more.
    ///
    /// - Parameter oldest: the least of the clients' places.
    mutating func forget(before oldest: Place) {
        let count = min(oldest - first, nodes.count)
        guard count > 0 else { return }
        for node in nodes[..<count] { placesByID[node.id] = nil }
        nodes.removeFirst(count)
        first += count
    }

    /// Ids kept.
    var count: Int { nodes.count }

    /// The offset behind the last delivered, by partition.
    var frontier: [Int64] { delivered.map { $0.ranges.last?.upperBound ?? 0 } }

    /// Whether a client at a place has come to where `frontier` was.
    func hasReached(_ frontier: [Int64], at place: Place) -> Bool {
        let entries = place < first ? root.entries : nodes[place - first].entries
        var reached = 0
        for entry in entries where entry.partition < frontier.count {
            guard entry.offset >= frontier[entry.partition] else { return false }
            reached += 1
        }
        return reached == frontier.count
    }

    var findings: Findings {
        var findings = Findings()
        for mark in marks {
            switch mark.kind {
            case .repeated: findings.repeated += mark.count
            case .disordered: findings.disordered += mark.count
            case .passed:
                for (partition, offsets) in mark.passed {
                    let number =
                        reader.form == .number ? Int64(offsets.count) : delivered[partition].count(in: offsets)
                    findings.lost += number * mark.count
                }
            }
        }
        return findings
    }

    // MARK: Steps that are new

    private mutating func takeUnusual(_ step: Step, _ id: Span<UInt8>, _ place: Place) -> Place? {
        let others = place < first ? root.others : nodes[place - first].others
        for edge in others
        where edge.step == step && edge.to >= first && Self.isEqual(nodes[edge.to - first].id, id) {
            return follow(edge, from: place)
        }
        guard let target = node(id) else { return nil }
        let edge = Edge(to: target, step: step, mark: judge(step, from: place, to: target))
        add(edge, at: place)
        return follow(edge, from: place)
    }

    private mutating func add(_ edge: Edge, at place: Place) {
        func add(to node: inout Node) {
            if node.usual.to < first {
                node.usual = edge
            } else {
                node.others.removeAll { $0.to < first }
                node.others.append(edge)
            }
        }
        if place < first { add(to: &root) } else { add(to: &nodes[place - first]) }
    }

    /// A client that was sent something again stays where it is: it waits for what it has not had.
    private mutating func follow(_ edge: Edge, from place: Place) -> Place {
        guard edge.mark >= 0 else { return edge.to }
        marks[edge.mark].count += 1
        return marks[edge.mark].kind == .passed ? edge.to : place
    }

    private mutating func node(_ id: Span<UInt8>) -> Place? {
        var bytes: [UInt8] = []
        // Lifetime: the bytes are copied within the closure.
        unsafe id.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        if let place = placesByID[bytes] { return place }
        guard let entries = reader.read(bytes) else { return nil }
        while delivered.count < reader.partitionCount { delivered.append(OffsetRanges()) }
        nodes.append(Node(id: bytes, entries: entries))
        let place = first + nodes.count - 1
        placesByID[bytes] = place
        return place
    }

    private mutating func judge(_ step: Step, from place: Place, to target: Place) -> Int {
        let before = place < first ? root.entries : nodes[place - first].entries
        let after = nodes[target - first].entries
        guard !before.isEmpty else {
            if step == .event, after.count == 1 { delivered[after[0].partition].insert(after[0].offset - 1) }
            return -1
        }
        var moved: [(partition: Int, offsets: Range<Int64>)] = []
        var isBack = false
        for entry in after {
            guard let old = before.first(where: { $0.partition == entry.partition })?.offset else {
                // A partition that was made meanwhile begins at its beginning.
                if entry.offset > 0 { moved.append((entry.partition, 0..<entry.offset)) }
                continue
            }
            if entry.offset < old { isBack = true }
            if entry.offset > old { moved.append((entry.partition, old..<entry.offset)) }
        }
        if isBack { return step == .gap ? -1 : mark(.init(kind: .disordered)) }
        switch step {
        case .gap: return -1
        case .progress: return moved.isEmpty ? -1 : mark(.init(kind: .passed, passed: moved))
        case .event:
            guard !moved.isEmpty else { return mark(.init(kind: .repeated)) }
            // The event is the last of those passed in one of the partitions; in which one, a single move alone tells.
            if moved.count == 1 { delivered[moved[0].partition].insert(moved[0].offsets.upperBound - 1) }
            let passed = moved.map { ($0.partition, $0.offsets.lowerBound..<$0.offsets.upperBound - 1) }
                .filter { !$0.1.isEmpty }
            return passed.isEmpty ? -1 : mark(.init(kind: .passed, passed: passed))
        }
    }

    private mutating func mark(_ mark: Mark) -> Int {
        marks.append(mark)
        return marks.count - 1
    }

    private static func isEqual(_ known: [UInt8], _ id: Span<UInt8>) -> Bool {
        let count = known.count
        guard count == id.count else { return false }
        // Lifetime: both are read within the closures only, and are equally long.
        return unsafe known.withUnsafeBufferPointer { known in
            unsafe id.withUnsafeBufferPointer { id in
                guard let known = known.baseAddress, let id = id.baseAddress else { return true }
                return unsafe memcmp(known, id, count) == 0
            }
        }
    }
}
