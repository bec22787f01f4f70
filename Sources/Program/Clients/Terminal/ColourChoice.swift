/// The option `--color`.
package enum ColourChoice: String, CaseIterable, Hashable, Sendable {
    /// On a terminal, unless NO_COLOR is set.
    case auto
    case always
    case never
}
