internal import HTTP
internal import Reactor

// Connections of proxies that say whose they are.
extension HTTPExchanges {
    /// The client of a connection: the address that a proxy named, else the peer's; nil where the peer is gone already.
    func client(_ index: Int) -> SocketAddress? { proxied[index] ?? slab[index].wire.peer }

    /// Reads what a proxy says before the connection's first byte. It is looked at and stays in the socket until it is whole, so
    /// that nothing of it is kept; whoever takes too long for it has the deadline of a request's head, or of TLS.
    func readProxyHeader(_ index: Int) {
        guard slab[index].flags.contains(.mayRead) else { return }
        let wire = slab[index].wire
        // The buffer is this loop's own, and nothing else reads to it before the bytes were looked at.
        let transfer = unsafe buffer.withUnsafeMutableBytes {
            unsafe wire.peek(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<ProxyHeader.most]))
        }
        switch transfer {
        case .bytes(let count):
            switch ProxyHeader.read(Array(buffer[..<count])) {
            case .whole(let length, let client): return pass(length, of: client, index)
            // More of it is told by an event, but not more after the end.
            case .incomplete where count < ProxyHeader.most && !slab[index].flags.contains(.hasPeerEnded):
                slab[index].flags.remove(.mayRead)
                return
            case .incomplete, .wrong: counters.wrongProxyHeaders += 1
            }
        case .waits:
            slab[index].flags.remove(.mayRead)
            return
        case .ended, .failed, .nothingYet: break
        }
        perform(slab[index].http1.vanish(), index)
    }

    /// Takes a header out of the socket, and goes on with what is behind it.
    private func pass(_ length: Int, of client: SocketAddress?, _ index: Int) {
        let wire = slab[index].wire
        // As above. What was peeked at is read in one piece.
        let transfer = unsafe buffer.withUnsafeMutableBytes {
            unsafe wire.take(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<length]))
        }
        guard transfer == .bytes(length) else { return perform(slab[index].http1.vanish(), index) }
        slab[index].flags.remove(.awaitsProxyHeader)
        if let client {
            proxied[index] = client
            slab[index].peer = AddressKey(client)
        }
        read(index)
    }
}
