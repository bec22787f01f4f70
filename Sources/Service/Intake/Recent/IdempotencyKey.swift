internal import System

/// The client's name for a request that it may send again: the field `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header),
/// which may stand in quotes.
///
/// Events without an id of their own get one that is made from the key and their place in the request: so a request that is sent
/// again has the same ids, and no other memory of keys is needed than that of ids.
package struct IdempotencyKey: Hashable, Sendable {
    package let text: String

    /// Characters. Shorter ones would meet others' by chance, and then events would be taken for those others'.
    package static let lengths = 16...256

    /// Nil where the field's value is no key.
    package init?(_ value: String) {
        var text = value[...]
        if text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count >= 2 { text = text.dropFirst().dropLast() }
        guard Self.lengths.contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        else { return nil }
        self.text = String(text)
    }

    /// What names of events are made in.
    static let namespace: [UInt8] = [
        0x4A, 0x1F, 0x6C, 0x3E, 0x0B, 0x77, 0x4D, 0x52, 0x9E, 0x21, 0x5C, 0x80, 0xD3, 0x46, 0xA9, 0x1B,
    ]

    /// The id of the event at a place in the request, from 0: the UUID of version 5 of `KEY/PLACE`.
    func id(of place: Int) -> String {
        UUIDText.named(Array("\(text)/\(place)".utf8), in: Self.namespace)
    }
}
