import OAuth
import ToolAuthCore

extension ConnectionParameter {
    /// Reads an entry of `connection`; what is wrong with it goes to `log`.
    init(name: String, _ section: Section, _ log: inout ProblemLog) {
        self.init(
            name: name, description: section.text("description"), pattern: section.text("pattern"),
            hosts: section.texts("hosts"), defaultValue: section.text("default"))
        if let pattern = section.located("pattern"), Self.compile(pattern.value) == nil {
            log.error(at: pattern, "is not a regular expression")
            self.pattern = nil
        }
        for host in section.locatedTexts("hosts") ?? [] where !Self.isHost(host.value) {
            log.error(at: host, "'\(host.value)' is no host in lower case, such as accounts.example.com")
        }
        if let value = section.located("default"), let problem = problem(with: value.value) {
            log.error(at: value, problem)
        }
    }

    /// Whether it is a host, perhaps with a port, as it stands in a URL.
    private static func isHost(_ text: String) -> Bool {
        guard let url = try? EndpointURL("https://\(text)"), url.path.isEmpty, url.query == nil else { return false }
        return bytesEqual(text, text.lowercased())
    }
}
