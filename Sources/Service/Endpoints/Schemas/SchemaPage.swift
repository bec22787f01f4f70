package import Catalogue
internal import HTTP
package import JSON
package import Schemas

/// The pages to browse schemas, made here: no script is needed to read them.
package enum SchemaPage {
    /// A folder with the folders and schemas in it.
    ///
    /// - Parameter names: as the repositories have them; those of folders end with a slash.
    package static func folder(
        _ path: String, names: [String], versions: [SemanticVersion], streams: [PublicStream]
    ) -> Document {
        var body = ""
        if !versions.isEmpty {
            body += "<h2>Versions</h2>\n<ul>\n"
            for version in versions.reversed() {
                body += "<li>" + HTMLText.link("/schemas/\(path)/\(version)", "\(version)") + "</li>\n"
            }
            body += "</ul>\n" + used(by: streams)
        }
        let folders = names.filter { $0.hasSuffix("/") }
        if !folders.isEmpty {
            body += versions.isEmpty ? "<ul>\n" : "<h2>Below it</h2>\n<ul>\n"
            for name in folders {
                let place = path.isEmpty ? name : "\(path)/\(name)"
                body += "<li>" + HTMLText.link("/schemas/\(place)", String(name.dropLast())) + "</li>\n"
            }
            body += "</ul>\n"
        }
        if path.isEmpty, folders.isEmpty {
            body +=
                "<p>There are no schemas here: the operator may name repositories in <code>schemas.repositories</code>.</p>\n"
        }
        return page(title: path.isEmpty ? "Schemas" : path, path: path, body)
    }

    /// One version of a schema: what it is for, its fields, its examples, and the streams that have such events.
    ///
    /// - Parameter schema: dereferenced and merged.
    package static func schema(
        _ name: SchemaName, _ schema: JSONValue, versions: [SemanticVersion], streams: [PublicStream]
    ) -> Document {
        var body = "<p>\(HTMLText.escaped(schema["description"]?.string ?? ""))</p>\n"
        let others = versions.reversed().map { version in
            "\(version)" == name.version
                ? "<strong>\(version)</strong>" : HTMLText.link("/schemas/\(name.title)/\(version)", "\(version)")
        }
        body += "<p>Versions: \(others.joined(separator: ", ")). This one as "
        body += SchemaForm.allCases.map { form in
            HTMLText.link("/schemas/\(name.title)/\(name.version).\(form.ending)", form.ending.uppercased())
        }.joined(separator: " and ")
        body += ".</p>\n" + used(by: streams) + "<h2>Fields</h2>\n"
        let fields = SchemaFields(of: schema)
        body += "<div class=\"wide\"><table class=\"fields\">\n"
        body += "<thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead>\n<tbody>\n"
        for row in fields.rows {
            let required = row.isRequired ? " <small>required</small>" : ""
            let limits =
                row.limits.isEmpty ? "" : "<br><small>\(HTMLText.escaped(row.limits.joined(separator: "; ")))</small>"
            body += "<tr><td><code>\(HTMLText.escaped(row.name))</code>\(required)</td>"
            body +=
                "<td>\(HTMLText.escaped(row.type))</td><td>\(HTMLText.escaped(row.description))\(limits)</td></tr>\n"
        }
        body += "</tbody></table></div>\n"
        let examples = schema["examples"]?.array ?? []
        if !examples.isEmpty { body += "<h2>\(examples.count == 1 ? "Example" : "Examples")</h2>\n" }
        for example in examples {
            let text = String(decoding: example.indentedBytes.dropLast(), as: UTF8.self)
            body += "<pre><code>\(HTMLText.escaped(text))</code></pre>\n"
        }
        return page(title: "\(name.title) \(name.version)", path: "\(name.title)/\(name.version)", body)
    }

    private static func used(by streams: [PublicStream]) -> String {
        guard !streams.isEmpty else { return "" }
        let links = streams.map { HTMLText.link("/v2/ui/#/?streams=\($0.name)", $0.name) }
        return "<p>Events of \(links.joined(separator: ", ")).</p>\n"
    }

    private static func page(title: String, path: String, _ body: String) -> Document {
        var crumbs = HTMLText.link("/schemas/", "Schemas")
        var place = "/schemas"
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            place += "/\(part)"
            crumbs +=
                " / " + (index == parts.count - 1 ? HTMLText.escaped(part) : HTMLText.link(place + "/", String(part)))
        }
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(HTMLText.escaped(title))</title>
            <link rel="icon" href="/v2/ui/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/v2/ui/style.css">
            </head>
            <body>
            <header class="top">
              <h1><a href="/v2/ui/">EventStreams</a></h1>
              <nav aria-label="About">
                <a href="/v2/ui/">Watch events</a>
                <a href="/v2/stream">Streams</a>
                <a href="/?doc">How to use it</a>
              </nav>
            </header>
            <main class="doc">
            <p>\(crumbs)</p>
            <h2>\(HTMLText.escaped(title))</h2>
            \(body)</main>
            </body>
            </html>

            """
        return Document(
            type: "text/html; charset=utf-8", body: Array(html.utf8),
            headers: StaticFiles.headers + [.init("Vary", "Accept")])
    }
}
