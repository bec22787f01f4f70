public import JSON

extension JSONValue {
    /// Whether it can be had from another value by leaving out members and elements: what stays is equal and in its order.
    public func isPart(of whole: JSONValue) -> Bool {
        switch (self, whole) {
        case (.object(let part), .object(let whole)):
            var rest = whole[...]
            return part.allSatisfy { member in
                guard
                    let place = rest.firstIndex(where: { $0.name == member.name && member.value.isPart(of: $0.value) })
                else { return false }
                rest = rest[(place + 1)...]
                return true
            }
        case (.array(let part), .array(let whole)):
            var rest = whole[...]
            return part.allSatisfy { element in
                guard let place = rest.firstIndex(where: { element.isPart(of: $0) }) else { return false }
                rest = rest[(place + 1)...]
                return true
            }
        default: return self == whole
        }
    }
}
