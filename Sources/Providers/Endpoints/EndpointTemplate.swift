import OAuth
import ToolAuthCore

/// The URL of an endpoint with places for connection values.
struct EndpointTemplate: Sendable {
    let template: Located<Template>
    /// As written.
    let text: String

    /// Reads `endpoint` of a section.
    ///
    /// - Returns: nil where there is none, or it can never make a URL; `log` tells why.
    init?(_ section: Section, _ check: TemplateCheck, _ log: inout ProblemLog) {
        guard let located = section.located("endpoint"), let template = try? Template(located.value) else { return nil }
        text = located.value
        self.template = located.map { _ in template }
        check.endpoint(self.template, &log)
        for variable in authorityVariables {
            guard let parameter = check.parameter(variable), !parameter.mayBeHost else { continue }
            log.error(
                at: located, "'${\(variable)}' stands in the host, so its connection entry needs a 'pattern' or 'hosts'"
            )
        }
        if case .variable? = template.parts.first {
            log.error(at: located, "begins with a template; write the scheme out")
        }
        if template.variables.isEmpty, !text.isEmpty {
            do throws(InvalidURL) { _ = try EndpointURL(text) } catch { log.error(at: located, error.detail) }
        }
    }

    /// Why connection values make no endpoint, in words that follow its name.
    struct Unfit: Error, Sendable, Equatable {
        let detail: String
    }

    /// The URL for these connection values.
    ///
    /// In the host a value stands as it is, and must be made of a host's characters; behind it, it is percent-encoded.
    func expand(_ connection: [String: String]) throws(Unfit) -> (text: String, url: EndpointURL) {
        var text = ""
        for part in template.value.parts {
            switch part {
            case .literal(let literal): text += literal
            case .variable(let name):
                guard let value = connection[String(name.dropFirst("connection.".count))] else {
                    throw Unfit(detail: "needs ${\(name)}, which has no value")
                }
                guard Self.endsInAuthority(text) else {
                    text += PercentEncoding.encode(value)
                    continue
                }
                guard value.utf8.allSatisfy(Self.isAuthorityCharacter) else {
                    throw Unfit(detail: "would have '\(value)' in its host, which is no part of one")
                }
                text += value
            }
        }
        do throws(InvalidURL) { return (text, try EndpointURL(text)) } catch { throw Unfit(detail: error.detail) }
    }

    /// The names that stand in scheme, host or port.
    private var authorityVariables: [String] {
        var names: [String] = []
        var url = ""
        for part in template.value.parts {
            switch part {
            case .literal(let literal): url += literal
            case .variable(let name):
                if Self.endsInAuthority(url) { names.append(name) }
                url += "x"
            }
        }
        return names
    }

    /// Whether what is put behind `url` is still of its scheme, host or port.
    private static func endsInAuthority(_ url: String) -> Bool {
        let bytes = Array(url.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let rest = bytes[(colon + 1)...].drop { $0 == UInt8(ascii: "/") }
        return !rest.contains { "/?#\\".utf8.contains($0) }
    }

    /// A letter, digit, hyphen or dot, and the colon before a port.
    private static func isAuthorityCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-.:".utf8.contains(byte)
        }
    }
}
