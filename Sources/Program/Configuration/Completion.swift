/// Scripts that let shells complete commands and options.
package enum Completion {
    /// - Parameter shell: bash, zsh or fish; nil for any other.
    package static func script(for shell: String) -> String? {
        switch shell {
        case "bash": bash
        // zsh reads bash's completions.
        case "zsh": "#compdef eventstreams\nautoload -U +X bashcompinit && bashcompinit\n" + bash
        case "fish": fish
        default: nil
        }
    }

    private static var bash: String {
        var lines = [
            "_eventstreams() {", "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}",
            "    local command=${COMP_WORDS[1]} words=''", "    COMPREPLY=()", "    if [[ $COMP_CWORD -eq 1 ]]; then",
            "        words='\(Command.all.map(\.name).joined(separator: " ")) --help --version'", "    else",
            "        case $command:$previous in",
        ]
        for command in Command.all {
            for option in command.options where option.value != nil {
                lines.append("        \(command.name):\(option.name)) \(bashValue(option.choices)) ;;")
            }
        }
        lines += ["        *)", "            case $command in"]
        for command in Command.all {
            let names = (command.options + Command.common).map(\.name)
            let words = names + command.argumentChoices.filter { $0 != "file" }
            let files =
                command.argumentChoices == ["file"]
                ? "; [[ $current != -* ]] && COMPREPLY=($(compgen -f -- \"$current\"))" : ""
            lines.append("            \(command.name)) words='\(words.joined(separator: " "))'\(files) ;;")
        }
        lines += [
            "            esac ;;", "        esac", "    fi",
            "    COMPREPLY+=($(compgen -W \"$words\" -- \"$current\"))", "}",
            "complete -o filenames -F _eventstreams eventstreams",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func bashValue(_ choices: [String]) -> String {
        switch choices {
        case ["file"]: "COMPREPLY=($(compgen -f -- \"$current\")); return"
        case ["directory"]: "COMPREPLY=($(compgen -d -- \"$current\")); return"
        default: "words='\(choices.joined(separator: " "))'"
        }
    }

    private static var fish: String {
        var lines = ["complete -c eventstreams -f"]
        for command in Command.all {
            lines.append(
                "complete -c eventstreams -n __fish_use_subcommand -a \(command.name) -d '\(quoted(command.summary))'")
            let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
            for option in command.options + Command.common {
                var line =
                    "complete -c eventstreams \(condition) -l \(option.name.dropFirst(2)) -d '\(quoted(option.help))'"
                if option.value != nil { line += " -r" }
                if option.choices == ["file"] {
                    line += " -F"
                } else if option.choices == ["directory"] {
                    line += " -a '(__fish_complete_directories)'"
                } else if !option.choices.isEmpty {
                    line += " -a '\(option.choices.joined(separator: " "))'"
                }
                lines.append(line)
            }
            if command.argumentChoices == ["file"] {
                lines.append("complete -c eventstreams \(condition) -F")
            } else if !command.argumentChoices.isEmpty {
                lines.append(
                    "complete -c eventstreams \(condition) -a '\(command.argumentChoices.joined(separator: " "))'")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String { String(text.map { $0 == "'" ? "’" : $0 }) }
}
