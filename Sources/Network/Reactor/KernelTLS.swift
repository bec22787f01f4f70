internal import CLinux

/// TLS by the kernel (Documentation/networking/tls.rst of Linux). The kernel encrypts sent bytes, so one call sends them over TLS and
/// over a plain connection alike. The kernel does not decrypt received bytes.
public enum KernelTLS {
    /// Whether this kernel has it: built in, or as the module `tls`, which is loaded by itself for root only.
    public static func isThere() -> Bool { linux_has_tls() == 1 }

    /// Makes the kernel encrypt all bytes sent from now on.
    ///
    /// - Parameter key: in the form of `<linux/tls.h>`, with the number of the next record.
    /// - Returns: false: the kernel does not encrypt, and bytes go out as they are.
    public static func begin(_ descriptor: Int32, _ key: UnsafeRawBufferPointer) -> Bool {
        // The kernel copies the key.
        unsafe linux_encrypt_sent(descriptor, key.baseAddress, key.count) == 0
    }

    /// Tells the peer that nothing follows (RFC 8446, section 6.1), after what the kernel has.
    ///
    /// - Returns: `wouldBlock`: to be tried again.
    public static func sendCloseNotify(_ descriptor: Int32) -> Transfer {
        let (alert, warning, closeNotify): (UInt8, UInt8, UInt8) = (21, 1, 0)
        let bytes = [warning, closeNotify]
        // The kernel copies the bytes before the call returns.
        return unsafe bytes.withUnsafeBytes { bytes in
            Transfer({ unsafe linux_send_record(descriptor, alert, bytes.baseAddress, bytes.count) }, zero: .wouldBlock)
        }
    }
}
