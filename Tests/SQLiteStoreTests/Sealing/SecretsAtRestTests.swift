import FoundationEssentials
import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

/// Searches every byte of the state directory, log included.
@Suite struct SecretsAtRestTests {
    private static let canaries = [
        "canary-access-token-7f3a", "canary-refresh-token-91bc", "canary-state-5d20", "canary-verifier-c44e",
        "canary-nonce-08aa", "canary-revoked-access-66d1", "canary-revoked-refresh-2b7f",
    ]

    /// As it is, and as Base64 would show it at each of the three offsets, standard and URL alphabets alike.
    private func forms(_ canary: String) -> [[UInt8]] {
        let shifted = (0..<3).map { offset in
            let encoded = Data([UInt8](repeating: 0, count: offset) + Array(canary.utf8)).base64EncodedString()
            // The ends depend on neighbours.
            return Array(encoded.utf8.dropFirst(4).dropLast(4))
        }
        return [Array(canary.utf8)] + shifted
            + [Array(canary.utf8.flatMap { String($0, radix: 16).utf8 })]
    }

    private func findings(in directory: String) throws -> [String] {
        try entries(of: directory).flatMap { name in
            let bytes = try contents(of: "\(directory)/\(name)")
            return Self.canaries.filter { canary in forms(canary).contains { bytes.contains(sequence: $0) } }
                .map { "\($0) in \(name)" }
        }
    }

    @Test("no token, state, verifier or nonce lies in any file, open, crashed or closed")
    func canaries() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let alice = try key("gmail", "alice")
        _ = try await store.put(grant(alice, access: Self.canaries[0], refresh: Self.canaries[1]))
        let pending = PendingAuthorization(
            id: "flow", key: alice, state: Secret(Self.canaries[2]), codeVerifier: Secret(Self.canaries[3]),
            nonce: Secret(Self.canaries[4]), authURL: "https://provider.example/?state=\(Self.canaries[2])",
            redirectURI: "http://127.0.0.1/callback", frontendRedirect: nil, scope: "a", issuer: nil,
            requiresIssuer: false, clientID: "client", connection: [:], createdAt: .at(0), expiresAt: .at(600))
        #expect(try await store.begin(pending, perRecord: 5, inAll: 100))
        try await store.enqueueRevocation(
            grant(alice, access: Self.canaries[5], refresh: Self.canaries[6]), deadline: .at(900), now: .at(1))
        #expect(try findings(in: directory.path).isEmpty)
        _ = try await store.consume(state: Secret(Self.canaries[2]), now: .at(1))
        _ = try await store.delete(alice, .none, revocationDeadline: .at(900), now: .at(1))
        #expect(try findings(in: directory.path).isEmpty)
        try await store.close()
        #expect(try findings(in: directory.path).isEmpty)
    }

    @Test("the search finds what is not sealed")
    func searchWorks() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        var toolAuth = grant(try key("gmail", "alice"))
        toolAuth.record.scope = Self.canaries[0]
        toolAuth.record.metadata = ["encoded": Data("xx\(Self.canaries[1])yy".utf8).base64EncodedString()]
        _ = try await store.put(toolAuth)
        #expect(
            Set(try findings(in: directory.path).map { $0.prefix { $0 != " " } })
                == [Self.canaries[0][...], Self.canaries[1][...]])
        try await store.close()
    }

    @Test("the sealed tokens of a deleted grant are gone from database and log")
    func deletedBlob() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let alice = try key("gmail", "alice")
        _ = try await store.put(grant(alice))
        let blob = try required(
            try await store.read { try Data.fetchOne($0, sql: "SELECT refresh_token FROM tool_auths") })
        func isThere() throws -> Bool {
            try entries(of: directory.path).contains {
                try contents(of: "\(directory.path)/\($0)").contains(sequence: Array(blob))
            }
        }
        #expect(try isThere())
        _ = try await store.delete(alice, .none, revocationDeadline: nil, now: .at(1))
        try store.sql("")  // Waits for what the writer does after answering.
        #expect(try !isThere())
        try await store.close()
        #expect(try !isThere())
    }
}

extension [UInt8] {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        guard let first = sequence.first, count >= sequence.count else { return false }
        var start = startIndex
        while let index = self[start...].firstIndex(of: first) {
            if self[index...].starts(with: sequence) { return true }
            start = index + 1
        }
        return false
    }
}
