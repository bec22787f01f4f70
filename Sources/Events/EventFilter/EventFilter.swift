/// A filter of a stream: a condition on an event's fields (contract, section 5).
///
/// Filters that mean the same by the rules of logic are equal, however they are written: operands in another order,
/// things said twice, two negations, `in` a list of one.
public struct EventFilter: Sendable {
    /// Nil where only the text is kept (`compact`).
    private let tree: Predicate?
    /// The filter in its one form, from which the same is read.
    public let description: String

    init(_ predicate: Predicate) {
        tree = predicate
        description = predicate.description
    }

    private init(textOf filter: EventFilter) {
        tree = nil
        description = filter.description
    }

    /// The condition that an event must meet.
    var predicate: Predicate {
        if let tree { return tree }
        // Of each filter's text a filter is read. Were it not so, nobody could tell what to hold back.
        return (try? FilterParser.parse(description, limits: .printed)) ?? .constant(true)
    }

    /// The same filter, kept as its text alone, which takes a fraction of the memory. It is read anew each time that it is
    /// made ready to be held against events.
    public var compact: EventFilter { constant == nil ? EventFilter(textOf: self) : self }

    /// - Parameters:
    ///   - text: an expression.
    ///   - limits: how much it may be.
    public init(_ text: String, limits: FilterLimits = .standard) throws(FilterError) {
        self.init(try FilterParser.parse(text, limits: limits))
    }

    /// - Parameters:
    ///   - expression: the parameter `filter`.
    ///   - matches: the parameters `match.PATH`, without `match.`. All are joined by AND, with the expression too.
    /// - Throws: the error of the first that is wrong, with the parameter's name.
    public init(
        expression: String?, matches: [(path: String, values: String)], limits: FilterLimits = .standard
    ) throws(InvalidParameter) {
        var parts: [Predicate] = []
        var counts = MatchShorthand.Counts()
        if let expression {
            do throws(FilterError) { parts.append(try FilterParser.parse(expression, limits: limits)) } catch {
                throw InvalidParameter(name: "filter", error: error)
            }
        }
        for match in matches {
            do throws(FilterError) {
                parts.append(
                    try MatchShorthand.parse(path: match.path, values: match.values, counts: &counts, limits: limits))
            } catch { throw InvalidParameter(name: "match.\(match.path)", error: error) }
        }
        self.init(.all(of: parts))
    }

    /// A request's parameter that is no filter.
    public struct InvalidParameter: Error, Hashable, Sendable {
        public var name: String
        public var error: FilterError
    }

    /// Holds for every event.
    public static let everything = EventFilter(.constant(true))

    /// Whether it holds for every event, or for none, whatever is in it; nil where that depends on the event.
    public var constant: Bool? { if case .constant(let value)? = tree { value } else { nil } }
}

extension EventFilter: Hashable, CustomStringConvertible {
    public static func == (a: EventFilter, b: EventFilter) -> Bool {
        a.description.utf8.elementsEqual(b.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
    }
}
