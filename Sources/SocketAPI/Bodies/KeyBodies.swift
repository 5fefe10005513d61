/// `GET /v1/keys`.
public struct KeysBody: Codable, Sendable, Equatable {
    /// `file` or `credential`.
    public var source: String
    /// The path of the file, or the name of the credential.
    public var name: String
    /// Newest last; after them, keys that records ask for and that are not there.
    public var keys: [KeyBody]

    package init(source: String, name: String, keys: [KeyBody]) {
        self.source = source
        self.name = name
        self.keys = keys
    }
}

/// A master key: its name and what it sealed, never the key.
public struct KeyBody: Codable, Sendable, Equatable {
    public var keyID: String
    /// Whether what is stored from now on is sealed with it.
    public var seals: Bool
    /// Whether the key is there; else what it sealed does not open.
    public var present: Bool
    /// How many `grants`, `revocations` and `authorizations` it has sealed.
    public var records: [String: Int]

    package init(keyID: String, seals: Bool, present: Bool, records: [String: Int]) {
        self.keyID = keyID
        self.seals = seals
        self.present = present
        self.records = records
    }

    private enum CodingKeys: String, CodingKey {
        case keyID = "key_id"
        case seals, present, records
    }
}

/// `DELETE /v1/keys/{key_id}`.
public struct RetiredKeyBody: Codable, Sendable, Equatable {
    public var keyID: String
    /// The file in which its line now lies; nil: it is still in the credential.
    public var keptIn: String?
    /// The credential that still has its line, and does not need it any more.
    public var credential: String?

    package init(keyID: String, keptIn: String?, credential: String?) {
        self.keyID = keyID
        self.keptIn = keptIn
        self.credential = credential
    }

    private enum CodingKeys: String, CodingKey {
        case keyID = "key_id"
        case keptIn = "kept_in"
        case credential
    }
}

/// `GET` and `POST /v1/key-rotation`.
public struct KeyRotationBody: Codable, Sendable, Equatable {
    public var running: Bool
    /// The key with which everything is sealed; nil: nothing was begun since the daemon was started.
    public var keyID: String?
    /// Records that another key had sealed when it began.
    public var total: Int
    public var resealed: Int
    /// Records that no key at hand opens; they stay as they are.
    public var undecryptable: Int
    /// Why it ended early.
    public var problem: String?

    package init(running: Bool, keyID: String?, total: Int, resealed: Int, undecryptable: Int, problem: String?) {
        self.running = running
        self.keyID = keyID
        self.total = total
        self.resealed = resealed
        self.undecryptable = undecryptable
        self.problem = problem
    }

    private enum CodingKeys: String, CodingKey {
        case running, total, resealed, undecryptable, problem
        case keyID = "key_id"
    }
}
