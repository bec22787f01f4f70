import FuzzTargets
import Glibc

/// libFuzzer's entry: hands each input to the target that the environment's FUZZ_TARGET names.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Lifetime: libFuzzer keeps the bytes until this returns; they are copied.
    let input = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    do throws(FuzzFinding) { try target.check(input) } catch { fatalError(error.description) }
    return 0
}

/// Read once.
private let target: FuzzTarget = {
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: ", ")), not \"\(name)\"")
        exit(2)
    }
    return target
}()
