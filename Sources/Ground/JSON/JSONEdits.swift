/// Changes to make in JSON texts: members removed, values replaced, members added. Compiled once, applied to many texts.
///
/// A path is a list of member names from the root. It leads to *every* member of a name, where an object has it twice,
/// however the name is written in the text (`"\u0075ser"` is `user`). A step that meets an array applies to each of its
/// elements, and to theirs where they are arrays. A path that leads nowhere changes nothing.
///
/// Every byte outside what is removed, replaced or added stays as it was: space, escapes, numbers, order.
public struct JSONEdits: Sendable {
    public enum Change: Hashable, Sendable {
        /// Takes the member away, with its comma.
        case remove
        /// Puts a JSON text in the place of the value. The caller answers for its being one.
        case replace([UInt8])
        /// Adds a member after the last one of the object at the path (the empty path: the whole text). The value is a
        /// JSON text; that the object has no member of this name yet is the caller's care.
        case append(name: String, value: [UInt8])
    }

    private struct Step {
        var next: [String: Int] = [:]
        var isRemoved = false
        var replacement: [UInt8]?
        var added: [(name: String, value: [UInt8])] = []
    }

    /// The paths as a tree; the first step is the root.
    private var steps = [Step()]

    public init() {}

    /// Where changes meet, removing wins over replacing, and both over changes further down the same path.
    /// The whole text can't be removed.
    public mutating func add(_ change: Change, at path: [String]) {
        var step = 0
        for name in path {
            if let next = steps[step].next[name] {
                step = next
            } else {
                steps[step].next[name] = steps.count
                step = steps.count
                steps.append(Step())
            }
        }
        switch change {
        case .remove: steps[step].isRemoved = !path.isEmpty
        case .replace(let value): steps[step].replacement = value
        case .append(let name, let value): steps[step].added.append((name, value))
        }
    }

    public var isEmpty: Bool {
        steps.allSatisfy { !$0.isRemoved && $0.replacement == nil && $0.added.isEmpty }
    }

    /// The changed text, or nil where there was nothing to change.
    public func apply(to document: JSONDocument) -> [UInt8]? {
        var cuts: [Cut] = []
        var open = [(value: document.root, step: 0)]
        while let (value, step) = open.popLast() {
            let node = document[value]
            if let replacement = steps[step].replacement {
                cuts.append(Cut(start: node.start, end: node.end, put: replacement))
            } else if node.kind == .array {
                for element in document.elements(of: value) { open.append((element, step)) }
            } else if node.kind == .object {
                edit(value, steps[step], of: document, &cuts, &open)
            }
        }
        guard !cuts.isEmpty else { return nil }
        return splice(document.bytes, cuts)
    }

    private struct Cut {
        var start: Int
        var end: Int
        var put: [UInt8] = []
    }

    /// Cuts what goes out of one object and finds what is to be looked at in it.
    private func edit(
        _ object: JSONDocument.Index, _ step: Step, of document: JSONDocument, _ cuts: inout [Cut],
        _ open: inout [(value: JSONDocument.Index, step: Int)]
    ) {
        var lastKept: JSONDocument.Index?
        /// The first of the removed members that stand before any kept one.
        var firstRemoved: JSONDocument.Index?
        var lastRemoved: JSONDocument.Index?
        func closeRun(before kept: JSONDocument.Index?) {
            guard let last = lastRemoved, let first = firstRemoved ?? lastKept else { return }
            if let lastKept {
                // With the comma before the run.
                cuts.append(Cut(start: document[lastKept].end, end: document[last].end))
            } else {
                // With the comma behind it, where there is one.
                cuts.append(
                    Cut(start: document[first].start, end: kept.map { document[$0].start } ?? document[last].end))
            }
            firstRemoved = nil
            lastRemoved = nil
        }
        for (name, value) in document.members(of: object) {
            let next = step.next.isEmpty ? nil : document.string(name).flatMap { step.next[$0] }
            if let next, steps[next].isRemoved {
                if firstRemoved == nil { firstRemoved = name }
                lastRemoved = value
                continue
            }
            closeRun(before: name)
            lastKept = value
            if let next { open.append((value, next)) }
        }
        closeRun(before: nil)
        if !step.added.isEmpty {
            let place = lastKept.map { document[$0].end } ?? document[object].start + 1
            cuts.append(Cut(start: place, end: place, put: members(step.added, afterOthers: lastKept != nil)))
        }
    }

    private func members(_ added: [(name: String, value: [UInt8])], afterOthers: Bool) -> [UInt8] {
        var text: [UInt8] = []
        for (place, member) in added.enumerated() {
            if afterOthers || place > 0 { text.append(UInt8(ascii: ",")) }
            JSONText.append(member.name, to: &text)
            text.append(UInt8(ascii: ":"))
            text.append(contentsOf: member.value)
        }
        return text
    }

    /// Cuts never overlap: a removed or replaced value isn't looked into. An addition may stand where a cut begins.
    private func splice(_ bytes: [UInt8], _ cuts: [Cut]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + cuts.reduce(0) { $0 + $1.put.count })
        var place = 0
        for cut in cuts.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            result.append(contentsOf: bytes[place..<cut.start])
            result.append(contentsOf: cut.put)
            place = cut.end
        }
        result.append(contentsOf: bytes[place...])
        return result
    }
}

extension JSONDocument {
    /// Every value that a path leads to, by the rules of `JSONEdits`: all members of a name, each element of an array.
    ///
    /// `value(at:)` gives the one that counts for a reader; this gives all that anybody could read. Elements of an array
    /// at the path's end are given too, and the array is not.
    public func values(at path: [String]) -> [Index] {
        var found: [Index] = []
        var open = [(value: root, depth: 0)]
        while let (value, depth) = open.popLast() {
            if kind(of: value) == .array {
                for element in elements(of: value) { open.append((element, depth)) }
            } else if depth == path.count {
                found.append(value)
            } else {
                for (name, member) in members(of: value) where isName(name, text: path[depth]) {
                    open.append((member, depth + 1))
                }
            }
        }
        return found
    }
}
