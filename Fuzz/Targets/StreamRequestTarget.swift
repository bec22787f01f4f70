internal import Endpoints
internal import HTTP
internal import History

extension FuzzTarget {
    /// Path, query, `Accept`, id and forwarded addresses, one a line. Any of them are read, within the limits, or refused
    /// with a document that is short and on one line.
    static let streamRequest = FuzzTarget("stream-request") { input throws(FuzzFinding) in
        let lines = input.split(separator: 0x0A, maxSplits: 4, omittingEmptySubsequences: false)
        func text(_ line: Int) -> String? { line < lines.count ? String(decoding: lines[line], as: UTF8.self) : nil }
        let source = StreamRequest.Source(
            path: text(0) ?? "", query: text(1) ?? "", accept: text(2),
            lastEventIDs: lines.count > 3 ? [Array(lines[3])] : [],
            fetchMode: nil)
        if let proxies = try? TrustedProxies(["10.0.0.0/8"]) {
            let address = proxies.client(peer: IPAddress(v4: 0x0A00_0001), clientIP: text(4), forwardedFor: text(4))
            try requireEqual(IPAddress(address.description), address, "an address is read back")
        }
        let request: StreamRequest
        do throws(Problem) { request = try StreamRequest(source, now: 1_795_255_200_123) } catch {
            return try requireSound(error.answer(.init(method: "GET", uri: text(0) ?? "")))
        }
        try require(1...StreamRequest.namesLimit ~= request.streams.count, "there are names, and not too many")
        try require(request.limit ?? 1 >= 1, "a limit lets something through")
        try require(StreamRequest.heartbeatRange.contains((request.heartbeat ?? 15)), "a heartbeat is in its range")
        if case .last(let count) = request.start {
            try require(StreamRequest.lastRange.contains(count), "last is in its range")
        }
    }

    private static func requireSound(_ answer: Answer) throws(FuzzFinding) {
        try require((400...406).contains(answer.status), "what a client sends is the client's to mend")
        try require(answer.body.count < 10_000, "a refusal is short")
        try require(answer.body.dropLast().allSatisfy { $0 >= 0x20 }, "a refusal is one line")
    }
}
