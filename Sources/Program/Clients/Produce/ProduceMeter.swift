/// Counts and tells how producing goes.
struct ProduceMeter {
    private let environment: ClientEnvironment
    private let isQuiet: Bool
    /// What became of good events.
    private let verb: String
    private let start: Int64
    private var shown: Int64 = 0
    private var stored: Int64 = 0
    private var bytes: Int64 = 0
    private(set) var refused: Int64 = 0

    init(_ environment: ClientEnvironment, isQuiet: Bool, isHasty: Bool = false) {
        self.environment = environment
        self.isQuiet = isQuiet
        verb = isHasty ? "accepted" : "stored"
        start = environment.now()
    }

    mutating func store(_ count: Int) {
        stored += 1
        bytes += Int64(count)
    }

    mutating func refuse(_ file: String, _ line: Int64, _ reason: String) {
        refused += 1
        environment.tell("\(file) line \(line) was refused: \(reason)")
    }

    func say(_ sentence: String) { if !isQuiet { environment.tell(sentence) } }

    /// The progress line, once a second at most.
    mutating func show() {
        let now = environment.now()
        guard !isQuiet, let progress = environment.progress, now - shown >= 1000 else { return }
        shown = now
        progress(sentence)
    }

    func finish() {
        guard !isQuiet else { return }
        environment.progress?("")
        environment.tell(sentence)
    }

    private var sentence: String {
        let time = environment.now() - start
        let rate = Figures.tenths(Figures.rate(stored, milliseconds: time))
        return Figures.counted(stored, "event") + " \(verb) (\(Figures.bytes(bytes))), \(refused) refused, in "
            + "\(Figures.tenths(Double(time) / 1000)) s: \(rate) a second"
    }
}
