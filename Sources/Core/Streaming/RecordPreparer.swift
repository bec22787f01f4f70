public import EventLog

/// Makes records ready to be sent: decides what each is, and writes its data. Done once for each record, whoever wants it.
public protocol RecordPreparer: Sendable {
    /// - Parameters:
    ///   - records: in order, all of `range`.
    /// - Returns: a block with the version of the rules that it was prepared under. The rules are looked at once for the
    ///   whole block.
    func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block
}
