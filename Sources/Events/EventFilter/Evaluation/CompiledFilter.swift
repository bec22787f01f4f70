public import Events

/// One filter made ready to be held against many events, by itself. For many filters there is `FilterSet`.
public struct CompiledFilter: ~Copyable {
    public let filter: EventFilter
    private let program: Program
    private var fields = FieldTable()
    private var evaluation = Evaluation()

    public init(_ filter: EventFilter) {
        self.filter = filter
        (program, _) = Compiler.compile(filter.predicate, fields: &fields)
    }

    /// Whether the filter holds for the event. Allocates nothing, but that the strings with escapes among the named
    /// fields are decoded into a buffer that grows.
    public mutating func matches(_ event: borrowing Event) -> Bool {
        if let constant = filter.constant { return constant }
        fields.read(event.document)
        for place in fields.found.indices { _ = fields.value(fields.found[place], event.document) }
        return evaluation.run(program, &fields, event.document)
    }
}
