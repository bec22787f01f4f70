import System
import Testing

@Suite struct UUIDTextTests {
    /// Of RFC 9562, appendix A.4.
    private static let dns: [UInt8] = [
        0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
    ]

    @Test func aNameHasTheUUIDOfTheStandardsExample() {
        #expect(UUIDText.named(Array("www.example.com".utf8), in: Self.dns) == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }

    /// As Python's `uuid.uuid5` has them: names whose padding fills a block, begins another, and is far behind the first.
    @Test(
        arguments: [
            (39, "5824f981-4282-59d4-9716-acb6d741350e"), (40, "39f39c20-db47-5131-8879-62f8f67f9014"),
            (47, "660c273c-8a00-5941-b6f4-8d0afed88966"), (48, "7280cc42-274a-5c4a-91fc-ae23f853eeb7"),
            (1000, "062a6b1a-ddc3-5fcc-b238-790846e533d6"),
        ])
    func namesOfAnyLengthHaveTheirs(length: Int, uuid: String) {
        #expect(UUIDText.named(Array(repeating: 0x61, count: length), in: Self.dns) == uuid)
    }

    @Test func aRandomOneIsOfVersionFour() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<100 {
            let text = Array(UUIDText.random(&random))
            #expect(text.count == 36 && text[14] == "4" && "89ab".contains(text[19]))
        }
    }
}
