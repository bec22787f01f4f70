import JSON
import Schemas
import Testing

@Suite struct MaterializingTests {
    @Test func referencesArePutInAndMembersOfTheReferenceWin() throws {
        let schemas = SchemaNamespace([
            "a/current.yaml": """
            title: a
            $id: /a/1.0.0
            type: object
            properties:
              user:
                description: Who did it.
                $ref: /user/1.0.0
                required: [id]
              size: {$ref: './#/definitions/size'}
              again: {$ref: '#/properties/size'}
            definitions:
              size: {type: integer, minimum: 0}
            examples: [{$schema: {$ref: '#/$id'}}]
            """,
            "user/1.0.0.yaml": """
            title: user
            description: A user.
            $id: /user/1.0.0
            type: object
            properties: {id: {type: integer, minimum: 1, maximum: 9}}
            """,
        ])
        #expect(
            try schemas.text() == """
                title: a
                $id: /a/1.0.0
                type: object
                properties:
                  again:
                    type: integer
                    maximum: 9007199254740991
                    minimum: 0
                  size:
                    type: integer
                    maximum: 9007199254740991
                    minimum: 0
                  user:
                    title: user
                    description: Who did it.
                    $id: /user/1.0.0
                    type: object
                    required:
                      - id
                    properties:
                      id:
                        type: integer
                        maximum: 9
                        minimum: 1
                examples:
                  - $schema: /a/1.0.0
                definitions:
                  size:
                    type: integer
                    maximum: 9007199254740991
                    minimum: 0

                """)
    }

    @Test func partsAreMergedToWhatAllOfThemAllow() throws {
        let schemas = SchemaNamespace([
            "a/current.yaml": """
            title: a
            description: The whole.
            $id: /a/1.0.0
            type: object
            required: [z, b]
            allOf:
              - description: A part.
                additionalProperties: false
                required: [a, b]
                properties:
                  a: {type: [integer, string], minimum: 3, maxLength: 10, enum: [1, 2, x]}
                  deep: {allOf: [{type: object, properties: {x: {type: string}}}, {properties: {y: {type: string}}}]}
              - allOf: [{properties: {a: {type: string, minimum: 5, maxLength: 8, enum: [x, 2]}}}]
            properties:
              b: {type: string}
            examples: [{}]
            """
        ])
        #expect(
            try schemas.text() == """
                title: a
                description: The whole.
                $id: /a/1.0.0
                type: object
                additionalProperties: false
                required:
                  - a
                  - b
                  - z
                properties:
                  a:
                    type: string
                    enum:
                      - 2
                      - x
                    maxLength: 8
                    minimum: 5
                  b:
                    type: string
                  deep:
                    type: object
                    properties:
                      x:
                        type: string
                      'y':
                        type: string
                examples:
                  - {}

                """)
    }

    @Test func anExampleIsMadeWhereThereIsNone() throws {
        let schemas = SchemaNamespace([
            "a/current.yaml": """
            title: a
            $id: /a/1.0.0
            type: object
            properties:
              $schema: {type: string}
              count: {type: integer, minimum: 1}
              kind: {type: string, enum: [one, two]}
              long: {type: string, minLength: 9}
              when: {type: string, format: date-time, maxLength: 128}
              map: {type: object, additionalProperties: {type: boolean}}
              some: {type: array, minItems: 2, uniqueItems: true, items: {type: string}}
            """
        ])
        let example = try schemas.materialized().value["examples"]?.array?.first
        #expect(
            example == [
                "$schema": "/a/1.0.0", "count": 1_351_079_888_211_149, "kind": "one", "long": "dolor dolor",
                "map": ["dolorb": false], "some": ["dolor", "dolor1"], "when": "2021-01-01T00:00:00.0Z",
            ])
    }

    @Test func anExampleOfTheLargestNumbersIsMade() throws {
        let schemas = SchemaNamespace([
            "a/current.yaml": """
            title: a
            type: object
            properties:
              some: {type: array, minItems: 2, uniqueItems: true, items: {const: 9223372036854775807}}
            """
        ])
        #expect(try schemas.materialized().value["examples"]?.array?.first?["some"]?.array?.count == 2)
    }

    @Test func whatExcludesItselfIsToldWithItsPlace() {
        let schemas = SchemaNamespace([
            "a/current.yaml": "{title: a, properties: {x: {allOf: [{type: string}, {type: integer}]}}}"
        ])
        let error = schemas.refusal()
        #expect(error?.kind == .conflict)
        #expect(error?.description.hasPrefix("memory/a/current.yaml#/properties/x/type: allOf joins type") == true)
    }

    @Test func theFirstOfSeveralRepositoriesWins() throws {
        let one = MemoryRepository(name: "one", files: ["a/1.0.0.yaml": "title: first"])
        let two = MemoryRepository(
            name: "two", files: ["a/1.0.0.yaml": "title: second", "a/1.2.0.json": "{\"title\": \"x\"}"])
        let schemas = SchemaNamespace([one, two])
        #expect(try schemas.document(SchemaName(title: "a", version: "1.0.0")).title == "first")
        #expect(try schemas.document(SchemaName(title: "a", version: "1.2.0")).title == "x")
        #expect(try schemas.versions(of: "a") == [SemanticVersion(1, 0, 0), SemanticVersion(1, 2, 0)])
        #expect(try schemas.titles() == ["a"])
    }

    // MARK: Hostile

    @Test(arguments: [
        ("#", "leads back"), ("/a/current", "leads back"), ("/b/1.0.0", "leads back"),
        ("/missing/1.0.0", "leads to nothing"),
        ("#/definitions/missing", "leads to nothing"), ("#definitions", "can't be followed"),
        ("#/%zz", "can't be followed"),
        ("../../../etc/passwd", "can't be followed"), ("/../../etc/passwd", "can't be followed"),
        ("http://example.org/x", "can't be followed"), ("file:///etc/passwd", "can't be followed"),
        ("/b/\u{0}", "can't be followed"),
    ])
    func aReferenceThatLeadsNowhereOrBackIsRefused(_ reference: String, _ reason: String) {
        let schemas = SchemaNamespace([
            "a/current.yaml": "{title: a, properties: {x: {$ref: \(JSONText.quoted(reference))}}}",
            "b/1.0.0.yaml": "{title: b, properties: {back: {$ref: /a/current}}}",
        ])
        let error = schemas.refusal()
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.document.isEmpty == false && error?.pointer.hasPrefix("/properties/") == true)
    }

    @Test func aSchemaThatGrowsWithEveryReferenceIsRefused() {
        var lines = [
            "title: a", "definitions:", "  d0: {type: object, properties: {a: {type: string}, b: {type: string}}}",
        ]
        for level in 1...40 {
            let inner = "{$ref: '#/definitions/d\(level - 1)'}"
            lines.append("  d\(level): {type: object, properties: {a: \(inner), b: \(inner)}}")
        }
        lines.append("properties: {x: {$ref: '#/definitions/d40'}}")
        #expect(SchemaNamespace(["a/current.yaml": lines.joined(separator: "\n")]).refusal()?.kind == .tooLarge)
    }

    @Test func aLongChainOfReferencesIsRefused() {
        var lines = ["title: a", "definitions:", "  d0: {type: string}"]
        for level in 1...5_000 { lines.append("  d\(level): {$ref: '#/definitions/d\(level - 1)'}") }
        lines.append("properties: {x: {$ref: '#/definitions/d5000'}}")
        #expect(SchemaNamespace(["a/current.yaml": lines.joined(separator: "\n")]).refusal()?.kind == .tooLarge)
    }

    @Test func alternativesThatMultiplyAreRefused() {
        let list = "{anyOf: [" + (0..<9).map { "{minimum: \($0)}" }.joined(separator: ", ") + "]}"
        let other = "{anyOf: [" + (0..<9).map { "{maximum: \($0 + 20)}" }.joined(separator: ", ") + "]}"
        let schemas = SchemaNamespace(["a/current.yaml": "{title: a, allOf: [\(list), \(other)]}"])
        #expect(schemas.refusal()?.kind == .conflict)
    }

    @Test func alternativesThatAreTooManyToTryAreRefused() {
        func list(_ keyword: String) -> String {
            "{anyOf: [" + (0..<460).map { "{\(keyword): \($0)}" }.joined(separator: ", ") + "]}"
        }
        let schemas = SchemaNamespace(["a/current.yaml": "{title: a, allOf: [\(list("minimum")), \(list("maximum"))]}"])
        #expect(schemas.refusal()?.kind == .tooLarge)
    }

    @Test func aFileThatIsNoSchemaIsRefusedWithItsLine() {
        #expect(
            SchemaNamespace(["a/current.yaml": "title: a\n\tx: y"]).refusal()?.description.hasPrefix(
                "memory/a/current.yaml:2:") == true)
        #expect(SchemaNamespace(["a/current.yaml": "- a"]).refusal()?.kind == .invalid)
        #expect(
            SchemaNamespace(["a/current.yaml": String(repeating: "#", count: 2 << 20)]).refusal()?.kind == .tooLarge)
    }
}
