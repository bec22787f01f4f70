@testable import HTTPServer

/// A second reader, to hold the first against: it sees the whole input at once, cuts it into lines and looks at those.
/// Slow, and meant to be obviously right.
struct PlainReader {
    enum End: Equatable { case complete, incomplete, refused }
    struct Bad: Error {}
    struct NotYet: Error {}

    typealias Request = ReaderTranscript.Request

    let limits: HTTPLimits
    let maximumBodyBytes: Int
    private(set) var requests: [Request] = []
    private(set) var continues = 0
    private(set) var end = End.complete
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8], limits: HTTPLimits, maximumBodyBytes: Int) {
        self.limits = limits
        self.maximumBodyBytes = maximumBodyBytes
        rest = bytes[...]
        do {
            while !rest.isEmpty { requests.append(try next()) }
        } catch is NotYet {
            end = .incomplete
        } catch {
            end = .refused
        }
    }

    private mutating func next() throws -> Request {
        for _ in 0..<2 where rest.starts(with: [13, 10]) { rest = rest.dropFirst(2) }
        let head = try take(through: [13, 10, 13, 10])
        if head.count + 4 > limits.headBytes { throw Bad() }
        var lines = Self.lines(head)
        if lines.contains(where: { $0.contains(13) || $0.contains(10) }) { throw Bad() }
        let words = lines.removeFirst().split(separator: 32, omittingEmptySubsequences: false).map(Array.init)
        guard words.count == 3 else { throw Bad() }
        var request = try requestLine(words[0], words[1], words[2])
        if lines.count > limits.fields { throw Bad() }
        let fields = try lines.map(Self.field)
        request.fields = fields.map { "\(String(decoding: $0.name, as: UTF8.self))=\($0.value)" }
        func values(_ name: String) -> [[UInt8]] {
            fields.filter { String(decoding: $0.name, as: UTF8.self).lowercased() == name }.map(\.value)
        }
        try checkHost(values("host"), &request)
        let length = try Self.length(values("content-length"), values("transfer-encoding"), request.minorVersion)
        if let length, length > maximumBodyBytes { throw Bad() }
        if request.minorVersion == 1, let expectation = values("expect").first {
            let all = values("expect").map { String(decoding: $0, as: UTF8.self).lowercased() }
            if all != Array(repeating: "100-continue", count: all.count) { throw Bad() }
            _ = expectation
            if length != 0 { continues += 1 }
        }
        if let length {
            if rest.count < length { throw NotYet() }
            request.body = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
        } else {
            request.body = try chunks()
        }
        return request
    }

    private func requestLine(_ method: [UInt8], _ target: [UInt8], _ version: [UInt8]) throws -> Request {
        let method = String(decoding: method, as: UTF8.self)
        guard ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"].contains(method) else {
            throw Bad()
        }
        guard target.count <= limits.targetBytes else { throw Bad() }
        guard target.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 }) else { throw Bad() }
        let target = String(decoding: target, as: UTF8.self)
        let minor: Int
        switch String(decoding: version, as: UTF8.self) {
        case "HTTP/1.0": minor = 0
        case "HTTP/1.1": minor = 1
        default: throw Bad()
        }
        var local = target
        var host: String?
        if let match = target.wholeMatch(of: /(?i:https?):\/\/([^\/?]+)(.*)/) {
            host = String(match.1)
            guard Self.isHost(String(match.1)) else { throw Bad() }
            local = String(match.2)
            if !local.hasPrefix("/") { local = "/" + local }
        } else if !target.hasPrefix("/"), !(target == "*" && method == "OPTIONS") {
            throw Bad()
        }
        let parts = local.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return Request(
            method: method, target: target, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : nil,
            host: host, minorVersion: minor, fields: [], body: [])
    }

    private static func field(_ line: [UInt8]) throws -> (name: [UInt8], value: [UInt8]) {
        guard let colon = line.firstIndex(of: 58) else { throw Bad() }
        let name = Array(line[..<colon])
        guard String(decoding: name, as: UTF8.self).wholeMatch(of: /[A-Za-z0-9!#$%&'*+.^_`|~\-]+/) != nil else {
            throw Bad()
        }
        var value = Array(line[(colon + 1)...])
        guard value.allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 }) else { throw Bad() }
        while value.first == 32 || value.first == 9 { value.removeFirst() }
        while value.last == 32 || value.last == 9 { value.removeLast() }
        return (name, value)
    }

    private func checkHost(_ hosts: [[UInt8]], _ request: inout Request) throws {
        guard hosts.count <= 1, hosts.count == 1 || request.minorVersion == 0 else { throw Bad() }
        guard let host = hosts.first else { return }
        guard host.allSatisfy({ $0 < 128 }), Self.isHost(String(decoding: host, as: UTF8.self)) else { throw Bad() }
        if request.host == nil { request.host = String(decoding: host, as: UTF8.self) }
    }

    private static func isHost(_ text: String) -> Bool {
        text.wholeMatch(
            of:
                /(\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]|([A-Za-z0-9._~!$&'()*+,;=\-]|%[0-9A-Fa-f][0-9A-Fa-f])+)(:[0-9]{0,5})?/
        )
            != nil
    }

    /// Nil: chunked.
    private static func length(_ lengths: [[UInt8]], _ codings: [[UInt8]], _ minor: Int) throws -> Int? {
        switch (lengths.count, codings.count) {
        case (0, 0): return 0
        case (1, 0):
            let text = String(decoding: lengths[0], as: UTF8.self)
            guard text.wholeMatch(of: /[0-9]+/) != nil, let length = Int(text) else { throw Bad() }
            return length
        case (0, 1):
            guard minor == 1, String(decoding: codings[0], as: UTF8.self).lowercased() == "chunked" else { throw Bad() }
            return nil
        default: throw Bad()
        }
    }

    private mutating func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        var extensions = 0
        while true {
            let line = Array(try take(through: [13, 10]))
            guard !line.contains(13), !line.contains(10) else { throw Bad() }
            let mark = line.firstIndex(of: 59) ?? line.count
            extensions += line.count - mark
            guard extensions <= limits.chunkExtensionBytes else { throw Bad() }
            guard line[mark...].allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 }) else { throw Bad() }
            let digits = String(decoding: line[..<mark], as: UTF8.self)
            guard digits.wholeMatch(of: /[0-9A-Fa-f]{1,8}/) != nil, let size = Int(digits, radix: 16) else {
                throw Bad()
            }
            if size == 0 { break }
            guard size <= maximumBodyBytes - body.count else { throw Bad() }
            guard rest.count >= size else { throw NotYet() }
            body += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard [13, 10].starts(with: rest.prefix(2)) else { throw Bad() }
            if rest.count < 2 { throw NotYet() }
            rest = rest.dropFirst(2)
        }
        var bytes = 1
        var count = 0
        while true {
            let line = Array(try take(through: [13, 10]))
            if line.isEmpty { return body }
            guard !line.contains(13), !line.contains(10) else { throw Bad() }
            _ = try Self.field(line)
            bytes += line.count + 2
            count += 1
            guard bytes <= limits.trailerBytes, count <= limits.fields else { throw Bad() }
        }
    }

    /// The bytes before the first `mark`; the mark is dropped too.
    private mutating func take(through mark: [UInt8]) throws -> ArraySlice<UInt8> {
        for start in rest.indices where rest[start...].starts(with: mark) {
            defer { rest = rest[(start + mark.count)...] }
            return rest[..<start]
        }
        throw NotYet()
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index...].starts(with: [13, 10]) {
                lines.append([])
                index += 2
            } else {
                lines[lines.count - 1].append(bytes[index])
                index += 1
            }
        }
        return lines
    }
}
