/// One client of a load.
struct LoadClient {
    enum Phase: UInt8 { case connecting, waiting, streaming, gone }

    var descriptor: Int32
    var phase = Phase.connecting
    var stream = ClientStream()
    /// When the measuring ended.
    var eventsAtEnd: Int64 = 0
}
