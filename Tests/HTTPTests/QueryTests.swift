import Bytes
import HTTP
import System
import TestSupport
import Testing

@Suite struct QueryTests {
    @Test func readsFieldsAsAFormsAre() throws {
        let query = try Query("a=1&b=x+y%20z&&c&d=&e=f=g&%C3%A9=%2B&")
        #expect(query.fields.map(\.name) == ["a", "b", "c", "d", "e", "é"])
        #expect(query.fields.map(\.value) == ["1", "x y z", "", "", "f=g", "+"])
        #expect(try Query("").fields.isEmpty)
    }

    @Test(arguments: ["a=%", "a=%2", "a=%zz", "a=%C3", "%FF=1", "a=%ED%A0%80", "a=%C0%80", "a=%%32"])
    func refusesInvalidEncoding(text: String) {
        #expect { try Query(text) } throws: { ($0 as? Problem)?.type == .badRequest }
    }

    @Test(arguments: ["since=1&since=2", "a&a", "a=1&%61=1"])
    func refusesANameThatStandsTwice(text: String) {
        #expect { try Query(text) } throws: { ($0 as? Problem)?.type == .invalidParameter }
    }

    @Test func refusesTooManyFields() throws {
        let fields = (0..<64).map { "a\($0)=" }
        #expect(try Query(fields.joined(separator: "&")).fields.count == 64)
        #expect(throws: Problem.self) { try Query((fields + ["b="]).joined(separator: "&")) }
    }

    @Test func aPathKeepsItsPlus() throws {
        #expect(try PercentEncoding.decode("a+b%2Bc") == "a+b+c")
    }

    @Test func anyTextIsReadOrRefusedWithAProblem() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let text = generator.text(of: ["a", "=", "&", "%", "2", "B", "+", "%C3", "%A9", "b"], upTo: 20)
            if let query = try? Query(text) { #expect(Set(query.fields.map(\.name)).count == query.fields.count) }
        }
    }
}
