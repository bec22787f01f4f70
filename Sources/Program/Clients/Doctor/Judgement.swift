internal import HTTPClient
internal import Time

/// What observations mean. Pure.
enum Judgement {
    private static let proxyBuffers =
        "a proxy before the server collects the answer: turn buffering off for it (nginx: proxy_buffering off, and no "
        + "proxy_ignore_headers X-Accel-Buffering; Apache: flushpackets=on; others: response streaming)"

    /// Whether events come when they happen. The stream was asked for a heartbeat each second.
    static func flow(_ seen: Observation) -> Finding {
        let name = "buffering"
        if case .refused(let status, let reason) = seen.ending {
            return Finding(name, .unknown, "there was no stream to watch: \(reason) (status \(status))")
        }
        guard let first = seen.arrivals.first else {
            if case .lost(let reason) = seen.ending {
                return Finding(name, .unknown, "there was no stream to watch: \(reason)")
            }
            return Finding(
                name, .bad,
                "no byte of the stream came within \(seconds(seen.endTime)), though a server greets at once",
                advice: proxyBuffers)
        }
        if first.time > 2000 {
            return Finding(
                name, .bad, "the first byte took \(seconds(first.time)), though a server greets at once",
                advice: proxyBuffers)
        }
        // What one read brings was sent together, or was collected on its way.
        if let lump = seen.arrivals.first(where: { spread($0.heartbeats) > 1500 }) {
            return Finding(
                name, .bad,
                "\(lump.heartbeats.count) heartbeats came in one piece, which were sent over "
                    + "\(seconds(spread(lump.heartbeats)))", advice: proxyBuffers)
        }
        if seen.hasHeartbeats, seen.longestSilence > 4000, case .open = seen.ending {
            return Finding(
                name, .bad, "nothing came for \(seconds(seen.longestSilence)), though a heartbeat is sent each second",
                advice: proxyBuffers)
        }
        guard seen.hasHeartbeats || seen.arrivals.count > 3 else {
            return Finding(
                name, .unknown,
                "the first byte came after \(milliseconds(first.time)), and too little behind it to tell more")
        }
        return Finding(
            name, .good,
            "the first byte came after \(milliseconds(first.time)), and the rest as it was sent: the longest "
                + "silence was \(seconds(seen.longestSilence))")
    }

    /// Whether a connection on which something is sent each second lives.
    static func lifetime(_ seen: Observation) -> Finding {
        let name = "lifetime"
        switch seen.ending {
        case .open:
            return Finding(name, .good, "a connection with a heartbeat each second lived for \(seconds(seen.endTime))")
        case .ended(isOrderly: true):
            return Finding(
                name, .warning, "the server ended the stream in order after \(seconds(seen.endTime))",
                advice: "clients come back by themselves; it is a stop of the server, or a limit of its configuration")
        case .ended(isOrderly: false), .lost:
            return Finding(
                name, .bad, "the connection was cut after \(seconds(seen.endTime)), though something came each second",
                advice:
                    "raise the limits that a proxy sets to the age of requests, so that clients need not come back so often"
            )
        case .refused(let status, let reason):
            return Finding(
                name, .bad, "the stream is refused: \(reason) (status \(status))",
                advice: status == 404 ? "give the URL of a stream, such as https://HOST/v2/stream/NAME" : nil)
        }
    }

    /// Whether a silent connection lives until the next heartbeat.
    static func idle(_ seen: Observation) -> Finding {
        let name = "idle-timeout"
        let advice =
            "raise the proxy's timeout for reading above the heartbeat (15 s unless asked for otherwise), such as nginx's "
            + "proxy_read_timeout 1h, or have clients ask for more heartbeats (heartbeat=5)"
        if case .refused(let status, let reason) = seen.ending {
            return Finding(name, .unknown, "a stream without events can't be asked for: \(reason) (status \(status))")
        }
        guard seen.events.isEmpty else {
            return Finding(
                name, .unknown, "the stream can't be made silent with a filter here, so no timeout can be seen")
        }
        switch seen.ending {
        case .ended(isOrderly: false), .lost:
            return Finding(
                name, .bad, "a silent connection was cut after \(seconds(seen.lastSilence)), before the next heartbeat",
                advice: advice)
        case .ended(isOrderly: true):
            return Finding(name, .unknown, "the server ended the silent stream in order after \(seconds(seen.endTime))")
        case .open, .refused:
            guard !seen.hasHeartbeats else {
                return Finding(
                    name, .good, "a silent connection lived until its heartbeat, \(seconds(seen.longestSilence))")
            }
            return seen.endTime >= 16_000
                ? Finding(
                    name, .unknown, "a silent connection lived for \(seconds(seen.endTime)), and no heartbeat came")
                : Finding(
                    name, .good,
                    "a silent connection lived for \(seconds(seen.endTime)); with --seconds 20 it is watched until "
                        + "its heartbeat")
        }
    }

    /// Whether the stream goes on behind an id: nothing missing, nothing twice.
    ///
    /// - Parameters:
    ///   - first: events that were read without an id.
    ///   - place: of the event whose id was sent then.
    ///   - resumed: what came behind it.
    static func resume(_ first: Observation, at place: Int, _ resumed: Observation) -> Finding {
        let name = "resume"
        let advice =
            "a proxy must pass the request header Last-Event-ID on, and must not answer from a cache; without it, clients "
            + "may send lastEventId= in the URL"
        let expected = first.events.dropFirst(place + 1).map(\.data)
        let before = Set(first.events.prefix(place + 1).map(\.data))
        let got = resumed.events.map(\.data)
        if case .refused(let status, let reason) = resumed.ending {
            return Finding(name, .bad, "the id is refused: \(reason) (status \(status))", advice: advice)
        }
        let again = got.count { before.contains($0) }
        let doubled = got.count - Set(got).count
        let missing = expected.count { !Set(got).contains($0) }
        guard again == 0, doubled == 0, missing == 0 else {
            return Finding(
                name, .bad,
                "of \(expected.count) events behind an id \(missing) did not come; \(again + doubled) came twice",
                advice: advice)
        }
        return Finding(name, .good, "all \(expected.count) events behind an id came, each once")
    }

    /// - Parameters:
    ///   - sent, received: own times of the request and its answer, Unix milliseconds.
    ///   - newest: `meta.dt` of the newest event, Unix milliseconds.
    static func clock(_ head: HTTPClientHead?, sent: Int64, received: Int64, newest: Int64?) -> Finding {
        let name = "clock"
        guard let date = head?["date"].flatMap({ HTTPDate.parse($0) }) else {
            return Finding(name, .unknown, "the server's answer has no Date")
        }
        // The date has whole seconds, and was written between the two.
        let skew = date + 1000 < sent ? date + 1000 - sent : date > received ? date - received : 0
        if abs(skew) > 2000 {
            return Finding(
                name, .warning,
                "the server's clock is \(seconds(abs(skew))) \(skew > 0 ? "ahead of" : "behind") this machine's",
                advice: "set both clocks by NTP: `since` and lags are measured by them")
        }
        if let newest, newest > received + 2000 {
            return Finding(
                name, .warning,
                "the newest event's meta.dt is \(seconds(newest - received)) ahead of this machine's clock",
                advice: "set the producers' clocks by NTP: records are found by time")
        }
        return Finding(name, .good, "the server's clock and this machine's agree")
    }

    static func certificate(_ head: HTTPClientHead?, isSecure: Bool, now: Int64) -> Finding {
        let name = "certificate"
        guard isSecure else { return Finding(name, .unknown, "the connection is not encrypted (http)") }
        guard let end = head?.certificateEnd else {
            return Finding(name, .unknown, "the certificate's end can't be read")
        }
        let days = (end * 1000 - now) / 86_400_000
        return days < 14
            ? Finding(
                name, days < 0 ? .bad : .warning, "the certificate ends in \(days) days",
                advice: "renew it; the server takes a new one over at SIGHUP")
            : Finding(name, .good, "the certificate is believed, and holds for \(days) days")
    }

    static func http2(_ head: HTTPClientHead?, isSecure: Bool) -> Finding {
        let how = isSecure ? "by ALPN" : "without asking first (prior knowledge)"
        guard let head, head.version == "2" else {
            return Finding(
                "http2", .warning,
                "HTTP/2 is not spoken \(how): a browser has six connections to a server at most, in all tabs",
                advice: isSecure
                    ? "turn HTTP/2 on at the proxy (nginx: http2 on)"
                    : "browsers want TLS for it; behind a proxy only the proxy's own side matters")
        }
        return Finding("http2", .good, "HTTP/2 is spoken \(how)")
    }

    static func gzip(_ head: HTTPClientHead?) -> Finding {
        guard let head, head.status == 200 else { return Finding("gzip", .unknown, "there was no stream to look at") }
        return head["content-encoding"]?.lowercased() == "gzip"
            ? Finding("gzip", .good, "streams come in gzip where it is asked for")
            : Finding(
                "gzip", .warning, "streams don't come in gzip: they are several times larger",
                advice: "let the proxy pass Accept-Encoding on, and set http.gzip on the server")
    }

    /// - Parameters:
    ///   - plain: an answer to a request with an `Origin`.
    ///   - preflight: of OPTIONS that asks for Last-Event-ID.
    static func cors(_ plain: HTTPClientHead?, _ preflight: HTTPClientHead?, origin: String) -> Finding {
        guard let plain else { return Finding("cors", .unknown, "there was no answer to look at") }
        let allowed = plain["access-control-allow-origin"]
        guard allowed == "*" || allowed == origin else {
            return Finding(
                "cors", .warning,
                "pages of other origins can't read the stream: Access-Control-Allow-Origin is "
                    + (allowed ?? "missing"), advice: "let the proxy pass the server's Access-Control headers on")
        }
        let headers = preflight?["access-control-allow-headers"]?.lowercased() ?? ""
        guard headers.contains("last-event-id") || headers == "*" else {
            return Finding(
                "cors", .warning,
                "pages of other origins can't come back with Last-Event-ID: a preflight doesn't allow it",
                advice: "let the proxy pass OPTIONS on to the server")
        }
        return Finding("cors", .good, "pages of any origin can read the stream, and come back with Last-Event-ID")
    }

    private static func spread(_ times: [Int64]) -> Int64 { (times.max() ?? 0) - (times.min() ?? 0) }

    static func seconds(_ milliseconds: Int64) -> String { Figures.tenths(Double(milliseconds) / 1000) + " s" }
    private static func milliseconds(_ count: Int64) -> String { "\(count) ms" }
}
