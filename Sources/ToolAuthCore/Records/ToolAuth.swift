/// A stored grant with its tokens: the guide's ToolAuth, one per user and tool.
public struct ToolAuth: Sendable {
    public var record: ToolAuthRecord
    /// nil where only a refresh token is known yet, or the tokens do not open.
    public var accessToken: Secret?
    /// nil where the provider gave none, or the tokens do not open.
    public var refreshToken: Secret?

    public init(record: ToolAuthRecord, accessToken: Secret?, refreshToken: Secret?) {
        self.record = record
        self.accessToken = accessToken
        self.refreshToken = refreshToken
    }

    public var key: ToolAuthKey { record.key }
}
