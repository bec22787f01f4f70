/// A source of compiled schemas: the intake asks it, a library of repositories answers.
public protocol SchemaSource: Sendable {
    /// The schema that an event names, compiled. It is asked for each event, so whoever answers keeps what it has compiled.
    ///
    /// - Parameter uri: as the event has it, below the repositories (`/mediawiki/recentchange/1.0.0`) or a full address.
    /// - Throws: `notFound`, `unavailable`, or what is wrong with the schema itself.
    func schema(at uri: String) async throws(SchemaError) -> CompiledSchema

    /// The same where it is known already and nobody need wait; else nil.
    func knownSchema(at uri: String) -> CompiledSchema?
}

extension SchemaSource {
    public func knownSchema(at uri: String) -> CompiledSchema? { nil }
}
