package import ToolAuthCore

/// Asks issuers where their endpoints are (RFC 8414, OpenID Connect Discovery), and remembers what they said.
///
/// Lazy: nothing is asked before somebody needs it. Whoever asks for the same issuer at once shares one request. What was
/// read stays in use past its freshness where the issuer cannot be asked again: tokens go on being refreshed.
package actor Discovery {
    /// A failure is not looked into again sooner.
    package static let retryInterval: Duration = .seconds(10)
    private static let timeout: Duration = .seconds(10)
    /// Issuers remembered. Callers can name tenants without end; of those beyond, the one read longest ago is forgotten.
    package static let mostIssuers = 1000

    private struct Key: Hashable {
        let issuer: String
        let options: TransportOptions
    }

    private struct Entry {
        var metadata: ServerMetadata?
        var readAt: Timestamp
        var freshUntil: Timestamp
        var failure: DiscoveryFailure?
        var failedAt: Timestamp?
    }

    private let transport: any HTTPTransport
    private let clock: any WallClock
    private var entries: [Key: Entry] = [:]
    private var underWay: [Key: Task<ServerMetadata, any Error>] = [:]

    package init(transport: any HTTPTransport, clock: any WallClock) {
        self.transport = transport
        self.clock = clock
    }

    /// The metadata of an issuer, which is https or, where `options` allow it, http on loopback.
    ///
    /// - Throws: ``DiscoveryFailure``, and only where there is nothing read before.
    package func metadata(
        of issuer: String, options: TransportOptions
    ) async throws(DiscoveryFailure) -> ServerMetadata {
        let key = Key(issuer: issuer, options: options)
        let now = clock.now
        if let entry = entries[key] {
            // An instant in the future is one of before the clock was set back.
            if let metadata = entry.metadata, entry.readAt <= now, now < entry.freshUntil { return metadata }
            if let failedAt = entry.failedAt, failedAt <= now, now - failedAt < Self.retryInterval {
                if let metadata = entry.metadata { return metadata }
                if let failure = entry.failure { throw failure }
            }
        }
        let task = underWay[key] ?? Task { try await self.read(key) }
        underWay[key] = task
        do {
            return try await task.value
        } catch {
            throw error as? DiscoveryFailure ?? DiscoveryFailure("cannot be read")
        }
    }

    /// What was read may be wrong: an endpoint is not where it was. It is read again when next needed, though not at once
    /// after it was read.
    package func doubt(_ issuer: String, options: TransportOptions) {
        let key = Key(issuer: issuer, options: options)
        guard let entry = entries[key], clock.now - entry.readAt >= Self.retryInterval else { return }
        entries[key]?.freshUntil = entry.readAt
    }

    private func read(_ key: Key) async throws -> ServerMetadata {
        defer { underWay[key] = nil }
        do throws(DiscoveryFailure) {
            let (metadata, lifetime) = try await ask(key)
            let now = clock.now
            remember(Entry(metadata: metadata, readAt: now, freshUntil: now + lifetime), key)
            return metadata
        } catch {
            let now = clock.now
            var entry = entries[key] ?? Entry(readAt: now, freshUntil: now)
            (entry.failure, entry.failedAt) = (error, now)
            remember(entry, key)
            guard let metadata = entry.metadata else { throw error }
            return metadata
        }
    }

    private func remember(_ entry: Entry, _ key: Key) {
        entries[key] = entry
        guard entries.count > Self.mostIssuers else { return }
        let oldest = entries.min { $0.value.readAt < $1.value.readAt }
        if let oldest { entries[oldest.key] = nil }
    }

    private func ask(_ key: Key) async throws(DiscoveryFailure) -> (ServerMetadata, Duration) {
        let urls: [String]
        do throws(InvalidURL) { urls = try MetadataURLs.all(of: key.issuer) } catch {
            throw DiscoveryFailure(error.detail, .refused)
        }
        var first: DiscoveryFailure?
        for url in urls {
            do throws(DiscoveryFailure) {
                return try await ask(url, key)
            } catch {
                // All are on one server: where it cannot be reached, or is ill, the others tell no more.
                if error.isUnreachable { throw error }
                first = first ?? error
            }
        }
        throw first ?? DiscoveryFailure("has no metadata")
    }

    private func ask(_ url: String, _ key: Key) async throws(DiscoveryFailure) -> (ServerMetadata, Duration) {
        var request = HTTPRequest(
            method: .get, url: url, headers: [HTTPRequest.Header("Accept", "application/json")], options: key.options)
        request.timeout = Self.timeout
        switch await transport.send(request) {
        case .failure(let failure):
            throw DiscoveryFailure("cannot be reached: \(failure.detail)", .unreachable)
        case .success(let reply) where reply.status == 200:
            let document = reply.body.withUnsafeBytes { JSONValue(parsing: $0) }
            return (try ServerMetadata(document, issuer: key.issuer), Freshness.lifetime(reply))
        case .success(let reply):
            throw DiscoveryFailure(
                "is answered with status \(reply.status)",
                RefreshClassification.isTransient(reply.status) ? .unreachable : .unusable)
        }
    }
}
