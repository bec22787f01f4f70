internal import Catalogue
internal import EventLog
internal import JSON
internal import JSONSchema
internal import System
internal import Time

/// Events that tell of events which did not follow their schema: in the stream `<service>.error.validation`, by the
/// schema `/error/2.1.0`, with the wrong event as text, so that it can be mended and posted again.
package struct ErrorEvents: Sendable {
    /// The stream's name. Where the catalogue has no such stream, nothing is told.
    package var stream: String
    /// What `emitter_id` says.
    package var emitter: String

    package init(stream: String, emitter: String) {
        self.stream = stream
        self.emitter = emitter
    }

    /// The records that tell of a request's wrong events.
    func records(
        of failures: [IntakeRequest.Failure], catalogue: StreamCatalogue, now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> [NewRecord] {
        guard let place = catalogue[stream], let topic = place.topics.first else { return [] }
        return failures.compactMap { failure in
            guard case .violation(let errors) = failure.error else { return nil }
            let document = try? JSONDocument(failure.value, depth: IntakeBody.depth)
            // An error event that is wrong itself must not make another.
            guard let document, document.string(document.value(at: ["meta", "stream"])) != place.name else {
                return nil
            }
            let value = event(failure.value, document, errors.text, place.name, now, &random)
            return NewRecord(topic: topic, timestamp: now, value: value)
        }
    }

    private func event(
        _ raw: [UInt8], _ document: JSONDocument, _ message: String, _ stream: String, _ now: Timestamp,
        _ random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        func meta(_ name: String) -> JSONValue {
            .string(document.string(document.value(at: ["meta", name])) ?? "unknown")
        }
        let time = JSONValue.string(ISO8601.format(now))
        let text: JSONValue = [
            "$schema": "/error/2.1.0",
            "meta": [
                "stream": .string(stream), "dt": time, "id": .string(UUIDText.random(&random)), "uri": meta("uri"),
                "domain": meta("domain"), "request_id": meta("request_id"),
            ],
            "dt": time,
            "emitter_id": .string(emitter),
            "error_type": "validation",
            "message": .string(message),
            "errored_schema_uri": .string(document.string(document.value(at: ["$schema"])) ?? "unknown"),
            "errored_stream_name": meta("stream"),
            "raw_event": .string(String(decoding: raw, as: UTF8.self)),
        ]
        return text.bytes
    }
}
