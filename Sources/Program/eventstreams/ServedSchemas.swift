internal import Configuration
internal import EmbeddedLog
internal import SchemaLibrary
internal import Schemas
internal import Telemetry

/// Where the schemas come from, and how they are kept new.
enum ServedSchemas {
    /// Nil: there are none.
    ///
    /// - Throws: a sentence that says what to change.
    static func library(_ settings: ServerSettings) throws(Environment.Failure) -> SchemaLibrary? {
        var schemas = settings.schemas
        guard !schemas.repositories.isEmpty else { return nil }
        if schemas.cacheDirectory.isEmpty { schemas.cacheDirectory = settings.embeddedLog.directory + "/schemas" }
        do throws(SchemaError) {
            let start = ContinuousClock.now
            return try SchemaLibrary(schemas, now: { (ContinuousClock.now - start).components.seconds * 1000 })
        } catch {
            throw Environment.Failure("schemas.repositories: \(error)")
        }
    }

    /// Looks for new schemas: now where some have to be fetched, then every so often.
    static func refresh(_ library: SchemaLibrary?, every milliseconds: Int64, _ logger: Logger) async {
        guard let library else { return }
        // The directories were read a moment ago.
        if library.addresses.isEmpty {
            guard milliseconds > 0 else { return }
            do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
        }
        var last: [SchemaError] = []
        while !Task.isCancelled {
            let before = library.shelf.version
            let problems = await library.refresh()
            // What is wrong is told once, not each time it is seen.
            for problem in problems where !last.contains(problem) {
                logger.warning("schemas can't be read anew; those from before stay", ("error", "\(problem)"))
            }
            last = problems
            let shelf = library.shelf
            if shelf.version != before { logger.info("the schemas have changed", ("titles", shelf.titles.count)) }
            guard milliseconds > 0 else { return }
            do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
        }
    }
}
