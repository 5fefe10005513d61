import FoundationEssentials
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct SealerTests {
    private static let encodedKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private let sealer: Sealer
    private var master: MasterKey { sealer.ring.newest }

    init() throws {
        sealer = Sealer(ring: try KeyRing(parsing: Secret("the.first:\(Self.encodedKey)"), from: "test"))
    }

    private let secret = Secret("the token")

    private func place(
        _ tool: String = "gmail", _ user: String = "alice", _ column: SealedPlace.Column = .accessToken
    ) throws -> SealedPlace {
        .toolAuth(try key(tool, user), column)
    }

    @Test("what is sealed opens at its place, whatever its length", arguments: [0, 1, 15, 16, 17, 5000])
    func roundTrip(length: Int) throws {
        let secret = Secret([UInt8](repeating: 7, count: length))
        let blob = try sealer.seal(secret, for: place())
        #expect(try sealer.open(blob, for: place()) == secret)
    }

    @Test("a blob names version and key, and does not show the secret")
    func blob() throws {
        let blob = try sealer.seal(secret, for: place())
        #expect(Array(blob.prefix(11)) == [1, 9] + Array(master.id.utf8))
        #expect(blob.count == 11 + 12 + secret.count + 16)
        #expect(!String(decoding: blob, as: UTF8.self).contains("token"))
    }

    @Test("one secret sealed twice gives two blobs")
    func nonces() throws {
        #expect(try sealer.seal(secret, for: place()) != sealer.seal(secret, for: place()))
    }

    @Test("a blob opens at no other tool, user, column or kind of row")
    func otherPlaces() throws {
        let blob = try sealer.seal(secret, for: place())
        let alice = try key("gmail", "alice")
        let others: [SealedPlace] = [
            try place("slack"), try place("gmail", "bob"), try place("gmail", "alice", .refreshToken),
            .authorization("", alice, .accessToken), .revocation("", alice, .accessToken),
        ]
        for other in others { #expect(sealer.open(blob, for: other) == nil) }
    }

    @Test("a blob opens for no other row of the same tool and user")
    func otherRow() throws {
        let alice = try key("gmail", "alice")
        let blob = try sealer.seal(secret, for: .revocation("one", alice, .accessToken))
        #expect(sealer.open(blob, for: .revocation("one", alice, .accessToken)) == secret)
        #expect(sealer.open(blob, for: .revocation("two", alice, .accessToken)) == nil)
    }

    @Test("users that are canonically equivalent do not open each other's tokens")
    func normalization() throws {
        let blob = try sealer.seal(secret, for: place("gmail", "jos\u{e9}"))
        #expect(try sealer.open(blob, for: place("gmail", "jose\u{301}")) == nil)
    }

    @Test("identities whose parts run together the same way have different keys and different associated data")
    func joining() throws {
        let one = try place("a", "bc")
        let other = try place("ab", "c")
        #expect(one.recordInfo != other.recordInfo)
        #expect(one.associatedData(header: [1]) != other.associatedData(header: [1]))
    }

    @Test("associated data holds header, row and column, whatever the record's key")
    func associatedData() throws {
        let data = try place().associatedData(header: [1])
        #expect(data != (try place().associatedData(header: [2])))
        #expect(data != (try place("slack").associatedData(header: [1])))
        #expect(data != (try place("gmail", "bob").associatedData(header: [1])))
        #expect(data != (try place("gmail", "alice", .refreshToken).associatedData(header: [1])))
    }

    @Test("the bytes that a key is derived for, and those that are authenticated, are those of every version")
    func bytes() throws {
        func part(_ text: String) -> [UInt8] { [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8) }
        let place = try place("gmail", "alice", .refreshToken)
        let row = part("tool_auth") + part("gmail") + part("alice") + part("")
        #expect(place.recordInfo == part("toolauthd record v1") + row)
        #expect(place.associatedData(header: [1, 2]) == [0, 0, 0, 2, 1, 2] + row + part("refresh_token"))
        let beside = try self.place("gmail", "alice", .accessToken).beside(.refreshToken)
        #expect(beside.recordInfo == place.recordInfo)
        #expect(beside.associatedData(header: [1]) == place.associatedData(header: [1]))
        #expect(beside.column == .refreshToken)
    }

    @Test("columns sealed together open one by one, and the other way round, each in its own place only")
    func together() throws {
        let toolAuth = grant(try key("gmail", "alice"))
        let (access, refresh) = try sealer.sealTokens(of: toolAuth, in: place())
        let blobs = (try required(access), try required(refresh))
        #expect(try sealer.open(blobs.0, for: place()) == toolAuth.accessToken)
        #expect(try sealer.open(blobs.1, for: place("gmail", "alice", .refreshToken)) == toolAuth.refreshToken)
        #expect(try sealer.open(blobs.1, for: place()) == nil)
        let single = try (
            sealer.seal(secret, for: place()), sealer.seal(secret, for: place("gmail", "alice", .refreshToken))
        )
        let opened = try sealer.openTokens(of: toolAuth.record, access: single.0, refresh: single.1, in: place())
        #expect(opened.accessToken == secret && opened.refreshToken == secret)
        let exchanged = try sealer.openTokens(of: toolAuth.record, access: single.1, refresh: single.0, in: place())
        #expect(exchanged.accessToken == nil && exchanged.refreshToken == nil)
        #expect(exchanged.record.status == .needsReauthorization(.undecryptable))
    }

    @Test("columns of one row that two keys sealed open together")
    func twoKeys() throws {
        let other = MasterKey.generate()
        let ring = KeyRing(other).adding(master)
        let toolAuth = grant(try key("gmail", "alice"))
        let access = try sealer.seal(secret, for: place())
        let refresh = try Sealer(ring: KeyRing(other)).seal(secret, for: place("gmail", "alice", .refreshToken))
        let opened = try Sealer(ring: ring).openTokens(
            of: toolAuth.record, access: access, refresh: refresh, in: place())
        #expect(opened.accessToken == secret && opened.refreshToken == secret)
    }

    @Test("a blob cut short anywhere does not open")
    func truncated() throws {
        let blob = try sealer.seal(secret, for: place())
        for count in 0..<blob.count { #expect(try sealer.open(blob.prefix(count), for: place()) == nil) }
        #expect(try sealer.open(blob + [0], for: place()) == nil)
    }

    @Test("a blob with any bit changed does not open")
    func flipped() throws {
        let blob = try sealer.seal(secret, for: place())
        for bit in 0..<blob.count * 8 {
            var changed = blob
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try sealer.open(changed, for: place()) == nil, "bit \(bit)")
        }
    }

    @Test("a header that names the same key bytes under another name does not open")
    func renamedKey() throws {
        let ring = try KeyRing(
            parsing: Secret("the.first:\(Self.encodedKey)\nother:\(Self.encodedKey)"), from: "test")
        let blob = try sealer.seal(secret, for: place())
        var renamed = blob
        renamed.replaceSubrange(1..<11, with: [5] + Array("other".utf8))
        #expect(try Sealer(ring: ring).open(blob, for: place()) == secret)
        #expect(try Sealer(ring: ring).open(renamed, for: place()) == nil)
    }

    @Test("another key of the same name does not open")
    func otherKey() throws {
        let blob = try sealer.seal(secret, for: place())
        let other = MasterKey(id: master.id, key: MasterKey.generate().key)
        #expect(try Sealer(ring: KeyRing(other)).open(blob, for: place()) == nil)
    }
}
