extension JSONValue {
    /// An object with a member set, in its place or at the end.
    package func setting(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        if let place = members.lastIndex(where: { $0.name == name }) {
            members[place].value = value
        } else {
            members.append(.init(name, value))
        }
        return .object(members)
    }
}
