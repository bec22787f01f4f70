@testable import HTTPServer

/// What a reader made of a whole input: the requests, then how it ended.
struct ReaderTranscript: Equatable, CustomStringConvertible {
    enum End: Equatable {
        /// All bytes were taken; a request may have begun.
        case open
        case refused(Refusal)
    }

    struct Request: Equatable {
        var method: String
        var target: String
        var path: String
        var query: String?
        var host: String?
        var minorVersion: Int
        var fields: [String]
        var body: [UInt8]
    }

    var requests: [Request] = []
    var continues = 0
    var end = End.open

    var description: String { "\(requests) continues: \(continues) \(end)" }

    /// Feeds the parts one after the other.
    init(_ parts: [[UInt8]], limits: HTTPLimits = HTTPLimits(), maximumBodyBytes: Int = 1000) {
        var reader = RequestReader(limits: limits, maximumBodyBytes: maximumBodyBytes)
        for part in parts {
            var position = 0
            while let event = reader.read(part.span, at: &position) {
                switch event {
                case .request(let request): requests.append(Request(request))
                case .continueExpected: continues += 1
                case .refused(let refusal):
                    end = .refused(refusal)
                    return
                }
            }
        }
    }

    init(_ text: String, limits: HTTPLimits = HTTPLimits(), maximumBodyBytes: Int = 1000) {
        self.init([Array(text.utf8)], limits: limits, maximumBodyBytes: maximumBodyBytes)
    }

    var refusal: Refusal? {
        if case .refused(let refusal) = end { refusal } else { nil }
    }
}

extension ReaderTranscript.Request {
    init(_ request: HTTPRequest) {
        self.init(
            method: request.method, target: request.target, path: request.path, query: request.query,
            host: request.host,
            minorVersion: request.minorVersion,
            fields: request.headers.pairs.map { "\($0.name)=\($0.value.bytes)" }, body: request.body)
    }
}
