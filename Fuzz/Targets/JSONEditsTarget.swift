internal import JSON

extension FuzzTarget {
    /// Edits of a JSON text leave a JSON text without what was removed.
    static let jsonEdits = FuzzTarget("json-edits") { input throws(FuzzFinding) in
        guard let document = try? JSONDocument(input) else { return }
        var edits = JSONEdits()
        edits.add(.remove, at: ["a"])
        edits.add(.remove, at: ["b", "a"])
        edits.add(.replace(Array("{}".utf8)), at: ["c"])
        edits.add(.append(name: "d", value: Array("1".utf8)), at: ["b"])
        if let result = edits.apply(to: document) {
            guard let edited = try? JSONDocument(result) else { throw FuzzFinding("not so: an edited text is JSON") }
            try require(edited.values(at: ["a"]).isEmpty, "nothing removed is left")
            try require(edited.values(at: ["b", "a"]).isEmpty, "nothing removed is left further down")
        }
    }
}
