import OAuth
import ToolAuthCore

/// Puts a tool's own connection values into the endpoints of its provider, and looks at those that are then whole.
struct EndpointFilling: Sendable {
    let tool: ToolDocument
    let provider: ProviderDocument
    let connection: [String: String]
    let addresses: AddressRules

    /// A part of the provider with its endpoint filled.
    ///
    /// - Parameter name: of its section. A part whose section has no endpoint shares that of another, which tells what is
    ///   wrong with it.
    func at<Part>(
        _ part: Part, _ url: WritableKeyPath<Part, EndpointAddress>, _ name: String, _ log: inout ProblemLog
    ) -> Part {
        var part = part
        let place = provider.endpointPlaces[name]
        do throws(UnfitEndpoint) {
            part[keyPath: url] = try part[keyPath: url].filling({ value(of: $0) }, provider.connection)
            for candidate in part[keyPath: url].candidates { try check(candidate) }
        } catch {
            if let place { log.error(at: place, "\(error.detail) (for tool '\(tool.id)')") }
        }
        return part
    }

    /// The provider's issuer with the places filled that the tool knows.
    func issuer(_ log: inout ProblemLog) -> EndpointTemplate? {
        guard let issuer = provider.issuer, let place = provider.issuerPlace else { return nil }
        do throws(UnfitEndpoint) {
            let filled = try issuer.filling({ value(of: $0) }, provider.connection)
            try check(filled)
            return filled
        } catch {
            log.error(at: place, "\(error.detail) (for tool '\(tool.id)')")
            return nil
        }
    }

    private func check(_ template: EndpointTemplate) throws(UnfitEndpoint) {
        // A default may be another's choice later, and is as good an example of it as any.
        let defaults = try template.filling({ parameter(of: $0)?.defaultValue }, provider.connection)
        // Without any, what is certain of the address is judged now, and the whole of it for each request.
        guard let example = defaults.example else { return }
        if let problem = addresses.problem(try Endpoint(example).url) { throw UnfitEndpoint(problem) }
    }

    private func value(of variable: String) -> String? {
        guard let parameter = parameter(of: variable) else { return nil }
        if let value = connection[parameter.name] { return value }
        // A default that no caller can change is as good as the tool's own.
        return parameter.isOpenToCallers ? nil : parameter.defaultValue
    }

    private func parameter(of variable: String) -> ConnectionParameter? {
        provider.connection.first { bytesEqual(OAuth2Configuration.connectionPrefix + $0.name, variable) }
    }
}
