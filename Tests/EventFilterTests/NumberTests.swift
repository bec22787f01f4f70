import System
import TestSupport
import Testing

@testable import EventFilter

@Suite struct NumberTests {
    @Test(
        "Numbers are equal by their value, however they are written",
        arguments: [
            ["100", "1e2", "100.0", "1.00E+2", "10000e-2"], ["0", "-0", "0.0", "0e99"], ["0.1", "1e-1", "0.10"],
            ["9223372036854775807", "9223372036854775807.0"], ["-9223372036854775808", "-9.223372036854775808e18"],
            ["9223372036854775808", "9223372036854775808e0"],
            ["12345678901234567890123456789012345678", "1234567890123456789012345678901234567.8e1"],
        ])
    func equal(texts: [String]) {
        let numbers = texts.map { Number($0) }
        #expect(Set(numbers).count == 1 && numbers[0] != nil)
        #expect(numbers[0].flatMap { Number($0.description) } == numbers[0])
    }

    @Test("Numbers are in order, beyond 2^53 too")
    func order() {
        let texts = [
            "-1e400", "-9223372036854775809", "-9223372036854775808", "-2", "-1.5", "-1e-400", "0", "1e-400", "0.1",
            "0.10000000000000000001", "1",
            "1.5", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808", "1e38", "1e39",
            "1e400",
        ]
        for (place, a) in texts.enumerated() {
            for (other, b) in texts.enumerated() {
                guard let a = Number(a), let b = Number(b) else {
                    Issue.record("no number")
                    return
                }
                #expect((a < b) == (place < other), "\(a) < \(b)")
            }
        }
    }

    @Test("Sums and products are exact, or are none")
    func arithmetic() {
        func number(_ text: String) -> Number { Number(text) ?? .integer(0) }
        #expect(number("0.1").adding(number("0.2")) == number("0.3"))
        #expect(number("9223372036854775807").adding(number("1")) == number("9223372036854775808"))
        #expect(number("1e30").subtracting(number("1")) == number("999999999999999999999999999999"))
        #expect(number("5").subtracting(number("7.5")) == number("-2.5"))
        #expect(number("-4611686018427387904").multiplied(by: number("4")) == number("-18446744073709551616"))
        #expect(number("1e30").adding(number("1e-30")) == nil)
        #expect(
            number("1e37").multiplied(by: number("1.000000000000000000001"))
                == number("10000000000000000000010000000000000000"))
        #expect(number("12345678901234567890.5").multiplied(by: number("12345678901234567890.5")) == nil)
        #expect(number("1e400").adding(number("0")) == number("1e400"))
        #expect(number("0").subtracting(number("9223372036854775807")) == number("-9223372036854775807"))
    }

    @Test(
        "What JSON doesn't write so is no number",
        arguments: ["", "-", "01", "1.", ".5", "1e", "+1", "0x1", "1 ", "Infinity", "1e+", "--1"])
    func refuses(text: String) { #expect(Number(text) == nil) }

    @Test("Digits past the 38th are cut off, and exponents have a bound")
    func bounds() {
        let digits = String(repeating: "7", count: 38)
        #expect(Number(digits + "9") == Number(digits + "0"))
        #expect(Number("1e999999999999999999999999") == Number("1e1000000"))
        #expect(Number("1e-999999999999999999999999") == Number("1e-1000000"))
        #expect(Number("0." + String(repeating: "0", count: 5000) + "1") == Number("1e-5001"))
    }
}
