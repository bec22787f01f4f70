internal import Glibc
internal import Time

/// The `Date` field's form of a time (RFC 9110, section 5.6.7), made anew when the second changes.
struct DateField {
    private var second: Int = .min
    private var text = ""

    /// The date of now, by the system's clock.
    mutating func now() -> String { at(time(nil)) }

    /// The date of a time in seconds since 1970.
    mutating func at(_ seconds: Int) -> String {
        if seconds != second {
            second = seconds
            text = HTTPDate.format(Int64(seconds))
        }
        return text
    }
}
