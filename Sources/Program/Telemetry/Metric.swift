/// One family of metrics as it is now: a name, what it means, and a value for each combination of labels.
public struct Metric: Sendable {
    public enum Kind: String, Sendable { case counter, gauge }

    public struct Sample: Sendable {
        /// As many as the family has label names.
        public var labels: [String]
        public var value: Double

        public init(_ labels: [String] = [], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    public var name: String
    public var kind: Kind
    public var help: String
    public var labels: [String]
    public var samples: [Sample]

    /// - Precondition: the name is lower case with underscores; that of a counter ends in `_total`.
    public init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = [], _ samples: [Sample]) {
        precondition(
            name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
                && name.utf8.first.map { (97...122).contains($0) } == true, "\(name) is no name of a metric")
        precondition(
            (kind == .counter) == name.hasSuffix("_total"), "\(name): a counter's name ends in _total, no other's does")
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.samples = samples
    }

    public init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.init(name, kind, help, [Sample([], value)])
    }

    public init(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        self.init(name, kind, help, Double(value))
    }

    /// One label, a value for each of its values.
    public init(_ name: String, _ kind: Kind, _ help: String, label: String, _ values: some Sequence<(String, Int)>) {
        self.init(name, kind, help, labels: [label], values.map { Sample([$0.0], Double($0.1)) })
    }
}
