internal import Bytes

/// A version of a schema: three numbers (https://semver.org/). Versions of one major number are compatible.
package struct SemanticVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package var patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Nil for all but three numbers of at most nine digits, without zeros in front.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { part -> Int? in
            let isNumber = (1...9).contains(part.utf8.count) && part.utf8.allSatisfy { $0.decimalDigit != nil }
            return isNumber && (part.utf8.first != UInt8(ascii: "0") || part.utf8.count == 1) ? Int(part) : nil
        }
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else { return nil }
        self.init(major, minor, patch)
    }

    package var description: String { "\(major).\(minor).\(patch)" }

    package static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }
}
