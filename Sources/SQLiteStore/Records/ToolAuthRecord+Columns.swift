import ToolAuthCore

extension ToolAuthRecord {
    /// - Parameter columns: begin with those of ``RecordColumns/selection``; what comes after them is left.
    init(_ columns: inout ColumnReader) throws {
        self.init(
            key: try columns.key(), tokenType: try columns.text(), scope: try columns.text(),
            obtainedAt: try columns.timestamp(), expiresAt: columns.timestampIfAny(),
            hasAccessToken: try columns.flag(), hasRefreshToken: try columns.flag(),
            clientID: try columns.text(), tokenOrigin: try columns.text(),
            createdAt: try columns.timestamp())
        status = try columns.status()
        refreshTokenExpiresAt = columns.timestampIfAny()
        refreshAt = columns.timestampIfAny()
        keepaliveAt = columns.timestampIfAny()
        nextAttemptAt = columns.timestampIfAny()
        lastRefreshedAt = columns.timestampIfAny()
        lastAttemptAt = columns.timestampIfAny()
        lastOutcome = columns.textIfAny()
        lastError = columns.failureIfAny()
        consecutiveFailures = Int(try columns.integer())
        unsettledSince = columns.timestampIfAny()
        unsettledResends = Int(try columns.integer())
        grantRejectedAt = columns.timestampIfAny()
        attempt = try columns.attemptIfAny()
        grantedAt = try columns.timestamp()
        lastUsedAt = columns.timestampIfAny()
        announceAt = columns.timestampIfAny()
        announcedDays = columns.integerIfAny().map(Int.init)
        unmovedEnds = Int(try columns.integer())
        boot = columns.bootIfAny()
        attemptBoot = columns.bootIfAny()
        generation = try columns.integer()
        updatedAt = try columns.timestamp()
        metadata = try StoredMap.map(try columns.text())
    }
}

extension ColumnReader {
    /// From tool and user.
    mutating func key() throws -> ToolAuthKey {
        guard let toolID = ToolID(try text()), let userID = UserID(try text()) else { throw UnreadableValue() }
        return ToolAuthKey(toolID, userID)
    }

    /// From status and reason.
    mutating func status() throws -> ToolAuthStatus {
        let name = try text()
        let reason = textIfAny().flatMap(ReauthorizationReason.init(rawValue:))
        guard let status = ToolAuthStatus(name: name, reason: reason) else { throw UnreadableValue() }
        return status
    }

    /// From code, detail and HTTP status; nil where the code is NULL.
    fileprivate mutating func failureIfAny() -> AttemptFailure? {
        let (code, detail, status) = (textIfAny(), textIfAny(), integerIfAny())
        return code.map { AttemptFailure(code: $0, detail: detail ?? "", providerStatus: status.map(Int.init)) }
    }

    /// From id and beginning; nil where the id is NULL.
    fileprivate mutating func attemptIfAny() throws -> Attempt? {
        let (id, startedAt) = (textIfAny(), timestampIfAny())
        guard let id else { return nil }
        guard let startedAt else { throw UnreadableValue() }
        return Attempt(id: id, startedAt: startedAt)
    }

    /// From boot and offset; nil where either is NULL.
    fileprivate mutating func bootIfAny() -> BootReference? {
        let (bootID, offset) = (integerIfAny(), integerIfAny())
        guard let bootID, let offset else { return nil }
        return BootReference(bootID: bootID, offset: offset)
    }
}
