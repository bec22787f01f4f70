import Configuration
import Testing

@Suite struct CommandLineTests {
    private func run(_ words: String...) throws -> Invocation.Run {
        guard case .run(let run) = try Invocation.parse(words) else { throw Unexpected() }
        return run
    }

    private struct Unexpected: Error {}

    @Test func optionsHaveValuesAfterASpaceOrAnEqualsSign() throws {
        let invocation = try run("serve", "--port", "80", "--host=::1", "--demo", "--set", "a.b=c=d", "--set=e.f=")
        #expect(
            invocation.flags.map { [$0.key, $0.value] } == [
                ["http.host", "::1"], ["http.port", "80"], ["demo.enabled", "true"], ["a.b", "c=d"], ["e.f", ""],
            ])
    }

    @Test func whatFollowsTwoDashesIsNoOption() throws {
        #expect(try run("produce", "--quiet", "--", "--file", "-").arguments == ["--file", "-"])
        #expect(try run("produce", "-").arguments == ["-"])
    }

    @Test func helpIsFoundEverywhere() throws {
        #expect(try Invocation.parse([]) == .help(nil))
        #expect(try Invocation.parse(["--help"]) == .help(nil))
        #expect(try Invocation.parse(["--version"]) == .version)
        for command in Command.all {
            #expect(try Invocation.parse([command.name, "--help"]) == .help(command))
            #expect(try Invocation.parse(["help", command.name]) == .help(command))
        }
    }

    @Test func wrongUseIsToldInASentenceThatHelps() throws {
        let mistakes: [[String]] = [
            ["sreve"], ["--prot"], ["serve", "--prot", "80"], ["serve", "--port"], ["serve", "--demo=yes"],
            ["serve", "--port", "1", "--port", "2"], ["serve", "file"], ["serve", "--set", "port"], ["produce"],
            ["consume", "--since", "PT1H"], ["completion"], ["completion", "bash", "zsh"], ["help", "srve"],
            ["serve", "-x"],
        ]
        var text = ""
        for words in mistakes {
            text += "## \(words.joined(separator: " "))\n"
            do {
                text += "NO ERROR \(try Invocation.parse(words))\n"
            } catch {
                text += "\(error)\n"
            }
        }
        #expect(!text.contains("NO ERROR"))
        try Golden.check(text, "Goldens/usage.txt")
    }

    @Test func everyOptionThatIsASettingNamesOneThatExists() {
        for option in Command.all.flatMap(\.options) {
            if let key = option.setting { #expect(Setting.named(key) != nil) }
        }
    }

    @Test func helpOfEveryCommandIsAsCommitted() throws {
        let text = HelpText.program + Command.all.map { "----\n" + HelpText.command($0) }.joined()
        try Golden.check(text, "Goldens/help.txt")
    }

    @Test func theManualPageHasNoWarnings() throws {
        let page = ManualPage.text(version: "1")
        guard let result = try Shell.run("groff -man -Tutf8 -ww >/dev/null", input: page) else { return }
        #expect(result.status == 0)
        #expect(result.errors == "")
        for setting in Setting.all { #expect(page.contains(setting.variable)) }
    }

    @Test func bashCompletesCommandsOptionsAndValues() throws {
        let script = try #require(Completion.script(for: "bash"))
        let calls = """

            complete_at() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _eventstreams; echo "${COMPREPLY[*]}"; }
            complete_at eventstreams ser
            complete_at eventstreams serve --da
            complete_at eventstreams serve --log-level deb
            complete_at eventstreams completion z
            """
        let result = try #require(try Shell.run("bash", input: script + calls))
        #expect(result.errors == "")
        #expect(result.output == "serve\n--data-dir\ndebug\nzsh\n")
    }

    @Test func otherShellsHaveScriptsToo() throws {
        #expect(Completion.script(for: "zsh")?.hasPrefix("#compdef") == true)
        #expect(Completion.script(for: "fish")?.contains("-l data-dir") == true)
        #expect(Completion.script(for: "tcsh") == nil)
    }
}
