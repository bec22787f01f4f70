internal import Compression

extension FuzzTarget {
    /// Damaged data is refused, and pieces give what the whole gives.
    static let gzip = FuzzTarget("gzip") { input throws(FuzzFinding) in
        try requireEqual(inflate(input, piece: 1), inflate(input, piece: max(input.count, 1)), "cuts change nothing")
    }

    /// The output; nil where the data is refused.
    private static func inflate(_ input: [UInt8], piece: Int) -> [UInt8]? {
        do throws(GzipError) {
            var reader = try GzipReader()
            var output: [UInt8] = []
            for start in stride(from: 0, to: input.count, by: piece) {
                try reader.push(Array(input[start..<min(start + piece, input.count)]), into: &output)
                if output.count > 1 << 22 { return nil }
            }
            try reader.finish()
            return output
        } catch {
            return nil
        }
    }
}
