/// The rules that blocks are prepared under, as those need them who keep what they know of blocks.
package struct SummaryRules: Sendable {
    /// Of what is published now, as in `Block.version`.
    package var version: Int
    /// What stands for the rules of a topic in every run of the program: two rules by which the same record may become another
    /// event have different marks.
    package var mark: @Sendable (_ topic: String) -> UInt64

    package init(version: Int, mark: @escaping @Sendable (_ topic: String) -> UInt64) {
        self.version = version
        self.mark = mark
    }
}
