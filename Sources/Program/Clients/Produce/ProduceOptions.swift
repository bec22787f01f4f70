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
    /// How events are sent. Lines of a pipe wait as long for others as events of a `BatchingProducer`.
    package var producer: ProducerOptions
    /// Says nothing but errors.
    package var isQuiet: Bool

    package init(
        url: String, files: [String], headers: [ClientOptions.Header] = [], authorities: String? = nil,
        stateFile: String? = nil, producer: ProducerOptions = ProducerOptions(), isQuiet: Bool = false
    ) {
        self.url = url
        self.files = files
        self.headers = headers
        self.authorities = authorities
        self.stateFile = stateFile
        self.producer = producer
        self.isQuiet = isQuiet
    }
}
