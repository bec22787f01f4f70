internal import EventFormats
internal import EventLog

extension FrameEncoder {
    /// The frame of a block's entry; `positions` are those after it, and `selector` says which fields are sent.
    func append(
        _ entry: Block.Entry, of block: Block, positions: ContiguousArray<Position>, selector: EntrySelector,
        to bytes: inout [UInt8]
    ) {
        if let gap = block.gap(of: entry) {
            appendGap(gap, positions: positions.span, to: &bytes)
        } else if let kept = selector.fields(entry, of: block) {
            appendRecord(kept.span, positions: positions.span, to: &bytes)
        } else {
            let data = block.bytes
            appendRecord(data.span.extracting(entry.start..<entry.end), positions: positions.span, to: &bytes)
        }
    }
}
