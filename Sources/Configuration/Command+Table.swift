extension Command {
    private static let config = Option("--config", "FILE", "Read settings from this YAML file.", choices: ["file"])
    private static let set = Option(
        "--set", "KEY=VALUE", "Set any setting, such as streaming.heartbeat=5s. May be repeated.", isRepeatable: true)

    /// Every command, in the order of the overview.
    public static let all: [Command] = [serve, produce, consume, checkConfig, completion, man, help]

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
                + "was acknowledged. An event whose acknowledgement was lost may be stored twice; its meta.id is the same.",
        ], arguments: "FILE...", argumentCount: 1...100_000, argumentChoices: ["file"],
        options: [
            Option("--url", "URL", "The intake (http://127.0.0.1:8192/v1/events)."),
            Option("--batch-events", "N", "Events in one request at most (500)."),
            Option("--batch-bytes", "SIZE", "Bytes in one request at most (1MiB)."),
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
                + "and goes on exactly where it was."
        ], arguments: "URL...", argumentCount: 1...1_000, argumentChoices: [],
        options: [
            Option("--since", "TIME", "Start at this time: ISO 8601, epoch milliseconds, or a duration such as PT1H."),
            Option("--until", "TIME", "End at this time."),
            Option("--last", "N", "Start this many events before the end."),
            Option("--limit", "N", "End after this many events."),
            Option("--id", "ID", "Resume at this id."),
            Option(
                "--state", "FILE", "Keep the last id in this file, and resume there when run again.", choices: ["file"]),
            Option("--stats", nil, "Show rates, lag and totals on standard error."),
            Option("--quiet", nil, "Say nothing but errors on standard error."),
        ],
        examples: [
            Example(line: "eventstreams consume http://localhost:8092/v2/stream/recentchange", help: "follow a stream"),
            Example(
                line: "eventstreams consume --since PT1H --limit 1000 http://localhost:8092/v2/stream/page-create",
                help: "a thousand events from an hour ago on"),
        ], exitCodes: ["1: the server refused the request; why is on standard error."])

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
        argumentChoices: ["serve", "produce", "consume", "check-config", "completion", "man"], options: [],
        examples: [],
        exitCodes: [])
}
