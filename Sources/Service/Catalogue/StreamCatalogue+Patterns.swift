internal import JSON

extension StreamCatalogue {
    /// This catalogue with the streams of its patterns for which there is a topic: of the name that a topic has behind one of the
    /// prefixes, where the pattern is in it and no stream is called so.
    ///
    /// - Parameter topics: all that the log has.
    package func including(topics: some Sequence<String>) -> StreamCatalogue {
        let patterns = configuration.entries.filter { $0.name.hasPrefix("/") }
        guard !patterns.isEmpty else { return self }
        var found: [String: PublicStream] = [:]
        for topic in topics where self.topics[topic] == nil {
            for entry in patterns {
                let prefixes = (entry.settings["topic_prefixes"]?.array ?? [""]).compactMap(\.string)
                let names = prefixes.filter { topic.hasPrefix($0) }.map { String(topic.dropFirst($0.count)) }
                for name in names
                where self[name] == nil && found[name] == nil && configuration.entry(of: name)?.name == entry.name {
                    found[name] = try? StreamDocument.stream(name, entry.settings)
                }
            }
        }
        guard !found.isEmpty else { return self }
        let added = found.values.sorted { $0.name < $1.name }
        // What one of them would make wrong is left out with all of them.
        return (try? StreamCatalogue(streams + added, configuration: configuration)) ?? self
    }
}
