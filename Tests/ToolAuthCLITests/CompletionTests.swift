import ArgumentParser
import Testing

@testable import ToolAuthCLI

@Suite("Completion")
struct CompletionTests {
    @Test("what a shell would take apart is not offered; each of the rest is, once")
    func users() {
        let ids = ["bob", "alice", "bob", "a b", "a$b", "it's", #"a\b"#]
        #expect(LiveCompletion.offered(ids, to: nil) == ["alice", "bob"])
    }

    @Test("zsh takes a colon for the beginning of a description, unless it is escaped")
    func colons() {
        #expect(LiveCompletion.offered(["alice:work:2"], to: .zsh) == [#"alice\:work\:2"#])
        for shell in [nil, .bash, .fish] as [CompletionShell?] {
            #expect(LiveCompletion.offered(["alice:work:2"], to: shell) == ["alice:work:2"])
        }
    }
}
