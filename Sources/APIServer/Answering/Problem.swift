package import SocketAPI
package import ToolAuthCore

extension ProblemBody {
    /// The problem document of an error (RFC 9457). Of a fault of ours it says only that there is one.
    package init(_ error: ToolAuthError) {
        let isOurs = error.code == .internalError
        self.init(
            type: Self.prefix + error.code.name,
            title: Self.title(error.code.name),
            status: error.code.httpStatus,
            detail: isOurs ? "The daemon failed to answer; its journal says why." : error.detail,
            field: error.field,
            reason: error.reason,
            since: error.since?.description,
            retryAfter: error.retryAfter.map(retryAfterSeconds),
            error: error.provider?.code,
            errorDescription: error.provider?.detail,
            providerStatus: error.provider?.providerStatus,
            suggestions: error.suggestions.isEmpty ? nil : error.suggestions)
    }

    /// One short phrase for each type, the same on every occurrence.
    private static func title(_ name: String) -> String {
        switch name {
        case "invalid-request": "The request is malformed"
        case "invalid-callback": "The callback cannot be accepted"
        case "forbidden": "Not allowed"
        case "unknown-tool": "No such tool"
        case "unknown-authorization": "No such authorization"
        case "not-connected": "The user has not connected this tool"
        case "unknown-key": "No such key"
        case "key-in-use": "The key is needed"
        case "keys-read-only": "The keys cannot be changed from here"
        case "not-found": "No such path"
        case "method-not-allowed": "The path does not have this method"
        case "reauthorization-required": "The user must connect the tool again"
        case "no-authorization-needed": "The tool needs no authorization"
        case "generation-mismatch": "The record has changed"
        case "too-large": "The request is too large"
        case "unsupported-media-type": "The body is not JSON"
        case "provider-error": "The provider refused"
        case "invalid-configuration": "The configuration is invalid"
        case "rate-limited": "Too many requests"
        case "refresh-too-soon": "A refresh was attempted just now"
        case "provider-unreachable": "The provider cannot be reached"
        case "tool-paused": "The tool is paused"
        case "tool-unavailable": "The tool is unavailable"
        case "store-unavailable": "The store is unavailable"
        case "held": "Refreshing is held"
        case "refresh-pending": "The refresh goes on"
        case "too-many-connections": "Too many connections"
        default: "The daemon failed"
        }
    }
}

/// `Retry-After` in whole seconds (RFC 9110 §10.2.3), rounded up and at least 1, so that nobody comes back too early.
func retryAfterSeconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return max(1, attoseconds > 0 && seconds < .max ? seconds + 1 : seconds)
}
