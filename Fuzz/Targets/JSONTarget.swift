internal import JSON

extension FuzzTarget {
    /// What is taken for JSON is UTF-8, has no control character in a string, can be written and comes back, and the index
    /// of its values is sound: each value within the one around it, in the order of the text.
    static let json = FuzzTarget("json") { input throws(FuzzFinding) in
        guard let document = try? JSONDocument(input) else { return }
        try require(String(validating: input, as: UTF8.self) != nil, "JSON is UTF-8")
        let tree = document.tree(document.root)
        try requireEqual(try? JSONValue(tree.bytes), tree, "what is written comes back")
        try require(document[document.root].next == document.nodes.count, "the root is around all values")
        try requireSound(document, document.root)
        for node in document.nodes where node.kind == .string {
            try require(input[node.start] == UInt8(ascii: "\"") && input[node.end - 1] == UInt8(ascii: "\""), "quotes")
            try require(!input[node.start..<node.end].contains { $0 < 0x20 }, "no control character in a string")
        }
    }

    private static func requireSound(_ document: JSONDocument, _ index: Int) throws(FuzzFinding) {
        let node = document[index]
        try require(node.start < node.end && node.end <= document.bytes.count, "a value has bytes")
        let inner = document.elements(of: index) + document.members(of: index).flatMap { [$0.name, $0.value] }
        var (end, next) = (node.start + 1, index + 1)
        for child in inner {
            try require(child == next && document[child].start >= end, "values come in order")
            try require(document[child].end < node.end, "a value is within the one around it")
            try requireSound(document, child)
            (end, next) = (document[child].end, document[child].next)
        }
        try require(node.next == next, "the next value is the one after all within this")
    }
}
