internal import JSON

extension DemoEvents {
    /// Schema `/mediawiki/recentchange/1.0.0`.
    mutating func recentChange(_ now: Int64) -> JSONValue {
        let wiki = dice.skewed(DemoWiki.all)
        let type = dice.any(Self.types)
        let page = type == "categorize" ? page(wiki, namespace: 14) : page(wiki)
        let (user, isBot) = person(wiki)
        let (comment, html) = comment(wiki)
        counters.change += 1 + Int64(dice.below(3))
        var members: [JSONValue.Member] = [
            .init("$schema", .string(DemoStream.recentChange.schema)),
            .init("meta", meta(.recentChange, wiki.domain, page.uri, now)),
            .init("id", .integer(counters.change)),
            .init("type", .string(type)),
            .init("namespace", .integer(page.namespace)),
            .init("title", .string(page.title)),
            .init("title_url", .string(page.uri)),
            .init("comment", .string(comment)),
            .init("timestamp", .integer(now / 1000)),
            .init("user", .string(user)),
            .init("bot", .boolean(isBot)),
        ]
        switch type {
        case "edit", "new": members += change(wiki, isNew: type == "new")
        case "log": members += log(page)
        default: break
        }
        members += [
            .init("server_url", .string("https://" + wiki.domain)),
            .init("server_name", .string(wiki.domain)),
            .init("server_script_path", "/w"),
            .init("wiki", .string(wiki.name)),
            .init("parsedcomment", .string(html)),
        ]
        return .object(members)
    }

    /// About as often as they come in practice.
    private static let types =
        Array(repeating: "edit", count: 62) + Array(repeating: "categorize", count: 24)
        + Array(repeating: "log", count: 8) + Array(repeating: "new", count: 6)

    private mutating func change(_ wiki: DemoWiki, isNew: Bool) -> [JSONValue.Member] {
        counters.revision += 2 + Int64(dice.below(5))
        let revision = counters.revision
        let parent = revision - 1 - Int64(dice.below(5_000_000))
        let old = 30 + Int(dice.exponential(mean: 9000))
        let new = max(0, old + Int(dice.exponential(mean: 400)) - 150)
        let url = "https://\(wiki.domain)/w/index.php?" + (isNew ? "oldid=" : "diff=") + String(revision)
        var members: [JSONValue.Member] = [
            .init("notify_url", .string(isNew ? url : url + "&oldid=\(parent)")),
            .init("minor", .boolean(!isNew && dice.chance(0.3))),
        ]
        if dice.chance(0.6) { members.append(.init("patrolled", .boolean(dice.chance(0.5)))) }
        let lengths: JSONValue = ["old": .integer(old), "new": .integer(new)]
        let revisions: JSONValue = ["old": .integer(parent), "new": .integer(revision)]
        members.append(.init("length", isNew ? ["new": .integer(new)] : lengths))
        members.append(.init("revision", isNew ? ["new": .integer(revision)] : revisions))
        return members
    }

    private mutating func log(_ page: DemoPage) -> [JSONValue.Member] {
        let id = JSONValue.Member("log_id", .integer(counters.change / 7))
        let (type, action): (String, String) = dice.any([
            ("upload", "upload"), ("delete", "delete"), ("move", "move"), ("newusers", "create"), ("patrol", "patrol"),
        ])
        let parameters: JSONValue =
            switch type {
            case "move": ["target": .string(page.title + " (2)"), "noredir": "0"]
            case "newusers": ["userid": .integer(dice.below(9_000_000))]
            default: []
            }
        return [
            id, .init("log_type", .string(type)), .init("log_action", .string(action)), .init("log_params", parameters),
            .init("log_action_comment", .string("\(type): \"\(page.title)\"")),
        ]
    }
}
