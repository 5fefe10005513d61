import OAuth
import ToolAuthCore

/// An endpoint as a document gives it, with the place it is told at when a tool's values do not fit it.
struct EndpointDocument: Sendable {
    let address: EndpointAddress
    let place: Located<String>

    /// Reads `endpoint` of a section: one, or a list.
    ///
    /// - Parameter metadata: what `${metadata.NAME}` can name when it is used.
    /// - Returns: nil where there is none, or one can never make a URL; `log` tells why.
    init?(_ section: Section, _ check: TemplateCheck, metadata: [String], _ log: inout ProblemLog) {
        let found = section.located("endpoint").map { [$0] } ?? section.locatedTexts("endpoint") ?? []
        guard let first = found.first else {
            if let name = section.name("endpoint") { log.error(at: name, "names no endpoint") }
            return nil
        }
        place = first
        var candidates: [EndpointTemplate] = []
        for located in found {
            guard let template = Self.read(located, check, metadata: metadata, &log) else { continue }
            candidates.append(template)
        }
        guard candidates.count == found.count else { return nil }
        address = EndpointAddress(candidates)
    }

    /// Reads a URL with places for values.
    static func read(
        _ located: Located<String>, _ check: TemplateCheck, metadata: [String], _ log: inout ProblemLog
    ) -> EndpointTemplate? {
        // What is no text for a URL at all was told by the schema.
        guard !located.value.isEmpty, let template = try? Template(located.value) else { return nil }
        check.endpoint(located.map { _ in template }, metadata: metadata, &log)
        let endpoint = EndpointTemplate(template)
        for place in endpoint.authorityPlaces {
            guard let problem = problem(place, check) else { continue }
            log.error(at: located, problem)
            return nil
        }
        if let example = endpoint.example {
            do throws(UnfitEndpoint) { _ = try Endpoint(example) } catch {
                log.error(at: located, error.detail)
                return nil
            }
        }
        return endpoint
    }

    /// Why this value may not decide which host is asked; nil: it may.
    private static func problem(_ place: AuthorityPlace, _ check: TemplateCheck) -> String? {
        let parameter = place.parameter(check.connection)
        if place.isMetadata {
            guard parameter?.hosts == nil else { return nil }
            let entry = String(place.name.dropFirst(OAuth2Configuration.metadataPrefix.count))
            return "'${\(place.name)}' stands in the host, so there must be a connection entry '\(entry)' with 'hosts'"
        }
        // What names nothing was told with the templates.
        guard place.name.hasPrefix(OAuth2Configuration.connectionPrefix) else {
            return "'${\(place.name)}' stands in the host, where only connection and metadata may"
        }
        guard let parameter, !parameter.mayBeHost else { return nil }
        return "'${\(place.name)}' stands in the host, so its connection entry needs a 'pattern' or 'hosts'"
    }
}
