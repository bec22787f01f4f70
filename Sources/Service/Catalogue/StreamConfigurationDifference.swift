internal import Bytes
package import JSON

/// One change from a configuration of streams to another, for people and for programs.
package struct StreamConfigurationDifference: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case added, removed, changed }

    /// The stream, or the pattern of several.
    package var stream: String
    package var kind: Kind
    /// The settings before and after, each nil where there are none.
    package var before: JSONValue?
    package var after: JSONValue?
    /// What it comes to, in sentences without their first words' capitals.
    package var words: [String]
    /// Whether who reads or sends its events may not go on as before.
    package var breaks: Bool

    /// By stream, sorted.
    package static func all(
        from old: StreamConfiguration, to new: StreamConfiguration
    ) -> [StreamConfigurationDifference] {
        let names = Set(old.entries.map(\.name)).union(new.entries.map(\.name))
        return names.sorted().compactMap { name in
            let (before, after) = (own(name, old), own(name, new))
            switch (before, after) {
            case (nil, let after?):
                return StreamConfigurationDifference(
                    stream: name, kind: .added, after: after, words: ["the stream is new (\(summary(after)))"],
                    breaks: false)
            case (let before?, nil):
                return StreamConfigurationDifference(
                    stream: name, kind: .removed, before: before,
                    words: ["the stream is taken out: its clients are told and let go, and its events are refused"],
                    breaks: true)
            case (let before?, let after?) where before != after: return changed(name, before, after)
            default: return nil
            }
        }
    }

    private static func own(_ name: String, _ configuration: StreamConfiguration) -> JSONValue? {
        configuration.has(name) ? configuration.settings(of: name) : nil
    }

    private static func summary(_ settings: JSONValue) -> String {
        ["schema_title", "topics"].compactMap { name in settings[name].map { "\(name) \(text($0))" } }.joined(
            separator: ", ")
    }

    private static func changed(
        _ name: String, _ before: JSONValue, _ after: JSONValue
    ) -> StreamConfigurationDifference? {
        guard case .object(let old) = before, case .object(let new) = after else { return nil }
        var words: [String] = []
        var breaks = false
        let settings = old.map(\.name) + new.map(\.name).filter { before[$0] == nil }
        for setting in settings where before[setting] != after[setting] {
            let (was, is_) = (before[setting], after[setting])
            switch setting {
            case "topics":
                let (topics, others) = (Set(was?.array ?? []), Set(is_?.array ?? []))
                for topic in topics.subtracting(others).map(text).sorted() {
                    words.append("the topic \(topic) is not part of it any more: its events are not seen")
                    breaks = true
                }
                for topic in others.subtracting(topics).map(text).sorted() { words.append("the topic \(topic) is new") }
                if topics == others { words.append("new events go to \(text(is_?.array?.first ?? .null))") }
            case "schema_title":
                words.append(
                    "schema_title was \(shown(was)) and is \(shown(is_)): events of the other schema are refused")
                breaks = true
            case "message_key_fields":
                words.append(
                    "message_key_fields was \(shown(was)) and is \(shown(is_)): events may go to another partition")
                breaks = true
            case "stream_aliases":
                let (names, others) = (Set(was?.array ?? []), Set(is_?.array ?? []))
                for alias in names.subtracting(others).map(text).sorted() {
                    words.append("the name \(alias) is gone: who asks for it gets 404")
                    breaks = true
                }
                for alias in others.subtracting(names).map(text).sorted() {
                    words.append("it may be called \(alias), too")
                }
            case "partitions":
                words.append(
                    "partitions was \(shown(was)) and is \(shown(is_)): events with equal keys may change their partition"
                )
            default: words.append("\(setting) was \(shown(was)) and is \(shown(is_))")
            }
        }
        return StreamConfigurationDifference(
            stream: name, kind: .changed, before: before, after: after, words: words, breaks: breaks)
    }

    private static func shown(_ value: JSONValue?) -> String { value.map(text) ?? "not set" }

    private static func text(_ value: JSONValue) -> String {
        Excerpt.of(value.string ?? String(decoding: value.bytes, as: UTF8.self), limit: 120)
    }
}
