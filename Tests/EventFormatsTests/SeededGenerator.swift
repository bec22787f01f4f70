import System
import TestSupport

extension SeededGenerator {
    /// Up to `count` bytes, most of them such as have a meaning in an event stream.
    mutating func bytes(_ count: Int) -> [UInt8] {
        let meaningful = Array("\r\n\0: {}[]\",dataeventidretry\u{2028}é".utf8)
        return (0..<Int.random(in: 0...count, using: &self)).map { _ in
            Bool.random(using: &self)
                ? meaningful[Int.random(in: 0..<meaningful.count, using: &self)]
                : UInt8.random(in: 0...255, using: &self)
        }
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}

/// What `write` appends.
func written(_ write: (inout [UInt8]) throws -> Void) rethrows -> [UInt8] {
    var bytes: [UInt8] = []
    try write(&bytes)
    return bytes
}
