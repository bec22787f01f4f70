/// FNV-1a of 64 bits: a hash that is the same in every run of the program. Whoever chooses the bytes can choose the hash.
package enum FNV {
    /// Of no bytes.
    package static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    /// - Parameter hash: of the bytes before.
    package static func hash(_ bytes: some Sequence<UInt8>, after hash: UInt64 = start) -> UInt64 {
        bytes.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
