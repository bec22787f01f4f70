/// Reads a JSON text strictly (RFC 8259) and makes the index of its values. No recursion, no allocation but the index.
enum JSONScanner {
    static func index(_ bytes: [UInt8], depth limit: Int) throws(JSONError) -> ContiguousArray<JSONNode> {
        guard bytes.count < Int(Int32.max) else { throw JSONError(.tooLong(limit: Int(Int32.max)), at: 0) }
        var scanner = JSONReader(bytes: bytes)
        var nodes: ContiguousArray<JSONNode> = []
        nodes.reserveCapacity(64)
        var open: [Int] = []
        scanner.skipWhitespace()

        values: while true {
            // A value begins here.
            let start = scanner.position
            switch try scanner.peek() {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < limit else { throw JSONError(.tooDeep(limit: limit), at: start) }
                let isObject = try scanner.peek() == UInt8(ascii: "{")
                open.append(nodes.count)
                nodes.append(JSONNode(isObject ? .object : .array, start: start, end: start, next: 0))
                scanner.position += 1
                scanner.skipWhitespace()
                if try scanner.peek() == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { break }
                if isObject { try scanner.memberName(&nodes) }
                continue values
            case UInt8(ascii: "\""): try scanner.string(&nodes)
            case UInt8(ascii: "t"): try scanner.literal("true", .true, &nodes)
            case UInt8(ascii: "f"): try scanner.literal("false", .false, &nodes)
            case UInt8(ascii: "n"): try scanner.literal("null", .null, &nodes)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanner.number(&nodes)
            case let byte: throw JSONError(.unexpectedByte(byte), at: start)
            }
            // A value has ended: close what ends here, or go on to the next value.
            while let parent = open.last {
                scanner.skipWhitespace()
                let isObject = nodes[parent].kind == .object
                let byte = try scanner.peek()
                if byte == UInt8(ascii: ","), nodes.count > parent + 1 {
                    scanner.position += 1
                    scanner.skipWhitespace()
                    if isObject { try scanner.memberName(&nodes) }
                    continue values
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(.unexpectedByte(byte), at: scanner.position)
                }
                scanner.position += 1
                nodes[parent].close(end: scanner.position, next: nodes.count)
                open.removeLast()
            }
            scanner.skipWhitespace()
            guard scanner.position == bytes.count else { throw JSONError(.trailingBytes, at: scanner.position) }
            return nodes
        }
    }
}
