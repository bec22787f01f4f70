extension Command {
    private static let config = Option("--config", "FILE", "Read settings from this YAML file.", choices: ["file"])
    private static let set = Option(
        "--set", "KEY=VALUE", "Set any setting, such as streaming.heartbeat=5s. May be repeated.", isRepeatable: true)

    private static let caFile = Option(
        "--ca-file", "FILE",
        "Believe servers' certificates from the authorities in this file (PEM) instead of the system's.",
        choices: ["file"])

    private static let color = Option(
        "--color", "WHEN", "auto (on a terminal, unless NO_COLOR is set), always or never.",
        choices: ["auto", "always", "never"])

    /// Every command, in the order of the overview.
    package static let all: [Command] = [
        serve, produce, consume, top, doctor, bench, filter, schemas, streamConfig, checkConfig, completion, man, help,
    ]

    private static let serve = Command(
        name: "serve", summary: "run the server",
        description: [
            "Serves the topics of an append-only log as streams over HTTP, takes events in on a port of its own, and shows "
                + "metrics on a third. The log is embedded (one directory, used by one server at a time), or a Kafka cluster, "
                + "which any number of servers may share.",
            "Settings come from --config, from EVENTSTREAMS_... variables, which beat the file, and from options, which beat "
                + "both. `eventstreams check-config --print` shows all of them.",
            "On SIGTERM or SIGINT the server ends all streams in order and exits with 0; on a second one it exits at once. "
                + "On SIGHUP it reads the stream configuration again.",
        ], arguments: "", argumentCount: 0...0, argumentChoices: [],
        options: [
            config,
            Option("--host", "ADDRESS", "Serve streams at this address.", setting: "http.host"),
            Option("--port", "N", "Serve streams at this port (8092); 0 takes any.", setting: "http.port"),
            Option("--intake-port", "N", "Take events at this port (8192); 0 takes any.", setting: "intake.port"),
            Option(
                "--admin-port", "N", "Show metrics and health at this port (9102); 0 takes any.", setting: "admin.port"),
            Option(
                "--data-dir", "DIR", "Keep the log in this directory (./data).", setting: "storage.data_dir",
                choices: ["directory"]),
            Option(
                "--kafka", "HOST:PORT,...",
                "Keep the log in this Kafka cluster instead; these are some of its brokers.",
                setting: "kafka.brokers"),
            Option("--demo", nil, "Make about 20 invented events a second.", setting: "demo.enabled"),
            Option(
                "--event-loops", "N", "Threads that serve streams; 0 is one for each core.", setting: "http.event_loops"
            ),
            Option(
                "--log-level", "LEVEL", "The least important lines to write.", setting: "logging.level",
                choices: ["trace", "debug", "info", "notice", "warning", "error"]),
            Option("--log-format", "FORMAT", "text or json.", setting: "logging.format", choices: ["text", "json"]),
            set,
        ],
        examples: [
            Example(line: "eventstreams serve --demo", help: "try it out"),
            Example(line: "eventstreams serve --config /etc/eventstreams.yaml", help: "run it"),
            Example(line: "curl -N localhost:8092/v2/stream/recentchange", help: "follow a stream"),
        ], exitCodes: ["1: the server could not start; the reason is on standard error."])

    private static let produce = Command(
        name: "produce", summary: "post events from files",
        description: [
            "Posts events, one JSON object a line, plain or gzip, to a server's intake, in batches. FILE may be - for "
                + "standard input.",
            "When the server can't be reached or has no room it waits and tries again, and never posts an event again that "
                + "was acknowledged. An event without a meta.id gets one, so that the server knows it when it comes again after "
                + "an answer was lost; with --state also when a later run sends it again.",
        ], arguments: "FILE...", argumentCount: 1...100_000, argumentChoices: ["file"],
        options: [
            Option("--url", "URL", "The intake (http://127.0.0.1:8192/v1/events)."),
            Option("--batch-events", "N", "Events in one request at most (500)."),
            Option("--batch-bytes", "SIZE", "Bytes in one request at most (1MiB)."),
            Option(
                "--hasty", nil,
                "Don't wait until events are stored: quicker, and some may be lost if the server fails just then."),
            caFile,
            Option(
                "--state", "FILE", "Note what is done in this file, and go on from there when run again.",
                choices: ["file"]),
            Option("--quiet", nil, "Show no progress."),
        ],
        examples: [
            Example(line: "eventstreams produce events.ndjson.gz", help: "post a file"),
            Example(line: "generate | eventstreams produce -", help: "post what a program writes"),
        ],
        exitCodes: [
            "1: some events were refused, or the server could not be reached; what and why is on standard error."
        ])

    private static let consume = Command(
        name: "consume", summary: "follow streams",
        description: [
            "Follows streams and prints each event as one line of JSON. When the connection is lost it comes back by itself "
                + "and goes on exactly where it was.",
            "A STREAM is a URL, of which http:// may be left out, or only a name: then of a server on this machine, at port "
                + "\(ServerSettings().http.port).",
        ], arguments: "STREAM...", argumentCount: 1...1_000, argumentChoices: [],
        options: [
            Option("--since", "TIME", "Start at this time: ISO 8601, epoch milliseconds, or a duration such as PT1H."),
            Option("--until", "TIME", "End at this time."),
            Option("--last", "N", "Start this many events before the end."),
            Option(
                "--filter", "EXPRESSION", "Only events for which this holds, such as 'wiki == \"enwiki\" && !bot'."),
            Option(
                "--match", "FIELD=VALUES",
                "Only events whose field has one of these values: wiki=enwiki,dewiki, title=Talk:*, bot=!true. "
                    + "May be repeated: all must hold.", isRepeatable: true),
            Option(
                "--fields", "PATHS",
                "Only these fields, separated by commas: title,meta.domain, or without some: -comment."),
            Option(
                "--shard", "I/N",
                "Only the I-th of N shares of the streams, from 0 on, such as 0/4: for workers that divide a stream."),
            Option(
                "--columns", "PATHS",
                "Print these fields as columns: meta.dt,wiki,title. Aligned and in colours on a terminal, else separated by tabs."
            ),
            color,
            Option("--limit", "N", "End after this many events."),
            Option("--id", "ID", "Resume at this id."),
            Option(
                "--state", "FILE", "Keep the last id in this file, and resume there when run again.", choices: ["file"]),
            Option("--no-gzip", nil, "Don't ask for gzip, which makes streams several times smaller."),
            caFile,
            Option("--stats", nil, "Show rates, lag and totals on standard error."),
            Option("--quiet", nil, "Say nothing but errors on standard error."),
        ],
        examples: [
            Example(line: "eventstreams consume recentchange", help: "follow a stream of this machine's server"),
            Example(line: "eventstreams consume https://HOST/v2/stream/recentchange", help: "follow a stream"),
            Example(
                line: "eventstreams consume --since PT1H --limit 1000 http://localhost:8092/v2/stream/page-create",
                help: "a thousand events from an hour ago on"),
            Example(
                line: "eventstreams consume --filter 'length.new - length.old > 1000' --match wiki=enwiki recentchange",
                help: "large additions to one wiki"),
            Example(line: "eventstreams consume --columns meta.dt,wiki,title recentchange", help: "a table to look at"),
        ], exitCodes: ["1: the server refused the request; why is on standard error."])

    private static let top = Command(
        name: "top", summary: "show what is most frequent, live",
        description: [
            "Follows a stream and shows which values of a field come how often: events a second in the last few looks, the share of all "
                + "and the count since the beginning. ^C ends it.",
            "It remembers 2,000 values at most: where there are more, the rarest give place, and a count with a ~ may be too high.",
            "Where the output is no terminal, and with --once, tables are printed as lines separated by tabs.",
        ], arguments: "STREAM", argumentCount: 1...1, argumentChoices: [],
        options: [
            Option(
                "--by", "PATHS", "Count the values of this field, or of several together (meta.stream,wiki)."),
            Option("--filter", "EXPRESSION", "Only events for which this holds."),
            Option(
                "--match", "FIELD=VALUES", "Only events whose field has one of these values. May be repeated.",
                isRepeatable: true),
            Option("--since", "TIME", "Start at this time, such as PT1H."),
            Option("--until", "TIME", "End at this time."),
            Option("--rows", "N", "Show this many values at most (as many as fit; 20 without a terminal)."),
            Option("--interval", "SECONDS", "Look this often (2), or count this long with --once (10)."),
            Option("--once", nil, "Print one table and end."),
            caFile, color,
        ],
        examples: [
            Example(line: "eventstreams top recentchange", help: "which wikis change most"),
            Example(
                line: "eventstreams top --by user --match wiki=enwiki --filter '!bot' recentchange",
                help: "who edits most in one wiki"),
            Example(
                line: "eventstreams top --once --by type --interval 60 https://HOST/v2/stream/recentchange",
                help: "a minute's count, for a program"),
        ], exitCodes: ["1: the server refused the request; why is on standard error."])

    private static let doctor = Command(
        name: "doctor", summary: "check the way from a client to a stream",
        description: [
            "Follows a stream as a client would, for some seconds on several connections at once, and says what stands between: does a "
                + "proxy hold events back? Does it cut connections that are silent until the next heartbeat, or old? Do clients go on "
                + "behind their last id, with nothing missing and nothing twice? HTTP/2, gzip, clocks, the certificate's end, CORS.",
            "Each line says what was seen; behind an arrow, what to change. Works with other servers of Server-Sent Events too, "
                + "such as Wikimedia's, as far as they do what is tried.",
        ], arguments: "STREAM", argumentCount: 1...1, argumentChoices: [],
        options: [
            Option(
                "--seconds", "N",
                "Watch this long (20). With fewer than 16 a timeout that is just below the heartbeat is not seen."),
            Option("--json", nil, "Print the findings as one JSON object."),
            caFile, color,
        ],
        examples: [
            Example(line: "eventstreams doctor https://HOST/v2/stream/recentchange", help: "look through your proxies"),
            Example(
                line: "eventstreams doctor --json --seconds 5 recentchange",
                help: "a quick look at this machine's server"),
        ], exitCodes: ["1: something is bad: clients will suffer from it."])

    private static let bench = Command(
        name: "bench", summary: "put a load on a server and check it",
        description: [
            "Opens many clients of one stream, of this or any other server of Server-Sent Events, measures for a while, and "
                + "checks by the events' ids that every client got every event, once and in order: what one client got must "
                + "reach all. One thread serves all clients.",
            "To a server on a loopback address clients connect from several addresses, since one has about 28,000 ports. "
                + "Such a server must allow so many for one address (http.max_connections_per_address=0).",
            "Latency is from the time in an event until a client has read it; with fewer than 2,000 events a second it is that "
                + "of all, else of a part. Arrival ends when the kernel had it for the client, so that it is the server's own: "
                + "this program's share of the other is left out. Of events that are read together it is that of the last.",
        ], arguments: "[URL]", argumentCount: 0...1, argumentChoices: [],
        options: [
            Option(
                "--url", "URL",
                "The stream, such as http://127.0.0.1:8092/v2/stream/recentchange. Over https any certificate is believed."
            ),
            Option("--clients", "N", "Clients at once, each with a connection of its own unless --h2 (100)."),
            Option("--seconds", "N", "How long to measure once all are connected (10)."),
            Option("--warm-up", "N", "Seconds before that, once all are connected, in which nothing is measured (0)."),
            Option("--from-start", nil, "Measure from the first connection on, such as for a backlog."),
            Option("--rate", "N", "Clients begun in a second, instead of as fast as they are answered."),
            Option("--waiting", "N", "Clients that may wait for their answer at once (200)."),
            Option("--gzip", nil, "Accept gzip."),
            Option(
                "--h2", nil,
                "Speak HTTP/2: over TLS as agreed (ALPN), else without asking for it first (prior knowledge)."),
            Option(
                "--streams-per-connection", "N",
                "Clients that share a connection with --h2 (100), or fewer where the server allows fewer."),
            Option("--json", nil, "Print the result as one JSON object."),
            Option("--pid", "PID", "Also measure this process, the server."),
            Option(
                "--timestamp-field", "FIELD",
                "Where an event has its time (/meta/dt): a JSON pointer or names with dots; none for no latency. ISO 8601 in "
                    + "UTC, or Unix time in s, ms, us or ns, told apart by size."),
            Option("--last-event-id", "ID", "Begin after this id."),
            Option("--header", "NAME: VALUE", "Send this header too. May be repeated.", isRepeatable: true),
        ],
        examples: [
            Example(
                line: "eventstreams bench --clients 1000 http://127.0.0.1:8092/v2/stream/recentchange",
                help: "a thousand clients of a live stream"),
            Example(
                line:
                    "eventstreams bench --from-start 'http://127.0.0.1:8092/v2/stream/recentchange?since=PT1H&until=PT0S'",
                help: "an hour of history for a hundred clients"),
        ],
        exitCodes: [
            "1: events were lost, repeated or out of order, or clients were not served; the report says which."
        ])

    private static let filter = Command(
        name: "filter", summary: "check a filter",
        description: [
            "Reads a filter as a stream's parameter `filter` would, and tells it in words. With a FILE of events, one JSON "
                + "object a line, plain or gzip, it also tells how many match, shows one that does and one that doesn't, and "
                + "warns of what can never be true there. FILE may be - for standard input.",
            "With verdicts FILTERS FILE it holds each filter of a file, one a line, against each event of the other, and prints a "
                + "line for each filter: 1 for an event that it holds for, 0 for another.",
        ], arguments: "check EXPRESSION [FILE]", argumentCount: 2...3, argumentChoices: ["check", "verdicts"],
        options: [],
        examples: [
            Example(
                line: "eventstreams filter check 'wiki == \"enwiki\" && !bot' events.ndjson",
                help: "try a filter on recorded events")
        ], exitCodes: ["1: the filter is wrong, or the file can't be read; why is on standard error."])

    private static let schemas = Command(
        name: "schemas", summary: "keep a repository of schemas",
        description: [
            "Keeps schemas of events as Wikimedia does: a folder for each title, in it `current.yaml`, which people edit, and "
                + "the versions made from it, such as `1.0.0.yaml`, which never change. A schema may refer to others ($ref) and "
                + "join them (allOf); its versions stand by themselves.",
            "new TITLE begins a schema. materialize [TITLE...] makes the version that `current.yaml` names, and its links. "
                + "check [DIR] runs the repository's tests: structure, robustness, and that every version takes what the one "
                + "before it took. diff OLD NEW tells in words what a change would break. dereference FILE prints a schema with "
                + "everything in it that it refers to. validate SCHEMA [EVENTS] says for each line of a file of events what is wrong "
                + "with it by a schema.",
            "`.jsonschema-tools.yaml` in DIR is read: where the schemas are, their forms, and which tests are skipped for which. "
                + "As a git hook (.git/hooks/pre-commit): `eventstreams schemas materialize && git add jsonschema && eventstreams "
                + "schemas check`.",
        ], arguments: "ACTION [ARGUMENT]...", argumentCount: 1...10_000,
        argumentChoices: ["check", "materialize", "dereference", "diff", "validate", "new"],
        options: [
            Option("--dir", "DIR", "The repository, unless an argument names it (.).", choices: ["directory"]),
            Option(
                "--base", "DIR", "Also look for references in this repository. May be repeated.",
                choices: ["directory"],
                isRepeatable: true),
            Option("--skip", "TEST", "Leave a test out, such as latest-link. May be repeated.", isRepeatable: true),
            Option("--force", nil, "Write over a version that is there. Nobody must have it yet."),
            Option("--json", nil, "Print JSON instead of YAML."),
        ],
        examples: [
            Example(line: "eventstreams schemas new shop/order", help: "begin a schema"),
            Example(
                line: "eventstreams schemas materialize shop/order",
                help: "make the version that its current.yaml names"),
            Example(line: "eventstreams schemas check .", help: "test the repository, as before a merge"),
            Example(
                line: "eventstreams schemas diff jsonschema/shop/order/1.0.0.yaml jsonschema/shop/order/current.yaml",
                help: "what would break"),
        ],
        exitCodes: [
            "1: something is wrong with a schema, or a change breaks without a new major number; what is on standard error."
        ])

    private static let streamConfig = Command(
        name: "config", summary: "compare stream configurations",
        description: [
            "diff OLD NEW tells in words what changes from one stream configuration to another, and what of it breaks those who "
                + "read or send events: streams and topics that go, schemas that change. Each is a file, a directory of files, or "
                + "an http(s) URI, as in the setting streams.config."
        ], arguments: "diff OLD NEW", argumentCount: 1...3, argumentChoices: ["diff"],
        options: [Option("--path", "STEPS", "Where in the documents the streams are, in steps with dots.")],
        examples: [
            Example(
                line: "eventstreams config diff streams.yaml changed.yaml",
                help: "look at a change before it is taken over"),
            Example(
                line: "eventstreams config diff http://HOST/v2/streams-config streams.yaml",
                help: "what a server would make of a file"),
        ], exitCodes: ["1: something breaks, or a configuration is wrong; what is on standard error."])

    private static let checkConfig = Command(
        name: "check-config", summary: "check a configuration",
        description: [
            "Reads settings as `serve` would, and the stream configuration they name, and says all that is wrong with them."
        ], arguments: "", argumentCount: 0...0, argumentChoices: [],
        options: [config, Option("--print", nil, "Print every setting with its value, as a file to start from."), set],
        examples: [
            Example(line: "eventstreams check-config --config eventstreams.yaml", help: "check a file"),
            Example(line: "eventstreams check-config --print > eventstreams.yaml", help: "make a file to start from"),
        ], exitCodes: ["1: something is wrong; what is on standard error."])

    private static let completion = Command(
        name: "completion", summary: "print a shell's completions",
        description: ["Prints a script that lets a shell complete this program's commands and options."],
        arguments: "bash|zsh|fish", argumentCount: 1...1, argumentChoices: ["bash", "zsh", "fish"], options: [],
        examples: [
            Example(line: "source <(eventstreams completion bash)", help: "for this shell"),
            Example(
                line: "eventstreams completion fish > ~/.config/fish/completions/eventstreams.fish", help: "for good"),
        ], exitCodes: [])

    private static let man = Command(
        name: "man", summary: "print the manual page",
        description: ["Prints the manual page in the form that man reads."], arguments: "", argumentCount: 0...0,
        argumentChoices: [], options: [],
        examples: [Example(line: "eventstreams man | man -l -", help: "read it")], exitCodes: [])

    private static let help = Command(
        name: "help", summary: "show help for a command", description: ["Shows what a command does and takes."],
        arguments: "[COMMAND]", argumentCount: 0...1,
        argumentChoices: [
            "serve", "produce", "consume", "top", "doctor", "bench", "filter", "schemas", "config", "check-config",
            "completion", "man",
        ],
        options: [],
        examples: [],
        exitCodes: [])
}
