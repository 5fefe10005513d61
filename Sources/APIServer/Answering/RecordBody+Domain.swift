package import SocketAPI
package import ToolAuthCore

extension RecordBody {
    package init(_ record: ToolAuthRecord) {
        self.init(
            toolID: record.toolID.rawValue,
            userID: record.userID.rawValue,
            status: record.status.name,
            reason: record.status.reason?.rawValue,
            tokenType: record.tokenType,
            scope: record.scope,
            expiresAt: record.expiresAt?.description,
            refreshTokenExpiresAt: record.refreshTokenExpiresAt?.description,
            refreshAt: record.refreshAt?.description,
            lastRefreshedAt: record.lastRefreshedAt?.description,
            lastAttemptAt: record.lastAttemptAt?.description,
            lastError: record.lastError.map {
                LastErrorBody(code: $0.code, detail: $0.detail, providerStatus: $0.providerStatus)
            },
            consecutiveFailures: record.consecutiveFailures,
            generation: record.generation,
            createdAt: record.createdAt.description,
            updatedAt: record.updatedAt.description,
            metadata: record.metadata)
    }
}
