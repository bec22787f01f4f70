/// Code that takes any bytes and must hold what it promises.
///
/// To add one: a file beside this one with an extension that has the target as a static member, an entry in `all`, and a
/// few seeds in `Fuzz/Corpus/NAME` (and words that occur in inputs in `Fuzz/Dictionaries/NAME.dict`). `script/fuzz NAME`
/// runs it, and the tests replay its corpus.
public struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Also that of its folder in `Fuzz/Corpus`.
    public let name: String
    /// Throws where a promise was broken. It may trap as well.
    public let check: @Sendable ([UInt8]) throws(FuzzFinding) -> Void

    public init(_ name: String, check: @escaping @Sendable ([UInt8]) throws(FuzzFinding) -> Void) {
        self.name = name
        self.check = check
    }

    public static let all: [FuzzTarget] = [
        .compactID, .eventStream, .filter, .gzip, .http2, .http2Server, .httpRequest, .intake, .json, .jsonEdits,
        .jsonSchema,
        .lastEventID,
        .metaSplice,
        .projection, .proxyHeader, .schema, .statusFile, .streamRequest, .summaryFile, .timeExpression, .tls, .yaml,
    ]

    public var description: String { name }
}

/// A promise that did not hold.
public struct FuzzFinding: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// - Throws: unless `condition` holds.
func require(_ condition: Bool, _ promise: @autoclosure () -> String) throws(FuzzFinding) {
    if !condition { throw FuzzFinding("not so: \(promise())") }
}

/// - Throws: unless the two are equal; both are shown.
func requireEqual<Value: Equatable>(
    _ value: Value, _ expected: Value, _ promise: @autoclosure () -> String
) throws(FuzzFinding) {
    if value != expected {
        throw FuzzFinding("not so: \(promise())\n    got:      \(value)\n    expected: \(expected)")
    }
}
