internal import JSON
internal import Time

extension DemoEvents {
    /// Schema `/mediawiki/revision/create/1.1.0`: an edit, or in the stream of new pages a page's first revision.
    mutating func revision(_ stream: DemoStream, _ now: Int64) -> JSONValue {
        let wiki = dice.skewed(DemoWiki.all)
        let page = page(wiki)
        var event = JSONValue.object([
            .init("$schema", .string(stream.schema)), .init("meta", meta(stream, wiki.domain, page.uri, now)),
        ]).merging(revisionFields(wiki, page, now))
        if stream == .revisionCreate {
            event = event.merging([
                "rev_parent_id": .integer(counters.revision - 1 - Int64(dice.below(5_000_000))),
                "rev_content_changed": .boolean(dice.chance(0.95)),
            ])
        }
        return event
    }

    /// The fields after `meta` that every revision has.
    mutating func revisionFields(_ wiki: DemoWiki, _ page: DemoPage, _ now: Int64) -> JSONValue {
        let (user, isBot) = person(wiki)
        let (comment, html) = comment(wiki)
        counters.revision += 2 + Int64(dice.below(5))
        counters.page += 1
        let isItem = wiki.name == "datademo" && page.namespace == 0
        return [
            "database": .string(wiki.name),
            "page_id": .integer(counters.page),
            "page_title": .string(String(page.title.map { $0 == " " ? "_" : $0 })),
            "page_namespace": .integer(page.namespace),
            "rev_id": .integer(counters.revision),
            "rev_timestamp": .string(ISO8601.format(now - Int64(dice.below(1500)), milliseconds: false)),
            "rev_sha1": .string(dice.sha1Text()),
            "rev_minor_edit": .boolean(dice.chance(0.3)),
            "rev_len": .integer(20 + Int(dice.exponential(mean: 7000))),
            "rev_content_model": isItem ? "wikibase-item" : "wikitext",
            "rev_content_format": isItem ? "application/json" : "text/x-wiki",
            "performer": performer(user, isBot, now),
            "page_is_redirect": .boolean(dice.chance(0.05)),
            "comment": .string(comment),
            "parsedcomment": .string(html),
        ]
    }

    private mutating func performer(_ user: String, _ isBot: Bool, _ now: Int64) -> JSONValue {
        let isAnonymous = user.hasPrefix("203.0.113.") || user.hasPrefix("2001:DB8:")
        let groups = (isBot ? ["bot"] : []) + (isAnonymous ? ["*"] : ["*", "user", "autoconfirmed"])
        let event: JSONValue = [
            "user_text": .string(user), "user_groups": .array(groups.map(JSONValue.string)),
            "user_is_bot": .boolean(isBot),
        ]
        guard !isAnonymous else { return event }
        let age = Int64(dice.below(6000)) * 86_400_000 + Int64(dice.below(86_400_000))
        return event.merging([
            "user_id": .integer(1000 + dice.below(60_000_000)),
            "user_registration_dt": .string(ISO8601.format(now - age, milliseconds: false)),
            "user_edit_count": .integer(Int(dice.exponential(mean: isBot ? 900_000 : 4000))),
        ])
    }
}
