internal import Glibc

/// The C library's words for an error number.
public enum ErrorNumber {
    /// `No such file or directory`.
    public static func text(_ number: Int32) -> String {
        // Lifetime: the text is valid until this thread's next call of strerror, and copied here.
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
}
