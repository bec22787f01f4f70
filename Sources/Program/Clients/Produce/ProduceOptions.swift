package import EventStreamsClient

/// What `produce` does.
package struct ProduceOptions: Hashable, Sendable {
    /// The intake's URL, such as `http://127.0.0.1:8192/v1/events`.
    package var url: String
    /// Paths of newline-delimited JSON, plain or gzip; `-` is standard input.
    package var files: [String]
    /// Sent with each request.
    package var headers: [ClientOptions.Header]
    /// A file of certificates in PEM, to believe instead of the system's.
    package var authorities: String?
    /// Where to keep up to where the files are delivered, so that a rerun goes on there.
    package var stateFile: String?
    /// Events of a request.
    package var batchEvents: Int
    /// Bytes of events after which a request is sent.
    package var batchBytes: Int
    /// Bytes of a request at most.
    package var requestLimit: Int
    /// Bytes of an event at most.
    package var eventLimit: Int
    /// Seconds of failures in a row after which to give up.
    package var patience: Int
    /// Milliseconds to wait for more from a pipe before what there is is sent.
    package var linger: Int
    /// Lets the server answer before events are stored.
    package var isHasty: Bool
    /// Says nothing but errors.
    package var isQuiet: Bool

    package init(
        url: String, files: [String], headers: [ClientOptions.Header] = [], authorities: String? = nil,
        stateFile: String? = nil,
        batchEvents: Int = 500, batchBytes: Int = 1 << 20, requestLimit: Int = 4 << 20, eventLimit: Int = 1 << 20,
        patience: Int = 300, linger: Int = 200, isHasty: Bool = false, isQuiet: Bool = false
    ) {
        self.url = url
        self.files = files
        self.headers = headers
        self.authorities = authorities
        self.stateFile = stateFile
        self.batchEvents = batchEvents
        self.batchBytes = batchBytes
        self.requestLimit = requestLimit
        self.eventLimit = eventLimit
        self.patience = patience
        self.linger = linger
        self.isHasty = isHasty
        self.isQuiet = isQuiet
    }

    var producer: ProducerOptions {
        ProducerOptions(
            batchEvents: batchEvents, batchBytes: batchBytes, requestLimit: requestLimit, eventLimit: eventLimit,
            patience: patience, linger: linger, isHasty: isHasty)
    }
}
