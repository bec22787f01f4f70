public import HTTPClient

/// What `produce` does.
public struct ProduceOptions: Hashable, Sendable {
    /// The intake's URL, such as `http://127.0.0.1:8192/v1/events`.
    public var url: String
    /// Paths of newline-delimited JSON, plain or gzip; `-` is standard input.
    public var files: [String]
    /// Sent with each request.
    public var headers: [HTTPClientField]
    /// Where to keep up to where the files are delivered, so that a rerun goes on there.
    public var stateFile: String?
    /// Events of a request.
    public var batchEvents: Int
    /// Bytes of events after which a request is sent.
    public var batchBytes: Int
    /// Bytes of a request at most.
    public var requestLimit: Int
    /// Bytes of an event at most.
    public var eventLimit: Int
    /// Seconds of failures in a row after which to give up.
    public var patience: Int
    /// Milliseconds to wait for more from a pipe before what there is is sent.
    public var linger: Int
    /// Says nothing but errors.
    public var isQuiet: Bool

    public init(
        url: String, files: [String], headers: [HTTPClientField] = [], stateFile: String? = nil,
        batchEvents: Int = 500, batchBytes: Int = 1 << 20, requestLimit: Int = 4 << 20, eventLimit: Int = 1 << 20,
        patience: Int = 300, linger: Int = 200, isQuiet: Bool = false
    ) {
        self.url = url
        self.files = files
        self.headers = headers
        self.stateFile = stateFile
        self.batchEvents = batchEvents
        self.batchBytes = batchBytes
        self.requestLimit = requestLimit
        self.eventLimit = eventLimit
        self.patience = patience
        self.linger = linger
        self.isQuiet = isQuiet
    }
}
