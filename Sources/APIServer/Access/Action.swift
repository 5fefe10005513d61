/// What a request does, in the words that access rules use.
package enum Action: String, Sendable, CaseIterable {
    case authorize, callback, token, refresh, delete, read, `import`, admin, events, status, metrics
}
