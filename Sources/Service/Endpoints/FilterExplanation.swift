package import EventFilter
package import Events
package import HTTP
internal import JSON

/// What `/v2/filter` answers: the filter in words, what of it is probably not meant, and what it does with some events.
package enum FilterExplanation {
    /// - Parameter samples: the newest events of the streams, newest last.
    package static func answer(_ filter: EventFilter, samples: [Event]) -> Answer {
        var compiled = CompiledFilter(filter)
        var matching = 0
        var newest: (match: Event?, other: Event?)
        for event in samples {
            if compiled.matches(event) {
                matching += 1
                newest.match = event
            } else {
                newest.other = event
            }
        }
        let document: JSONValue = [
            "filter": .string("\(filter)"),
            "words": .string(filter.words),
            "warnings": .array(filter.warnings(samples: samples).map { .string($0) }),
            "events": .integer(samples.count),
            "matching": .integer(matching),
            "match": value(newest.match),
            "other": value(newest.other),
        ]
        var answer = Answer(
            status: 200, type: "application/json; charset=utf-8", body: document.bytes + [UInt8(ascii: "\n")])
        answer.headers.add("Cache-Control", "no-store")
        return answer
    }

    private static func value(_ event: Event?) -> JSONValue {
        guard let event else { return .null }
        return (try? JSONValue(Array(event.document.text(of: event.document.root)), depth: Event.maximumDepth)) ?? .null
    }
}
