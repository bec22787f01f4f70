/// One number for each of the last minutes. Its size is fixed; what a minute had is unknown until it is told.
struct MinuteRing: Hashable, Sendable {
    /// How many minutes are kept: a day.
    static let count = 1440
    private static let unknown = UInt32.max

    private var values = [UInt32](repeating: unknown, count: count)

    init() {}

    /// - Parameter values: by place; `count` of them.
    init?(places values: [UInt32]) {
        guard values.count == Self.count else { return nil }
        self.values = values
    }

    /// By place, as the file has them.
    var places: [UInt32] { values }

    /// - Parameter minute: since 1970. Of those that share a place the last that was told counts.
    subscript(_ minute: Int64) -> Int? {
        get {
            let value = values[Self.place(minute)]
            return value == Self.unknown ? nil : Int(value)
        }
        set {
            values[Self.place(minute)] =
                newValue.map { UInt32(clamping: min(max($0, 0), Int(Self.unknown) - 1)) } ?? Self.unknown
        }
    }

    private static func place(_ minute: Int64) -> Int {
        let rest = Int(minute % Int64(count))
        return rest < 0 ? rest + count : rest
    }
}
