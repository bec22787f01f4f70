/// What `bench` does.
package struct BenchOptions: Hashable, Sendable {
    /// `http://host[:port]/path`, or with `https`.
    package var url: String
    package var clients: Int
    /// How long to measure.
    package var seconds: Int
    /// Seconds after all are connected in which nothing is measured yet.
    package var warmUp: Int
    /// Connections opened in a second; nil: as fast as they are answered.
    package var rate: Int?
    /// Connections that may wait for their answer at once.
    package var waiting: Int
    /// Measures from the first connection on, and not from when all are open.
    package var fromStart: Bool
    package var gzip: Bool
    /// Clients on one connection at most, which speaks HTTP/2 then; nil: HTTP/1.1, and a connection for each.
    package var streamsPerConnection: Int?
    /// Prints the result as one JSON object.
    package var json: Bool
    /// The server's process, to measure what it uses.
    package var process: Int32?
    /// Where an event says its time; see `EventTimestamp`.
    package var timestampField: String
    package var lastEventID: String?
    /// `Name: value`, sent by every client.
    package var headers: [String]

    /// Opened when the server allows as many streams on each.
    var connections: Int {
        guard let streamsPerConnection else { return clients }
        return (clients + streamsPerConnection - 1) / streamsPerConnection
    }

    package init(
        url: String, clients: Int = 100, seconds: Int = 10, warmUp: Int = 0, rate: Int? = nil, waiting: Int = 200,
        fromStart: Bool = false, gzip: Bool = false, streamsPerConnection: Int? = nil, json: Bool = false,
        process: Int32? = nil, timestampField: String = "/meta/dt", lastEventID: String? = nil, headers: [String] = []
    ) {
        self.url = url
        self.clients = clients
        self.seconds = seconds
        self.warmUp = warmUp
        self.rate = rate
        self.waiting = waiting
        self.fromStart = fromStart
        self.gzip = gzip
        self.streamsPerConnection = streamsPerConnection
        self.json = json
        self.process = process
        self.timestampField = timestampField
        self.lastEventID = lastEventID
        self.headers = headers
    }
}
