package import ToolAuthCore

extension Callback {
    /// Reads the URL the browser was sent to (RFC 6749 §4.1.2): what follows its first `?`, up to a fragment.
    ///
    /// A parameter without a value counts as absent (RFC 6749 §3.1). Whose URL it is does not matter here: the state
    /// tells.
    ///
    /// - Throws: `invalid-callback` for a URL without parameters or without `state`, a parameter that came twice, and
    ///   escapes that do not decode.
    package init(url: String) throws(ToolAuthError) {
        let target = url.utf8.prefix { $0 != UInt8(ascii: "#") }
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else {
            throw ToolAuthError(
                .invalidCallback, "The URL has no parameters; send the whole URL the browser was sent to.")
        }
        var parameters: [String: String] = [:]
        for pair in target[target.index(after: mark)...].split(separator: UInt8(ascii: "&")) {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            guard let decodedName = percentDecoded(name, plusIsSpace: true),
                let value = percentDecoded(pair.dropFirst(name.count + 1), plusIsSpace: true)
            else {
                throw ToolAuthError(.invalidCallback, "The URL has a broken escape, or is not UTF-8 once decoded.")
            }
            guard parameters.updateValue(value, forKey: decodedName) == nil else {
                throw ToolAuthError(.invalidCallback, "The URL has a parameter more than once.")
            }
        }
        try self.init(parameters: parameters)
    }

    /// - Parameter parameters: all that came, decoded, by name.
    /// - Throws: `invalid-callback` if there is no `state`.
    init(parameters: [String: String]) throws(ToolAuthError) {
        var rest = parameters
        let take = { (name: String) -> String? in
            rest.removeValue(forKey: name).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let state = take("state") else {
            throw ToolAuthError(.invalidCallback, "The callback has no state.")
        }
        let code = take("code").map(Secret.init)
        let issuer = take("iss")
        let error = take("error")
        let errorDescription = take("error_description")
        self.init(
            state: Secret(state), code: code, issuer: issuer, error: error, errorDescription: errorDescription,
            parameters: rest)
    }
}
