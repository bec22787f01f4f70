internal import Bytes
public import Events
internal import JSON

/// Which members of an event are sent: the parameter `fields` (contract, section 2).
///
/// `a.b` keeps a member with all in it, `-a.b` leaves one out, `a[].b` reaches into the elements of a list. Where
/// nothing is named to be kept, everything is that isn't left out. Of two paths that meet the longer one decides, of
/// two equal ones the one that leaves out; and `meta`'s own place (`Projection.always`) is kept whatever they say. An
/// object or a list in which nothing is kept goes away, but for the event itself.
public struct Projection: Sendable {
    /// The paths sorted, each once: what the same is read from.
    public let description: String
    /// The paths as a tree; the first node is the event.
    private var nodes: ContiguousArray<Node> = [Node()]

    private struct Node {
        /// Whether it is kept; nil: as what is around it.
        var isKept: Bool?
        /// The members that paths name, sorted, and their nodes.
        var names: [Text] = []
        var children: [Int] = []
        /// The node of a list's elements.
        var elements: Int?
        var isLeaf: Bool { names.isEmpty && elements == nil }
    }

    public static let mostBytes = 8192
    public static let mostPaths = 256
    public static let mostNames = 32

    /// The members of `meta` that are always kept, where an event has them.
    public static let always = ["stream", "id", "dt", "topic", "partition", "offset"]

    // MARK: Paths

    /// - Parameter text: paths between commas.
    public init(_ text: String) throws(FilterError) {
        guard text.utf8.count <= Self.mostBytes else {
            throw FilterError("the list of fields has \(text.utf8.count) bytes; the most are \(Self.mostBytes)")
        }
        var paths: Set<Text> = []
        var column = 1
        var keepsSome = false
        var all: [(steps: [Step], isKept: Bool)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let isKept = part.first != "-"
            let steps = try Self.steps(isKept ? part : part.dropFirst(), at: isKept ? column : column + 1)
            paths.insert(Text(part))
            guard paths.count <= Self.mostPaths else { throw FilterError("more than \(Self.mostPaths) fields") }
            keepsSome = keepsSome || isKept
            all.append((steps, isKept))
            column += part.unicodeScalars.count + 1
        }
        description = paths.sorted().map(\.description).joined(separator: ",")
        for (steps, isKept) in all { set(steps, isKept: isKept) }
        nodes[0].isKept = !keepsSome
        for name in Self.always { nodes[node(at: [.name("meta"), .name(Text(name))])].isKept = true }
    }

    private enum Step {
        case name(Text)
        case elements
    }

    private static func steps(_ path: Substring, at column: Int) throws(FilterError) -> [Step] {
        var steps: [Step] = []
        var column = column
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            var name = part
            var depth = 0
            while name.hasSuffix("[]") {
                name = name.dropLast(2)
                depth += 1
            }
            guard !name.isEmpty else {
                throw FilterError(
                    "expected a field's name", column: column, hint: "fields are written a,b.c,-d,list[].e")
            }
            steps.append(.name(Text(name)))
            for _ in 0..<depth { steps.append(.elements) }
            guard steps.count <= mostNames else {
                throw FilterError("a path of more than \(mostNames) names and []", column: column)
            }
            column += part.unicodeScalars.count + 1
        }
        return steps
    }

    private mutating func set(_ steps: [Step], isKept: Bool) {
        let node = node(at: steps)
        nodes[node].isKept = (nodes[node].isKept ?? true) && isKept
    }

    /// The node at a path, which is made where it is missing.
    private mutating func node(at steps: [Step]) -> Int {
        var node = 0
        for step in steps {
            switch step {
            case .name(let name):
                let place = nodes[node].names.firstIndex { $0 >= name } ?? nodes[node].names.count
                if place == nodes[node].names.count || nodes[node].names[place] != name {
                    nodes[node].names.insert(name, at: place)
                    nodes[node].children.insert(nodes.count, at: place)
                    nodes.append(Node())
                }
                node = nodes[node].children[place]
            case .elements:
                if let elements = nodes[node].elements {
                    node = elements
                } else {
                    nodes[node].elements = nodes.count
                    node = nodes.count
                    nodes.append(Node())
                }
            }
        }
        return node
    }

    // MARK: Events

    /// Appends what is kept of an event: values byte for byte, members in their order.
    public func append(_ event: borrowing Event, to bytes: inout [UInt8]) {
        object(event.document.root, 0, isKept: nodes[0].isKept ?? true, event.document, &bytes)
    }

    /// Appends a value, or nothing; returns whether it did. Paths bound the depth.
    private func value(
        _ word: Int, _ node: Int, isKept: Bool, _ document: borrowing JSONDocument, _ bytes: inout [UInt8]
    ) -> Bool {
        let isKept = nodes[node].isKept ?? isKept
        let mark = bytes.count
        switch document.kind(of: word) {
        case .object where !nodes[node].names.isEmpty:
            if object(word, node, isKept: isKept, document, &bytes) || isKept { return true }
        case .array where nodes[node].elements != nil:
            if list(word, nodes[node].elements ?? 0, isKept: isKept, document, &bytes) || isKept { return true }
        default:
            if isKept {
                bytes.append(document.bytes.span.extracting(document.start(of: word)..<document.end(of: word)))
            }
            return isKept
        }
        bytes.removeLast(bytes.count - mark)
        return false
    }

    /// Returns whether there is a member in it.
    @discardableResult
    private func object(
        _ word: Int, _ node: Int, isKept: Bool, _ document: borrowing JSONDocument, _ bytes: inout [UInt8]
    ) -> Bool {
        bytes.append(UInt8(ascii: "{"))
        var isEmpty = true
        let content = document.content(of: word)
        var name = content.lowerBound
        while name < content.upperBound {
            let next = document.next(after: name + 1)
            if let child = child(name, of: node, document) {
                let mark = bytes.count
                append(name, isFirst: isEmpty, document, &bytes)
                if value(name + 1, child, isKept: isKept, document, &bytes) {
                    isEmpty = false
                } else {
                    bytes.removeLast(bytes.count - mark)
                }
            } else if isKept {
                append(name, isFirst: isEmpty, document, &bytes)
                bytes.append(document.bytes.span.extracting(document.start(of: name + 1)..<document.end(of: name + 1)))
                isEmpty = false
            }
            name = next
        }
        bytes.append(UInt8(ascii: "}"))
        return !isEmpty
    }

    private func list(
        _ word: Int, _ node: Int, isKept: Bool, _ document: borrowing JSONDocument, _ bytes: inout [UInt8]
    ) -> Bool {
        bytes.append(UInt8(ascii: "["))
        var isEmpty = true
        let content = document.content(of: word)
        var element = content.lowerBound
        while element < content.upperBound {
            let mark = bytes.count
            if !isEmpty { bytes.append(UInt8(ascii: ",")) }
            if value(element, node, isKept: isKept, document, &bytes) {
                isEmpty = false
            } else {
                bytes.removeLast(bytes.count - mark)
            }
            element = document.next(after: element)
        }
        bytes.append(UInt8(ascii: "]"))
        return !isEmpty
    }

    private func append(_ name: Int, isFirst: Bool, _ document: borrowing JSONDocument, _ bytes: inout [UInt8]) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        bytes.append(document.bytes.span.extracting(document.start(of: name)..<document.end(of: name)))
        bytes.append(UInt8(ascii: ":"))
    }

    /// The node of a member that a path names.
    private func child(_ name: Int, of node: Int, _ document: borrowing JSONDocument) -> Int? {
        if document.hasEscapedNames {
            var decoded: [UInt8] = []
            JSONEscapes.decode(document.bytes.span, from: document.start(of: name) + 1, into: &decoded)
            return child(decoded.span, of: node)
        }
        let start = document.start(of: name) + 1
        let end = document.bytes.span.firstMark(from: start)
        return child(document.bytes.span.extracting(start..<end), of: node)
    }

    private func child(_ name: Span<UInt8>, of node: Int) -> Int? {
        var (low, high) = (0, nodes[node].names.count)
        while low < high {
            let middle = (low + high) / 2
            let order = nodes[node].names[middle].order(name)
            if order == 0 { return nodes[node].children[middle] }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}

extension Projection: Hashable, CustomStringConvertible {
    public static func == (a: Projection, b: Projection) -> Bool {
        a.description.utf8.elementsEqual(b.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
    }
}
