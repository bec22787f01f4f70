internal import HTTPServer

extension FuzzTarget {
    /// A request reads the same however its bytes are cut, and what is taken is within the limits and the grammar: nothing in
    /// it could be read as another request by somebody else.
    static let httpRequest = FuzzTarget("http-request") { input throws(FuzzFinding) in
        let whole = outcome(input, pieces: input.count)
        for pieces in [1, 2, 7] { try requireEqual(outcome(input, pieces: pieces), whole, "cuts change nothing") }
        var reader = RequestReader(maximumBodyBytes: bodyLimit)
        var position = 0
        while position < input.count, case .request(let request)? = reader.read(input.span, at: &position) {
            try require(request.body.count <= bodyLimit, "the body is within its limit")
            try require(!request.target.utf8.contains { $0 <= 0x20 || $0 >= 0x7F }, "the target is printable")
            for (name, value) in request.headers.pairs {
                try require(
                    !name.isEmpty && !name.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x3A }, "a name is a token"
                )
                try require(
                    !value.bytes.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }, "a value has no control byte")
            }
            try require(
                request.headers["content-length"] == nil || request.headers["transfer-encoding"] == nil,
                "one length only")
        }
    }

    private static let bodyLimit = 512

    /// What a reader makes of bytes that come in pieces of so many.
    private static func outcome(_ input: [UInt8], pieces: Int) -> [String] {
        var reader = RequestReader(maximumBodyBytes: bodyLimit)
        var result: [String] = []
        var start = 0
        while start < input.count {
            let piece = Array(input[start..<min(start + max(pieces, 1), input.count)])
            start += piece.count
            var position = 0
            reading: while position < piece.count {
                switch reader.read(piece.span, at: &position) {
                case nil: break reading
                case .continueExpected: result.append("continue")
                case .refused(let refusal): return result + ["\(refusal)"]
                case .request(let request):
                    let fields = request.headers.pairs.map { "\($0.name)=\($0.value.bytes)" }
                    result.append(
                        "\(request.method) \(request.target) \(request.minorVersion) \(fields) \(request.body)")
                }
            }
        }
        return result
    }
}
