internal import HTTP
internal import HTTP2

/// One HTTP/2 connection of a loop: its session, what it has to send, and which exchange each of its streams is. It makes no
/// system call and knows no clock.
final class HTTP2Connection {
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

    let session: HTTP2ServerSession
    // First what each write needs: of a thousand connections nothing is in the processor's caches.
    private(set) var output: [UInt8] = []
    /// Since when the socket has taken nothing; nil: it takes bytes.
    var blockedSince: Int64?
    /// It stands in the list of those whose output is sent at the end of the turn.
    var isQueued = false
    /// The session may have something to send besides the bytes of streams that it was given, or something to tell of the room
    /// that there is.
    private var mayHaveOutput = true
    /// It has broken: what is left to send is sent, and then it ends.
    private(set) var failure: HTTP2Error?
    /// Why its requests get no answer but this; nil: they are answered.
    let refusal: Refusal?
    /// Of requests that are not answered, and whose streams have not begun, by the exchange's place in the slab: streams are many,
    /// and kept for hours.
    private var questions: [(place: Int, question: Question)] = []
    /// Since when it has been without a request; nil: there are some.
    private(set) var idleSince: Int64?
    /// When the client was told to make no more requests.
    private(set) var leavingSince: Int64?
    /// No more requests are taken.
    private(set) var isEnding = false
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

    func add(_ request: HTTPRequest, on stream: Int32, place: Int) {
        session.tag(stream, Int32(truncatingIfNeeded: place))
        questions.append((place, Question(request)))
    }

    func place(of stream: Int32) -> Int? { session.tag(of: stream).map { Int($0) } }

    /// The stream of an exchange; nil: it is over.
    func stream(of place: Int) -> Int32? { session.stream(tagged: Int32(truncatingIfNeeded: place)) }

    var places: [Int] { session.tags.map { Int($0) } }

    /// The answer begins, or there will be none.
    ///
    /// - Returns: what was asked; nil: it has begun before.
    func takeQuestion(_ place: Int) -> Question? {
        guard let index = questions.firstIndex(where: { $0.place == place }) else { return nil }
        let question = questions.remove(at: index).question
        if questions.isEmpty { questions = [] }
        return question
    }

    /// The exchange is over for its handler, though its stream may not be.
    func forget(_ stream: Int32) { session.tag(stream, nil) }

    /// Requests and streams that are not over.
    var streamCount: Int { session.streamCount }

    // MARK: Bytes

    func receive(_ bytes: Span<UInt8>, now: Int64) {
        guard failure == nil else { return }
        mayHaveOutput = true
        do throws(HTTP2Error) { try session.receive(bytes, now: now) } catch { failure = error }
    }

    /// Something was said to the session that it passes on.
    func noteOutput() { mayHaveOutput = true }

    /// Whether written bytes are sent at once, as over HTTP/1.1: no other stream's bytes come in this turn.
    var sendsAtOnce: Bool { output.isEmpty && blockedSince == nil && failure == nil && session.streamCount == 1 }

    /// Whether the output takes so many bytes more.
    func hasRoom(for count: Int) -> Bool { output.count + count <= Self.outputBytes }

    /// Gives the output, which is empty, memory that was another's.
    func takeRoom(_ room: consuming [UInt8]) { output = room }

    /// The memory of the output, which is empty.
    func giveUpRoom() -> [UInt8] {
        var room: [UInt8] = []
        swap(&room, &output)
        return room
    }

    /// Frames bytes of a stream; how many of them.
    func write(_ bytes: UnsafeRawBufferPointer, to stream: Int32, now: Int64) -> Int {
        guard failure == nil else { return 0 }
        do throws(HTTP2Error) {
            let count = try unsafe session.write(bytes, to: stream, into: &output, most: Self.outputBytes, now: now)
            if count < bytes.count { mayHaveOutput = true }
            return count
        } catch {
            failure = error
            return 0
        }
    }

    /// Adds to the output what is to be sent.
    func fill(now: Int64) {
        if mayHaveOutput {
            do throws(HTTP2Error) {
                try session.takeOutput(into: &output, most: Self.outputBytes, now: now)
            } catch {
                if failure == nil { failure = error }
            }
            // With less than it may have, the output has all there is.
            mayHaveOutput = output.count >= Self.outputBytes
        }
        if session.streamCount > 0 { idleSince = nil } else if idleSince == nil { idleSince = now }
    }

    func sent(_ count: Int) {
        if count == output.count { output.removeAll(keepingCapacity: true) } else { output.removeFirst(count) }
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
        mayHaveOutput = true
        session.announceEnd()
    }

    /// No more requests are taken.
    func end() {
        guard !isEnding, failure == nil else { return }
        isEnding = true
        mayHaveOutput = true
        session.end()
    }
}
