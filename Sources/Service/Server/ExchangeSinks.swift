internal import HTTPServer
internal import Streaming

/// One loop's connections as the sinks of its fan-out.
struct ExchangeSinks: SinkTable {
    let exchanges: HTTPExchanges

    func write(_ bytes: Span<UInt8>, to id: ExchangeID) -> Int {
        // The bytes are the caller's for the time of the call; the kernel copies what it takes.
        let result = unsafe bytes.withUnsafeBytes { unsafe exchanges.write(id, $0) }
        return switch result {
        case .accepted(let count): count
        case .closed: 0
        }
    }

    func unsentBytes(of id: ExchangeID) -> Int { exchanges.unsentBytes(id) }
}
