/// Where an endpoint is: at the first of these templates whose places all have values, or, where there is none, where the
/// issuer's metadata says.
package struct EndpointAddress: Sendable, Equatable {
    package var candidates: [EndpointTemplate]

    package init(_ candidates: [EndpointTemplate]) {
        self.candidates = candidates
    }

    /// A URL with nothing to fill in.
    package init(literal url: String) {
        candidates = [EndpointTemplate(Template(literal: url))]
    }

    /// As the issuer's metadata says (RFC 8414).
    package static let discovered = EndpointAddress([])

    package var isDiscovered: Bool { candidates.isEmpty }

    /// The endpoint for these values.
    ///
    /// A value that may not stand where it would is an error, and no reason to try the next template: somebody put it
    /// there.
    ///
    /// - Parameter discovered: what the issuer's metadata says; nil: nothing.
    /// - Throws: ``UnfitEndpoint``.
    package func resolve(
        _ values: (String) -> String?, _ parameters: [ConnectionParameter], discovered: String? = nil
    ) throws(UnfitEndpoint) -> Endpoint {
        if isDiscovered {
            guard let discovered else { throw UnfitEndpoint("is not in the issuer's metadata") }
            return try Endpoint(discovered)
        }
        for candidate in candidates where candidate.template.variables.allSatisfy({ values($0) != nil }) {
            return try candidate.expand(values, parameters)
        }
        // None has all it needs: the last one, which needs least, tells what is missing.
        return try candidates[candidates.count - 1].expand(values, parameters)
    }

    /// The address with the places filled that have a value.
    package func filling(
        _ values: (String) -> String?, _ parameters: [ConnectionParameter]
    ) throws(UnfitEndpoint) -> EndpointAddress {
        var filled: [EndpointTemplate] = []
        for candidate in candidates { filled.append(try candidate.filling(values, parameters)) }
        return EndpointAddress(filled)
    }

    /// `scheme://host:port`, where it is the same whatever values there are.
    package var origin: String? {
        let origins = candidates.map(\.origin)
        guard let first = origins.first, origins.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// As a document would have it; nil: discovered.
    package var text: String? {
        isDiscovered ? nil : candidates.map(\.text).joined(separator: ", ")
    }
}

extension EndpointAddress: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        candidates = [EndpointTemplate(Template(stringLiteral: text))]
    }
}
