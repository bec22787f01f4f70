import EventFormats
import EventLog
import Testing

/// Whole bodies with one frame of each kind, as files to look at.
@Suite struct GoldenBodyTests {
    @Test(arguments: StreamFormat.allCases, IDForm.allCases)
    func aBodyIsAsItsFileShows(format: StreamFormat, ids: IDForm) throws {
        if format == .ndjson, ids == .compact { return }
        let name = format == .ndjson ? "body.ndjson" : "body-\(ids)-ids.sse"
        try Golden.expect(body(format, ids, isChunked: false), equals: name)
    }

    @Test(arguments: StreamFormat.allCases)
    func aChunkedBodyIsAsItsFileShows(format: StreamFormat) throws {
        try Golden.expect(body(format, .json, isChunked: true), equals: "body.\(format).chunked")
    }

    private func body(_ format: StreamFormat, _ ids: IDForm, isChunked: Bool) -> [UInt8] {
        let partitions = [
            TopicPartition("codfw.topic", 0), TopicPartition("eqiad.topic", 0), TopicPartition("eqiad.topic", 1),
        ]
        let encoder = FrameEncoder(
            format: format, ids: ids, isChunked: isChunked, cursor: CursorEncoder(partitions, isWhole: true))
        var positions: ContiguousArray = [
            Position(offset: 0), Position(offset: 41, timestamp: 1_790_487_705_415),
            Position(offset: 7, timestamp: 1_790_487_700_000),
        ]
        let object =
            #"{"meta":{"id":"1","topic":"eqiad.topic","partition":0,"offset":41},"title":"Ä \u00e4 🎈","n":1.50}"#.bytes
        let long = "{\"long\":\"\(String(repeating: "x", count: 5000))\"}".bytes
        let problem = #"{"type":"draining","title":"The server is going away","status":503}"#.bytes
        return written { bytes in
            encoder.appendPreamble(to: &bytes)
            positions[1] = Position(offset: 42, timestamp: 1_790_487_705_416)
            encoder.appendRecord(object.span, positions: positions.span, to: &bytes)
            encoder.appendHeartbeat(time: 1_790_487_720_001, to: &bytes)
            positions[2] = Position(offset: 9, timestamp: 1_790_487_705_500)
            encoder.appendProgress(positions: positions.span, to: &bytes)
            positions[0] = Position(offset: 12, timestamp: 1_790_487_700_001)
            let gap = Gap(partitions[0], from: 0, to: 12, reason: .retention, detail: "offsets 0 to 11 are gone")
            encoder.appendGap(gap, positions: positions.span, to: &bytes)
            let topicGap = Gap(topic: "x\n\"y\"", reason: .topicUnavailable, detail: "not one of\r\nthese streams")
            encoder.appendGap(topicGap, positions: positions.span, to: &bytes)
            positions[2] = Position(offset: 10, timestamp: 1_790_487_705_501)
            encoder.appendRecord(long.span, positions: positions.span, to: &bytes)
            encoder.appendNotice(Notice(.streamRemoved, stream: "x\ny", detail: "it was taken out"), to: &bytes)
            encoder.appendRetry(milliseconds: 4321, to: &bytes)
            encoder.appendError(problem: problem.span, to: &bytes)
            encoder.appendEnd(to: &bytes)
        }
    }
}
