internal import HTTP
internal import HTTP2

/// One HTTP/2 connection of a loop: its session, what it has to send, and which exchange each of its streams is. It makes no
/// system call and knows no clock.
final class HTTP2Connection {
    /// One request and its answer.
    struct Call {
        let stream: Int32
        /// Nil once its stream has begun: streams are many, and kept for hours.
        var question: Question?

        init(stream: Int32, _ request: HTTPRequest) {
            self.stream = stream
            question = Question(request)
        }

        /// Bytes of the request's body that the listener's budget counts.
        var bodyBytes: Int { question?.bodyBytes ?? 0 }
    }

    /// Of a request what its answer needs.
    final class Question {
        let method: String
        let target: String
        let bodyBytes: Int

        init(_ request: HTTPRequest) {
            method = request.method
            target = request.target
            bodyBytes = request.body.count
        }
    }

    /// How far the output may be ahead of the socket. Bytes.
    static let outputBytes = 64 * 1024
    /// Memory that an empty output keeps. Bytes.
    private static let keptBytes = 4 * 1024

    let session: HTTP2ServerSession
    /// Why its requests get no answer but this; nil: they are answered.
    let refusal: Refusal?
    private(set) var output: [UInt8] = []
    /// By the exchange's place in the slab.
    private(set) var calls: [Int: Call] = [:]
    private var places: [Int32: Int32] = [:]
    /// It stands in the list of those whose output is sent at the end of the turn.
    var isQueued = false
    /// Since when the socket has taken nothing; nil: it takes bytes.
    var blockedSince: Int64?
    /// Since when it has been without a request; nil: there are some.
    private(set) var idleSince: Int64?
    /// When the client was told to make no more requests.
    private(set) var leavingSince: Int64?
    /// No more requests are taken.
    private(set) var isEnding = false
    /// It has broken: what is left to send is sent, and then it ends.
    private(set) var failure: HTTP2Error?
    /// Bytes of its output that a budget counts.
    var heldBytes = 0
    /// Bytes of bodies that are still coming, which the listener's budget counts.
    var heldBody = 0

    init(_ limits: HTTP2Limits, refusing refusal: Refusal?, now: Int64) throws(HTTP2Error) {
        self.refusal = refusal
        session = try HTTP2ServerSession(limits, now: now)
        idleSince = now
    }

    // MARK: Its exchanges

    func add(_ call: Call, place: Int) {
        calls[place] = call
        places[call.stream] = Int32(truncatingIfNeeded: place)
    }

    func place(of stream: Int32) -> Int? { places[stream].map { Int($0) } }

    func removeCall(_ place: Int) -> Call? {
        guard let call = calls.removeValue(forKey: place) else { return nil }
        places[call.stream] = nil
        return call
    }

    /// The answer has begun.
    ///
    /// - Returns: what was asked; nil: no more than before.
    func begin(_ place: Int) -> (stream: Int32, question: Question)? {
        guard let call = calls[place], let question = call.question else { return nil }
        calls[place]?.question = nil
        return (call.stream, question)
    }

    // MARK: Bytes

    func receive(_ bytes: Span<UInt8>, now: Int64) {
        guard failure == nil else { return }
        do throws(HTTP2Error) { try session.receive(bytes, now: now) } catch { failure = error }
    }

    /// Frames bytes of a stream; how many of them.
    func write(_ bytes: UnsafeRawBufferPointer, to stream: Int32, now: Int64) -> Int {
        guard failure == nil else { return 0 }
        do throws(HTTP2Error) {
            return try unsafe session.write(bytes, to: stream, into: &output, most: Self.outputBytes, now: now)
        } catch {
            failure = error
            return 0
        }
    }

    /// Adds to the output what is to be sent.
    func fill(now: Int64) {
        do throws(HTTP2Error) {
            try session.takeOutput(into: &output, most: Self.outputBytes, now: now)
        } catch {
            if failure == nil { failure = error }
        }
        if session.streamCount > 0 { idleSince = nil } else if idleSince == nil { idleSince = now }
    }

    func sent(_ count: Int) {
        if count == output.count {
            output.removeAll(keepingCapacity: output.capacity <= Self.keptBytes)
        } else {
            output.removeFirst(count)
        }
    }

    /// No more is read from the client before it takes what it asked for.
    var wantsInput: Bool { failure == nil && (blockedSince == nil || output.count < Self.outputBytes) }

    // MARK: The end

    /// Nothing follows once the output is sent.
    var isOver: Bool { failure != nil || session.isOver || isEnding && session.streamCount == 0 }

    /// The client is to make no more requests. Those that it is making are still taken for a while.
    func leave(now: Int64) {
        guard leavingSince == nil, failure == nil else { return }
        leavingSince = now
        session.announceEnd()
    }

    /// No more requests are taken.
    func end() {
        guard !isEnding, failure == nil else { return }
        isEnding = true
        session.end()
    }
}
