internal import TLS

/// One client of a load.
struct LoadClient {
    enum Phase: UInt8 { case connecting, agreeing, waiting, streaming, gone }

    /// -1 over HTTP/2, where several share one.
    var descriptor: Int32
    var phase = Phase.connecting
    /// Nil: it is plain, or shares that of its connection.
    var tls: TLSSession?
    var stream = ClientStream()
    /// Its place in `LoadRun.connections`, over HTTP/2; -1: it has none.
    var connection = -1
    /// On that connection; 0: no request is made yet.
    var streamID: Int32 = 0
    /// When the measuring ended.
    var eventsAtEnd: Int64 = 0
}
