internal import JSON

extension FuzzTarget {
    /// What is taken for JSON is UTF-8, has no control character in a string, can be written and comes back, and the index
    /// of its values is sound: each value within the one around it, in the order of the text.
    static let json = FuzzTarget("json") { input throws(FuzzFinding) in
        guard let document = try? JSONDocument(input) else { return }
        try require(String(validating: input, as: UTF8.self) != nil, "JSON is UTF-8")
        let tree = document.tree(document.root)
        try requireEqual(try? JSONValue(tree.bytes), tree, "what is written comes back")
        try require(
            document[document.root].next == document.wordCount(of: document.root), "the root is around all values")
        try requireSound(document, document.root)
    }

    private static func requireSound(_ document: JSONDocument, _ index: Int) throws(FuzzFinding) {
        let node = document[index]
        let bytes = document.bytes
        try require(node.start < node.end && node.end <= bytes.count, "a value has bytes")
        if node.kind == .string {
            let quote = UInt8(ascii: "\"")
            try require(bytes[node.start] == quote && bytes[node.end - 1] == quote, "quotes")
            try require(!bytes[node.start..<node.end].contains { $0 < 0x20 }, "no control character in a string")
        }
        let inner = document.elements(of: index) + document.members(of: index).flatMap { [$0.name, $0.value] }
        let isContainer = node.kind == .object || node.kind == .array
        var (end, next) = (node.start + 1, isContainer ? index + 3 : index + 1)
        for child in inner {
            try require(child == next && document[child].start >= end, "values come in order")
            try require(document[child].end < node.end, "a value is within the one around it")
            try requireSound(document, child)
            (end, next) = (document[child].end, document[child].next)
        }
        try require(node.next == next, "the next value is the one after all within this")
    }
}
