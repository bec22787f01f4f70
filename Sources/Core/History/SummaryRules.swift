/// The rules that blocks are prepared under, in the form that kept summaries need.
package struct SummaryRules: Sendable {
    /// Of what is published now, as in `Block.version`.
    package var version: Int
    /// A number for the rules of a topic, the same in every run of the program. Two rules that may make different events of one
    /// record have different marks.
    package var mark: @Sendable (_ topic: String) -> UInt64

    package init(version: Int, mark: @escaping @Sendable (_ topic: String) -> UInt64) {
        self.version = version
        self.mark = mark
    }
}
