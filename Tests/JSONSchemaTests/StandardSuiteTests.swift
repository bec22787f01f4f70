import JSONSchema
import Testing

@Suite(.enabled(if: StandardSuite.isThere, Comment(rawValue: StandardSuite.whenMissing))) struct StandardSuiteTests {
    @Test(arguments: SchemaDraft.allCases)
    func everyRequiredCaseOfTheStandardSuiteIsAnsweredRight(_ draft: SchemaDraft) throws {
        let files = StandardSuite.files("draft\(draft.rawValue)")
        #expect(files.count > 25)
        for file in files {
            let faults = try StandardSuite.faults(in: "draft\(draft.rawValue)/\(file)", draft: draft)
            #expect(faults.isEmpty)
        }
    }

    /// The optional cases that are answered otherwise, by the beginning of their line, and why.
    private static let otherwise = [
        ("zeroTerminatedFloats.json", "1.0 is a whole number by its value, as in the later drafts and in JavaScript"),
        ("content.json", "contentEncoding and contentMediaType are remarks: a string isn't decoded"),
        ("cross-draft.json", "drafts 4, 6 and 7 are understood, not 2019-09"),
        ("format/hostname.json: validation of A-label (punycode)", "labels are not decoded: IDNA's tables aren't here"),
        ("format/idn-hostname.json", "the format is a remark: IDNA's tables aren't here"),
    ]

    @Test(arguments: SchemaDraft.allCases, ["optional", "optional/format"])
    func everyOptionalCaseIsAnsweredRightButForThoseThatAreListed(_ draft: SchemaDraft, _ folder: String) throws {
        let files = StandardSuite.files("draft\(draft.rawValue)/\(folder)")
        #expect(files.count > 4)
        for file in files {
            let faults = try StandardSuite.faults(in: "draft\(draft.rawValue)/\(folder)/\(file)", draft: draft)
            let unexpected = faults.filter { fault in !Self.otherwise.contains { fault.contains($0.0) } }
            #expect(unexpected.isEmpty)
        }
    }
}
