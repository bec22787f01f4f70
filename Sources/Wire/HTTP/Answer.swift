/// A whole answer: what is sent for anything but a stream.
public struct Answer: Hashable, Sendable {
    public var status: Int
    public var headers: Headers
    public var body: [UInt8]

    public init(status: Int, headers: Headers = Headers(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// With `Content-Type` and the headers every answer has.
    public init(status: Int, type: String, body: [UInt8]) {
        self.init(status: status, headers: .document(type: type), body: body)
    }

    /// To another place. The body says where for those who don't follow.
    public static func redirect(status: Int, to location: String) -> Answer {
        var answer = Answer(status: status, type: "text/plain; charset=utf-8", body: Array("\(location)\n".utf8))
        answer.headers.add("Location", location)
        return answer
    }

    /// The answer to `OPTIONS`.
    public static func options(methods: [String]) -> Answer { Answer(status: 204, headers: .options(methods: methods)) }

    /// 204 to a client that has all it asked for: the one answer after which an EventSource does not come back (HTML, server-sent
    /// events).
    public static let nothingMore = Answer(
        status: 204, headers: Headers([.init("Cache-Control", "no-store")]) + .common)
}
