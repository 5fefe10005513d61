// What stands in a sealed column, and the file of keys: a letter says which of both; then the bytes.
import Crypto
import FoundationEssentials
import FuzzSupport
import ToolAuthCore

@testable import SQLiteStore

/// A secret and what it is sealed with and for.
enum Sample {
    // swift-format-ignore: NeverForceUnwrap
    static let (alice, bob) = (
        ToolAuthKey(ToolID("gmail")!, UserID("alice")!), ToolAuthKey(ToolID("gmail")!, UserID("bob")!)
    )
    static let place = SealedPlace.toolAuth(alice, .accessToken)
    static let others = [
        SealedPlace.toolAuth(alice, .refreshToken), .toolAuth(bob, .accessToken),
        .authorization("a", alice, .codeVerifier), .revocation("r", alice, .accessToken),
    ]
    static let sealer = Sealer(
        keys: KeysInForce(KeyRing(MasterKey(id: "k1", key: SymmetricKey(size: .bits256))), from: .credential("fuzzed")))
    static let secret = Secret(Canary.text)
    static let sealed: Data = {
        do { return try sealer.seal(secret, for: place) } catch { fatalError("the secret cannot be sealed: \(error)") }
    }()
}

/// A blob of ours with bytes replaced, put in and taken out.
func changed(_ input: inout FuzzInput) -> Data {
    var blob = Array(Sample.sealed)
    for _ in 0..<4 {
        let position = Int(input.byte())
        switch input.choice(of: ["replace", "insert", "truncate", "drop", "nothing"]) {
        case "replace" where position < blob.count: blob[position] = input.byte()
        case "insert" where position <= blob.count: blob.insert(contentsOf: input.rest, at: position)
        case "truncate" where position <= blob.count: blob.removeSubrange(position...)
        case "drop" where position < blob.count: blob.remove(at: position)
        default: break
        }
    }
    return Data(blob)
}

/// Only what was sealed opens, and only where it belongs.
func open(_ blob: Data) {
    if let opened = Sample.sealer.open(blob, for: Sample.place) {
        expect(blob == Sample.sealed && opened == Sample.secret, "a blob that was changed opens")
    } else {
        expect(blob != Sample.sealed, "what was sealed does not open")
    }
    for other in Sample.others { expect(Sample.sealer.open(blob, for: other) == nil, "a blob opens elsewhere") }
    // Data that does not begin at 0, as one taken off a longer one.
    let slice = (Data([1, 2, 3]) + blob).dropFirst(3)
    expect((Sample.sealer.open(slice, for: Sample.place) == nil) == (blob != Sample.sealed), "a slice opens otherwise")
}

func readKeys(_ bytes: [UInt8]) {
    do throws(StoreError) {
        let ring = try KeyRing(parsing: Secret(bytes), from: "master.key")
        expect(ring.keys.last?.id == ring.newest.id, "the newest key is not the last")
        expect(Set(ring.keys.map(\.id)).count == ring.keys.count, "a key id twice")
        for key in ring.keys {
            expect(MasterKey.isValidID(key.id.utf8), "a key of the name \(key.id)")
            expect(key.key.bitCount == 256, "a key of \(key.key.bitCount) bits")
        }
        let sealer = Sealer(keys: KeysInForce(ring, from: .credential("fuzzed")))
        guard let blob = try? sealer.seal(Sample.secret, for: Sample.place) else {
            fatalError("a key that does not seal")
        }
        expect(sealer.open(blob, for: Sample.place) == Sample.secret, "what was sealed does not open")
    } catch {
        expect(error.code == .key, "keys fail as \(error.code)")
        let key = String(decoding: bytes, as: UTF8.self)
        expect(!Canary.isIn(error.detail) || isInAnID(key), "an error shows a line of the key file: \(error.detail)")
    }
}

/// The name of a key is no secret.
func isInAnID(_ text: String) -> Bool {
    text.split(separator: "\n").contains { Canary.isIn(String($0.prefix { $0 != ":" })) }
}

fuzz { input in
    var input = input
    switch input.choice(of: ["bytes", "change", "keys"]) {
    // libFuzzer sees what is compared, and so comes upon the sealed blob itself.
    case "bytes": open(Data(input.rest))
    case "change": open(changed(&input))
    default: readKeys(input.rest)
    }
}
