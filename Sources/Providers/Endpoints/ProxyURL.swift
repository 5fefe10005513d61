import OAuth
import ToolAuthCore

/// The URL of a proxy.
enum ProxyURL {
    /// - Returns: the URL as written; nil where it is none, and `log` tells why.
    static func check(_ url: Located<String>, _ log: inout ProblemLog) -> String? {
        do throws(InvalidURL) {
            let parsed = try EndpointURL(url.value)
            if (parsed.path.isEmpty || parsed.path == "/") && parsed.query == nil { return url.value }
            log.error(at: url, "takes scheme, host and port of a proxy, such as http://proxy.example.com:3128")
        } catch {
            log.error(at: url, error.detail)
        }
        return nil
    }
}
