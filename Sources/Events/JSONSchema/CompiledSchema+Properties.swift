extension CompiledSchema {
    /// Whether the schema names a property at a path of member names, each in the `properties` of the one before.
    public func hasProperty(at path: [String]) -> Bool {
        var node = program.root
        for name in path {
            guard node >= 0, program.nodes[Int(node)].object >= 0 else { return false }
            let properties = program.objects[Int(program.nodes[Int(node)].object)].properties.indices
            guard
                let found = properties.first(where: { program.names.name(program.properties[$0].name) == name })
            else { return false }
            node = program.properties[found].node
        }
        return node >= 0
    }
}
