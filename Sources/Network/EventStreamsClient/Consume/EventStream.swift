/// A stream, followed over as many connections as it takes: an asynchronous sequence without end, or up to `until`.
///
/// - Nothing is lost or given twice within one iteration: a lost connection is made anew with the id of the last element,
///   after a wait that doubles from half a second to half a minute, or as long as the server asks for (`retry:`,
///   `Retry-After`).
/// - The next bytes are read when the next element is asked for: a reader that is slow holds the server back, and
///   nothing piles up here.
/// - Each iteration begins at the request's place, on a connection of its own.
/// - When the task is cancelled the iteration ends, and the connection with it. So it does when the iterator goes.
public struct EventStream: AsyncSequence, Sendable {
    public typealias Element = StreamElement
    public typealias Failure = ClientError

    public let request: StreamRequest
    private let client: StreamsClient
    private let timing: ClientTiming

    init(_ request: StreamRequest, _ client: StreamsClient, _ timing: ClientTiming) {
        self.request = request
        self.client = client
        self.timing = timing
    }

    public func makeAsyncIterator() -> Iterator { Iterator(FollowRun(request, client, timing)) }

    public struct Iterator: AsyncIteratorProtocol {
        private var run: FollowRun

        init(_ run: FollowRun) { self.run = run }

        /// - Returns: nil when the stream is over as was asked for, or the task was cancelled.
        /// - Throws: what trying again can't mend. From then on there are no elements.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ClientError) -> StreamElement? {
            try await run.next()
        }
    }
}
