/// A wiki that doesn't exist, in a language with its own script.
struct DemoWiki: Sendable {
    let name: String
    let domain: String
    let words: [String]
    let people: [String]
    /// Localised names of the namespaces 1 (Talk), 2 (User) and 14 (Category).
    let talk: String
    let user: String
    let category: String

    init(_ code: String, _ words: [String], people: [String], talk: String, user: String, category: String) {
        name = code.filter { $0 != "-" } + "demo"
        domain = code + ".demo.example"
        self.words = words
        self.people = people
        self.talk = talk
        self.user = user
        self.category = category
    }

    /// The namespace's prefix with its colon; empty for articles.
    func prefix(_ namespace: Int) -> String {
        switch namespace {
        case 1: talk + ":"
        case 2: user + ":"
        case 14: category + ":"
        default: ""
        }
    }

    /// The busiest first. No place, page or person here is a real one.
    static let all: [DemoWiki] = [
        DemoWiki(
            "en",
            [
                "Amber", "Bridge", "Copper", "Lantern", "of the", "\"Quiet\"", "River", "Owl's", "Ninth", "Harbour",
                "C:\\Archive", "(novel)", "& Sons", "Clockmaker", "Meadow", "<Tower>", "🦉 Society",
            ], people: ["Amberline", "Copperkettle", "Quillmoss", "Inkwell \"Ink\" Fern", "Rivet O'Brass"],
            talk: "Talk", user: "User", category: "Category"),
        DemoWiki(
            "data", ["Q910000017", "Q910000042", "Q910000108", "Q910000256", "Q910000733"],
            people: ["Statementweaver", "Propertyplum"], talk: "Talk", user: "User", category: "Category"),
        DemoWiki(
            "ru", ["Янтарный", "мост", "«Тихая»", "Река", "Фонарщик", "Луговой", "девятый", "Ёж", "часовщик"],
            people: ["Янтарник", "Тихий Ёж", "Речная Сова"], talk: "Обсуждение", user: "Участник",
            category: "Категория"),
        DemoWiki(
            "el", ["Κεχριμπάρι", "γέφυρα", "Ήσυχο", "ποτάμι", "Φανός", "«Λιβάδι»", "ωρολογοποιός"],
            people: ["Κουκουβάγια", "Ήσυχος"], talk: "Συζήτηση", user: "Χρήστης", category: "Κατηγορία"),
        DemoWiki(
            "ja", ["琥珀", "の橋", "静かな", "川", "提灯", "第九", "時計師", "フクロウ", "草原", "(小説)"],
            people: ["コハク丸", "静川", "ふくろう🦉"], talk: "ノート", user: "利用者", category: "カテゴリ"),
        DemoWiki(
            "zh", ["琥珀", "桥", "静", "河流", "灯笼", "《草原》", "钟表匠", "𠮷野"], people: ["琥珀客", "静河"],
            talk: "讨论", user: "用户", category: "分类"),
        DemoWiki(
            "fr", ["L'Ambre", "pont", "« Silence »", "rivière", "Réverbère", "neuvième", "Prés", "œuvre", "horloger"],
            people: ["Crépuscule", "Œillet d'encre"], talk: "Discussion", user: "Utilisateur", category: "Catégorie"),
        DemoWiki(
            "ar", ["العنبر", "جسر", "هادئ", "نهر", "فانوس", "التاسع"], people: ["بومة", "نهري"], talk: "نقاش",
            user: "مستخدم", category: "تصنيف"),
    ]
}
