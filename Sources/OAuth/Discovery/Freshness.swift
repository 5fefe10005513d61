package import ToolAuthCore

/// How long a reply may be used again (RFC 9111 §4.2.1), within bounds of ours.
package enum Freshness {
    /// However little a server allows: a hundred grants refreshed within a minute are no reason to ask a hundred times.
    package static let least: Duration = .seconds(300)
    package static let most: Duration = .seconds(86_400)
    /// Where the server says nothing.
    package static let usual: Duration = .seconds(3600)

    /// `max-age` of `Cache-Control`, within ``least`` and ``most``; ``least`` for `no-store` and `no-cache`.
    package static func lifetime(_ reply: HTTPReply) -> Duration {
        guard let header = reply.header("Cache-Control") else { return usual }
        let directives = header.lowercased().utf8.split(separator: UInt8(ascii: ",")).map {
            String(decoding: $0, as: UTF8.self).filter { $0 != " " && $0 != "\t" && $0 != "\"" }
        }
        if directives.contains(where: { $0 == "no-store" || $0 == "no-cache" }) { return least }
        guard let age = directives.first(where: { $0.hasPrefix("max-age=") })?.dropFirst("max-age=".count),
            !age.isEmpty, age.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return usual }
        return min(most, max(least, .seconds(min(Int64(age) ?? .max, 86_400))))
    }
}
