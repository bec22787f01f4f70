/// The request line and the header fields (RFC 9112, sections 3 and 5).
extension RequestReader {
    /// Methods a server may be asked for; any other is answered 501 (RFC 9110, section 9.1). CONNECT is for proxies.
    static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"]
    private static let longestMethod = 20
    private static let toleratedEmptyLines = 2

    mutating func readRequestLine(_ byte: UInt8) throws(Refusal) {
        switch state {
        case .start:
            if byte == Self.carriageReturn {
                // RFC 9112, section 2.2: some clients send an empty line after a body.
                emptyLines += 1
                try require(emptyLines <= Self.toleratedEmptyLines, or: .badMethod)
                state = .startLineFeed
            } else {
                try require(byte != Self.lineFeed, or: .badLineEnd)
                try require(Grammar.isToken(byte), or: .badMethod)
                try keep(byte)
                state = .method
            }
        case .startLineFeed:
            try require(byte == Self.lineFeed, or: .badLineEnd)
            state = .start
        case .method:
            if byte == Self.space {
                methodEnd = head.count
                method = String(decoding: head, as: UTF8.self)
                try require(Self.methods.contains(method), or: .unknownMethod)
                state = .target
            } else {
                try require(Grammar.isToken(byte), or: .badMethod)
                try require(head.count < Self.longestMethod, or: .unknownMethod)
            }
            try keep(byte)
        case .target:
            if byte == Self.space {
                try endTarget()
            } else {
                try require(Grammar.isTarget(byte), or: .badTarget)
                try require(head.count - methodEnd <= limits.targetBytes, or: .targetTooLong)
            }
            try keep(byte)
        case .version:
            if byte == Self.carriageReturn {
                try endVersion()
                state = .requestLineFeed
            } else {
                try require(byte != Self.lineFeed, or: .badLineEnd)
                try require(head.count - versionStart < 8, or: .badVersion)
            }
            try keep(byte)
        default:
            try require(byte == Self.lineFeed, or: .badLineEnd)
            try keep(byte)
            state = .fieldStart
        }
    }

    private mutating func endTarget() throws(Refusal) {
        targetEnd = head.count
        target = String(decoding: head[(methodEnd + 1)..<targetEnd], as: UTF8.self)
        guard let parts = RequestTarget(target, method: method) else { throw .badTarget }
        self.parts = parts
        versionStart = targetEnd + 1
        state = .version
    }

    private mutating func endVersion() throws(Refusal) {
        let version = head[versionStart...]
        guard version.count == 8, version.starts(with: "HTTP/".utf8) else { throw .badVersion }
        let (major, point, minor) = (head[versionStart + 5], head[versionStart + 6], head[versionStart + 7])
        guard Grammar.isDigit(major), point == UInt8(ascii: "."), Grammar.isDigit(minor) else { throw .badVersion }
        guard major == UInt8(ascii: "1"), minor <= UInt8(ascii: "1") else { throw .unknownVersion }
        minorVersion = Int(minor - UInt8(ascii: "0"))
    }

    mutating func readField(_ byte: UInt8) throws(Refusal) {
        switch state {
        case .fieldStart:
            if byte == Self.carriageReturn {
                state = .headLineFeed
            } else {
                try requireFieldStart(byte)
                try require(fields.count < limits.fields, or: .tooManyFields)
                nameStart = head.count
                state = .fieldName
            }
        case .fieldName:
            if byte == UInt8(ascii: ":") {
                nameEnd = head.count
                state = .beforeValue
            } else {
                try require(Grammar.isToken(byte), or: .badFieldName)
            }
        case .beforeValue, .fieldValue:
            if byte == Self.carriageReturn {
                if case .beforeValue = state { valueStart = head.count }
                endField()
                state = .fieldLineFeed
            } else {
                try require(byte != Self.lineFeed, or: .badLineEnd)
                try require(Grammar.isFieldValue(byte), or: .badFieldValue)
                if case .beforeValue = state, byte != Self.space, byte != Self.tab {
                    valueStart = head.count
                    state = .fieldValue
                }
            }
        default:
            try require(byte == Self.lineFeed, or: .badLineEnd)
            state = .fieldStart
        }
        try keep(byte)
    }

    /// The first byte of a field's line is the first of its name. A space there is a folded line.
    func requireFieldStart(_ byte: UInt8) throws(Refusal) {
        try require(byte != Self.lineFeed, or: .badLineEnd)
        try require(byte != Self.space && byte != Self.tab, or: .foldedField)
        try require(Grammar.isToken(byte), or: .badFieldName)
    }

    private mutating func endField() {
        var end = head.count
        while end > valueStart, head[end - 1] == Self.space || head[end - 1] == Self.tab { end -= 1 }
        if fields.isEmpty { fields.reserveCapacity(8) }
        fields.append(HTTPHeaders.Field(name: nameStart..<nameEnd, value: valueStart..<end))
    }

    /// Keeps the next bytes at once that leave the state as it is, as most of a head do: each by itself takes longer.
    ///
    /// - Returns: whether there was any.
    mutating func keepRun(_ bytes: Span<UInt8>, at position: inout Int) -> Bool {
        var end = position
        var last = min(bytes.count, position + limits.headBytes - head.count)
        switch state {
        case .target:
            last = min(last, position + limits.targetBytes - (head.count - methodEnd) + 1)
            while end < last, Grammar.isTarget(bytes[end]) { end += 1 }
        case .fieldName: while end < last, Grammar.isToken(bytes[end]) { end += 1 }
        case .fieldValue: while end < last, Grammar.isFieldValue(bytes[end]) { end += 1 }
        default: return false
        }
        guard end > position else { return false }
        // The bytes are copied before the span ends.
        unsafe bytes.extracting(position..<end).withUnsafeBufferPointer { unsafe head.append(contentsOf: $0) }
        position = end
        return true
    }

    mutating func keep(_ byte: UInt8) throws(Refusal) {
        try require(head.count < limits.headBytes, or: .headTooLarge)
        head.append(byte)
    }
}
