internal import CLinux
internal import Glibc

/// An internet address and port. An IPv4 address that arrives mapped into IPv6 (`::ffff:…`) is an IPv4 address here.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Family: UInt8, Sendable {
        case ipv4 = 4
        case ipv6 = 6
    }

    public let family: Family
    public let port: UInt16
    /// The bytes in network order, the first in the highest bits. An IPv4 address is in the upper half of `high`.
    public let high: UInt64
    /// The last eight bytes of an IPv6 address.
    public let low: UInt64

    /// The address whose text (without brackets) is `text`, or nil when it is not one.
    public init?(_ text: String, port: UInt16) {
        var address = linux_address()
        // The text is a C string for the time of the call, and the address is written before it returns.
        guard unsafe text.withCString({ unsafe linux_address_parse($0, &address) }) == 1 else { return nil }
        address.port = port
        self.init(address)
    }

    /// The address made of its bytes in network order: four or sixteen.
    public init?(bytes: [UInt8], port: UInt16) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let padded = bytes + [UInt8](repeating: 0, count: 16 - bytes.count)
        family = bytes.count == 4 ? .ipv4 : .ipv6
        high = padded[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = padded[8...].reduce(0) { $0 << 8 | UInt64($1) }
        self.port = port
    }

    init(_ address: linux_address) {
        family = address.family == 6 ? .ipv6 : .ipv4
        port = address.port
        let words = unsafe withUnsafeBytes(of: address.bytes) { bytes in
            // Sixteen bytes of a C array, read within the closure.
            unsafe (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        high = UInt64(bigEndian: words.0)
        low = UInt64(bigEndian: words.1)
    }

    var native: linux_address {
        var address = linux_address()
        address.family = family.rawValue
        address.port = port
        unsafe withUnsafeMutableBytes(of: &address.bytes) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// The first eight bytes of an IPv6 address, which are its network; of an IPv4 address its four bytes, then zeros.
    public var upperHalf: UInt64 { high }

    /// The address in network order: four bytes or sixteen.
    public var bytes: [UInt8] {
        let all = (0..<16).map { index in
            UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - (index % 8) * 8))
        }
        return family == .ipv4 ? Array(all[..<4]) : all
    }

    /// The address as text, without port or brackets: `192.0.2.1`, `2001:db8::1`.
    public var address: String {
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer -> String? in
            // inet_ntop writes a terminated string of at most 46 bytes, copied before the buffer goes.
            guard let start = buffer.baseAddress, unsafe linux_address_text(native, start, 64) > 0 else { return nil }
            return unsafe String(cString: start)
        }
        return text ?? "?"
    }

    /// The address with its port: `192.0.2.1:80`, `[2001:db8::1]:80`.
    public var description: String { family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
