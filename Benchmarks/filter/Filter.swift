// What filters cost an event: `filter FILE [ROUNDS [PART]]` takes a file with an event a line and prints nanoseconds of CPU
// time an event as JSON, without and with filters, each event having been scanned before. PART is one of `single`,
// `evaluation`, `pairs`, `mixed` and `recorded`; without it all are measured.

import EventFilter
import Events
import Glibc
import JSON
import System

@main struct Filter {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, let text = try SmallFile.read(arguments[1]) else {
            print("usage: filter FILE [ROUNDS [PART]]")
            exit(2)
        }
        let events = try text.split(separator: 0x0A).compactMap { Event(try JSONDocument(Array($0))) }
        guard !events.isEmpty else { exit(2) }
        let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 20 : 20
        let bench = Bench(events: events, rounds: rounds)
        var results: [(String, Double)] = [("events", Double(events.count))]
        let parts = [
            ("single", bench.single), ("evaluation", bench.evaluation), ("pairs", bench.pairs), ("mixed", bench.mixed),
            ("recorded", bench.recorded),
        ]
        for (name, part) in parts where arguments.count < 4 || arguments[3] == name { results += try part() }
        print("{\(results.map { "\"\($0.0)\": \(($0.1 * 100).rounded() / 100)" }.joined(separator: ", "))}")
    }
}

struct Bench {
    let events: [Event]
    let rounds: Int

    /// Nanoseconds of CPU time an event, and how many filters matched one.
    func match(_ set: inout FilterSet) -> (time: Double, matches: Double) {
        var matches: [FilterSet.ID] = []
        var sum = 0
        func round(_ set: inout FilterSet) {
            for place in events.indices {
                matches.removeAll(keepingCapacity: true)
                set.match(events[place], into: &matches)
                sum += matches.count
            }
        }
        round(&set)
        sum = 0
        let began = Self.time()
        for _ in 0..<rounds { round(&set) }
        let calls = Double(rounds * events.count)
        return (Double(Self.time() - began) / calls, Double(sum) / calls)
    }

    func set(_ texts: [String]) throws -> FilterSet {
        var set = FilterSet()
        for text in texts { _ = set.add(try EventFilter(text)) }
        return set
    }

    /// One filter by itself, with the finding of its fields.
    func single() throws -> [(String, Double)] {
        try [("one_simple", #"wiki == "enwiki""#), ("one_of_ten_terms", Self.tenTerms)].map { name, text in
            var filter = CompiledFilter(try EventFilter(text))
            var count = 0
            let began = Self.time()
            for _ in 0..<rounds { for event in events where filter.matches(event) { count += 1 } }
            let time = Double(Self.time() - began) / Double(rounds * events.count)
            return (name, count >= 0 ? time : 0)
        }
    }

    static let tenTerms = """
        !bot && namespace != 3 && wiki != "commonswiki" && type != "log" && !minor && length.new > 10 && !(length.old > 1000000) \
        && !title.startsWith("Talk:") && !(user in ["Nobody", "Somebody"]) && server_name != "x"
        """

    /// What an evaluation costs: a thousand filters that can't be found by keys, beside one, shared out among them.
    func evaluation() throws -> [(String, Double)] {
        func difference(_ filter: (Int) -> String) throws -> Double {
            var one = try set([filter(0)])
            var all = try set((0..<1000).map(filter))
            return (match(&all).time - match(&one).time) / 999
        }
        return [
            ("evaluation_simple", try difference { #"wiki != "wiki\#($0)""# }),
            ("evaluation_of_ten_terms", try difference { "\(Self.tenTerms) && id != \($0)" }),
        ]
    }

    /// (wiki, user) filters that no two clients share.
    func pairs() throws -> [(String, Double)] {
        var none = try set([#"wiki == "nowiki" && user == "Nobody""#])
        let base = match(&none).time
        var results: [(String, Double)] = [("pairs_1", base)]
        for count in [10_000, 100_000] {
            let filters = try (0..<count).map { number in
                let event = events[number % events.count].document
                let wiki = event.string(event.member("wiki", of: event.root)) ?? "enwiki"
                return try EventFilter(expression: nil, matches: [("wiki", wiki), ("user", "User \(number)")])
            }
            var set = FilterSet()
            let began = Self.time()
            let ids = filters.map { set.add($0) }
            let added = Self.time()
            results.append(("pairs_\(count)", match(&set).time))
            let removing = Self.time()
            for id in ids { set.remove(id) }
            results.append(("adding_\(count)", Double(added - began) / Double(count)))
            results.append(("removing_\(count)", Double(Self.time() - removing) / Double(count)))
        }
        let began = Self.time()
        for number in 0..<10_000 {
            _ = try EventFilter(expression: nil, matches: [("wiki", "enwiki"), ("user", "User \(number)")])
        }
        results.append(("reading", Double(Self.time() - began) / 10_000))
        return results
    }

    /// A thousand filters of all kinds, as different clients may have them.
    func mixed() throws -> [(String, Double)] {
        func value(_ name: StaticString, _ number: Int) -> String {
            let event = events[number * 7 % events.count].document
            return event.string(event.member(name, of: event.root)) ?? "x"
        }
        let texts = (0..<1000).map { number in
            let (wiki, user) = (JSONText.quoted(value("wiki", number)), JSONText.quoted(value("user", number)))
            let title = JSONText.quoted(value("title", number).prefix(6))
            return switch number % 10 {
            case 0, 1, 2: "wiki == \(wiki) && user == \(user)"
            case 3: "wiki in [\(wiki), \"enwiki\"] && !bot && namespace in [0, \(number % 7)]"
            case 4: "title.startsWith(\(title)) && wiki == \(wiki)"
            case 5: "wiki == \(wiki) && length.new - length.old > \(number)"
            case 6: "user == \(user) || title.startsWith(\(title))"
            case 7: "length.new > \(1_000_000 + number) && !bot"
            case 8: "wiki == \(wiki) && title.contains(\(title)) && !minor"
            default: "meta.domain == \"de\(number).wikipedia.org\" || user == \(user) && comment.contains(\"revert\")"
            }
        }
        var set = try set(texts)
        let (time, matches) = match(&set)
        return [("mixed_1000", time), ("mixed_1000_matches", matches)]
    }

    /// 10,000 (wiki, user) filters made of the events themselves, each one of its own though many are equal.
    func recorded() throws -> [(String, Double)] {
        var set = FilterSet()
        for number in 0..<10_000 {
            let event = events[number % events.count].document
            let names: [StaticString] = ["wiki", "user"]
            let values = names.map { JSONText.quoted(event.string(event.member($0, of: event.root)) ?? "x") }
            _ = set.add(try EventFilter("wiki == \(values[0]) && user == \(values[1])"))
        }
        let (time, matches) = match(&set)
        return [("recorded_10000", time), ("recorded_10000_matches", matches)]
    }

    static func time() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
