/// Schemas that hold for one and the same value, one by way of the other: `allOf`, `not`, `if`, dependencies, and whatever
/// references lead there. A chain of them must end.
enum InPlaceChains {
    /// - Throws: where a chain comes back to where it was, or is longer than `limit`.
    static func check(_ program: SchemaProgram, limit: Int) throws(SchemaError) {
        /// The length of the longest chain from each node on; 0 where it isn't known, -1 while it is looked for.
        var lengths = [Int](repeating: 0, count: program.nodes.count)
        for start in program.nodes.indices where lengths[start] == 0 {
            var open = [(node: start, next: successors(program, start), longest: 0)]
            lengths[start] = -1
            while var top = open.popLast() {
                guard let next = top.next.popLast() else {
                    lengths[top.node] = top.longest + 1
                    guard top.longest < limit else {
                        throw SchemaError(
                            .tooLarge,
                            "The schema at \(program.notes[top.node].path) leads to more than \(limit) others that hold for the same value."
                        )
                    }
                    if !open.isEmpty {
                        open[open.count - 1].longest = max(open[open.count - 1].longest, top.longest + 1)
                    }
                    continue
                }
                guard lengths[next] >= 0 else {
                    throw SchemaError(
                        .invalid, "The schema at \(program.notes[next].path) leads to itself for the same value.")
                }
                if lengths[next] > 0 { top.longest = max(top.longest, lengths[next]) }
                open.append(top)
                if lengths[next] == 0 {
                    lengths[next] = -1
                    open.append((next, successors(program, next), 0))
                }
            }
        }
    }

    private static func successors(_ program: SchemaProgram, _ id: Int) -> [Int] {
        let node = program.nodes[id]
        var found: [SchemaProgram.NodeID] = []
        for step in program.steps[node.steps.indices] {
            switch step {
            case .constant, .oneOfConstants: break
            case .not(let node): found.append(node)
            case .anyOf(let span), .oneOf(let span), .allOf(let span):
                found += program.branches[span.indices]
            case .condition(let test, let then, let otherwise): found += [test, then, otherwise]
            }
        }
        if node.object >= 0 {
            found += program.dependencies[program.objects[Int(node.object)].dependencies.indices].map(\.node)
        }
        return found.filter { $0 >= 0 }.map(Int.init)
    }
}
