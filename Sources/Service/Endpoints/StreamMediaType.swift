package import EventFormats
internal import HTTP

/// A stream's format together with the name it is given in `Content-Type` (contract, sections 2 and 3).
package enum StreamMediaType: Hashable, Sendable, CaseIterable {
    case eventStream
    /// NDJSON for a client that asked for `application/json`, as those of the legacy service do.
    case json
    case ndjson

    package var format: StreamFormat { self == .eventStream ? .sse : .ndjson }

    package var contentType: String {
        switch self {
        case .eventStream: "text/event-stream; charset=utf-8"
        case .json: "application/json; charset=utf-8"
        case .ndjson: "application/x-ndjson"
        }
    }

    /// What is offered, in the order that decides where the client has no preference.
    private static let offers: [(name: (String, String), type: StreamMediaType)] = [
        (("text", "event-stream"), .eventStream), (("application", "x-ndjson"), .ndjson),
        (("application", "ndjson"), .ndjson), (("application", "json"), .json),
    ]

    /// - Parameters:
    ///   - asked: the `format` parameter; it beats `Accept`, which then only chooses NDJSON's name.
    ///   - accept: the header; nil where there is none.
    /// - Returns: nil where `Accept` rules out every offer by a quality of 0 (406).
    ///
    /// The higher quality wins. At the same quality a type that is listed beats one that only a wildcard covers, and of two
    /// listed ones the first wins, as the legacy service, which looks at how the header begins, would have it.
    package static func negotiate(asked: StreamFormat?, accept header: String?) -> StreamMediaType? {
        // Every EventSource sends this header.
        if header == "text/event-stream", asked != .ndjson { return .eventStream }
        let accept = header.map { Accept($0) }
        guard let accept, !accept.ranges.isEmpty else { return asked == .ndjson ? .ndjson : .eventStream }
        var best: (type: StreamMediaType, preference: Accept.Preference)?
        for offer in offers where asked == nil || offer.type.format == asked {
            guard let own = accept.preference(for: offer.name.0, offer.name.1), own.quality > 0 else { continue }
            if let other = best?.preference, !isBetter(own, than: other) { continue }
            best = (offer.type, own)
        }
        if let best { return best.type }
        if let asked { return asked == .sse ? .eventStream : .ndjson }
        // A client that lists only other types, as browsers' address bars and old libraries do, gets the default. A client
        // that rules the default out is refused.
        return accept.preference(for: "text", "event-stream") == nil ? .eventStream : nil
    }

    private static func isBetter(_ a: Accept.Preference, than b: Accept.Preference) -> Bool {
        if a.quality != b.quality { return a.quality > b.quality }
        if a.specificity != b.specificity { return a.specificity > b.specificity }
        return a.specificity == 2 && a.place < b.place
    }
}
