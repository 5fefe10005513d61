import Testing
import ToolAuthCore

/// alice's grant for the tool `mail`.
func sampleKey() throws -> ToolAuthKey {
    ToolAuthKey(try #require(ToolID("mail")), try #require(UserID("alice")))
}
