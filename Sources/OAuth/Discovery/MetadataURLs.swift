/// Where an issuer's metadata may be.
package enum MetadataURLs {
    /// The places to ask, in this order: the well-known path of RFC 8414 §3.1 between host and path, that of OpenID
    /// Connect between them, and that of OpenID Connect behind the path (Discovery §4). Without a path the last two are
    /// one.
    ///
    /// - Throws: ``InvalidURL`` where `issuer` is no URL or has a query (RFC 8414 §2).
    package static func all(of issuer: String) throws(InvalidURL) -> [String] {
        let url = try EndpointURL(issuer)
        guard url.query == nil else { throw InvalidURL("has a query, which no issuer has") }
        let authority =
            "\(url.scheme.rawValue)://\(url.host)\(url.port == url.scheme.defaultPort ? "" : ":\(url.port)")"
        let path = url.path.utf8.last == UInt8(ascii: "/") ? String(url.path.dropLast()) : url.path
        let inserted = ["oauth-authorization-server", "openid-configuration"].map {
            "\(authority)/.well-known/\($0)\(path)"
        }
        return path.isEmpty ? inserted : inserted + ["\(authority)\(path)/.well-known/openid-configuration"]
    }
}
