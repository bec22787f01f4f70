internal import Endpoints
internal import EventLog
import Time

extension FuzzTarget {
    /// Any text is refused with a reason or is a time within the calendar, whenever it is asked; what is written of it is
    /// read back.
    static let timeExpression = FuzzTarget("time-expression") { input throws(FuzzFinding) in
        let text = String(decoding: input, as: UTF8.self)
        let expression: TimeExpression
        do throws(TimeExpression.Failure) { expression = try TimeExpression(text) } catch {
            return try require(!error.reason.isEmpty, "a refusal has a reason")
        }
        for now: Timestamp in [0, 1_795_255_200_123, .min, .max] {
            let time = expression.timestamp(now: now)
            let written = ISO8601.format(time)
            try requireEqual(ISO8601.parse(written), time, "\(written) is read back")
            try require(written.utf8.count == 24, "\(written) has the fixed length")
        }
    }
}
