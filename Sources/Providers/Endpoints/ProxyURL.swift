import OAuth
import ToolAuthCore

/// The URL of a proxy.
enum ProxyURL {
    /// - Returns: the URL as written; nil where it is none, and `log` tells why.
    static func check(_ url: Located<String>, _ log: inout ProblemLog) -> String? {
        // Only the scheme differs from an endpoint's.
        let socks = ["socks5://", "socks5h://"].first { url.value.lowercased().hasPrefix($0) }
        let asHTTP = socks.map { "http://" + url.value.dropFirst($0.count) } ?? url.value
        do throws(InvalidURL) {
            let parsed = try EndpointURL(asHTTP)
            if (parsed.path.isEmpty || parsed.path == "/") && parsed.query == nil { return url.value }
            log.error(at: url, "takes scheme, host and port of a proxy, such as http://proxy.example.com:3128")
        } catch {
            let hint =
                error.detail == "is neither https nor http"
                ? "is none of http, https, socks5 and socks5h" : error.detail
            log.error(at: url, hint)
        }
        return nil
    }
}
