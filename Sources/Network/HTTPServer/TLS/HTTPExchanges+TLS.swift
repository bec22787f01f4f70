internal import Reactor
internal import TLS

/// TLS handshakes.
extension HTTPExchanges {
    /// How a connection's bytes travel; nil: there is no memory.
    func wire(of arrival: AcceptedConnection) -> Wire? {
        guard let tls = options.listeners[arrival.listener].tls else { return .plain(arrival.descriptor) }
        let memory = tlsMemory ?? TLSMemory()
        tlsMemory = memory
        return (try? TLSWire(arrival.descriptor, tls.context.value, memory)).map(Wire.tls)
    }

    /// Goes on with handshakes, a few in a turn: whoever is connected comes first.
    func advanceHandshakes() {
        var steps = 0
        while steps < options.limits.handshakesPerTurn, let key = handshakes.first {
            guard let index = slab.index(of: key) else {
                handshakes.removeFirst()
                continue
            }
            switch admitHandshake(index) {
            case .begins:
                handshakes.removeFirst()
                slab[index].flags.remove(.isQueued)
                steps += 1
                takeStep(index)
            case .waits:
                counters.tls.waits += 1
                handshakes.wait()
            case .refused:
                handshakes.removeFirst()
                close(index, .finished, handshake: .addressRate)
            }
        }
    }

    private func admitHandshake(_ index: Int) -> HandshakeGate.Verdict {
        guard !slab[index].flags.contains(.mayHandshake), let gate = gates[Int(slab[index].listener)] else {
            return .begins
        }
        // Whoever does not speak TLS is told so, which costs little.
        if speaksPlainHTTP(index) { return .begins }
        let verdict = gate.admit(slab[index].countedPeer, now: now())
        if verdict == .begins { slab[index].flags.insert(.mayHandshake) }
        return verdict
    }

    /// A request begins with a letter; a record of a handshake with 22 (RFC 8446, section 5.1).
    private func speaksPlainHTTP(_ index: Int) -> Bool {
        slab[index].wire.firstByte().map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ?? false
    }

    private func takeStep(_ index: Int) {
        // The server stops: nothing would come of it.
        if slab[index].http1.isEnding { return close(index, .finished) }
        // Let in without the flag: it speaks plain HTTP.
        guard slab[index].flags.contains(.mayHandshake) else {
            counters.tls.handshakes[.plainHTTP, default: 0] += 1
            slab[index].wire = slab[index].wire.withoutTLS
            slab[index].http1 = HTTP1Connection(refusing: .plainHTTP, rules(index), now: now())
            noteDeadline(index)
            return goOnLater(index)
        }
        readWire(index)
    }

    /// Both sides have agreed.
    func beginAfterTLS(_ index: Int, _ facts: TLSFacts) {
        counters.tls.handshakes[.completed, default: 0] += 1
        counters.tls.versions[facts.version.rawValue, default: 0] += 1
        if facts.isResumed { counters.tls.resumed += 1 }
        if facts.isHTTP2 { return beginHTTP2(index, [], refusing: slab[index].http1.takeOver()) }
        slab[index].http1.beginAfterTLS(options.limits, now: now())
        noteDeadline(index)
    }
}
