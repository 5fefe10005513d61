public import SocketAPI

extension ToolAuthClient {
    /// The master keys by name, and how many records each has sealed.
    public func keys() async throws(ToolAuthClientError) -> KeysBody {
        try await value(of: .keys())
    }

    /// Makes a new master key, which seals from now on.
    ///
    /// - Throws: problems `keys-read-only` where they come from a credential, `store-unavailable`.
    public func addKey() async throws(ToolAuthClientError) -> KeyBody {
        try await value(of: .addKey())
    }

    /// Takes a master key away that no record needs any more. Backups from before need it on.
    ///
    /// - Throws: problems `unknown-key`, `key-in-use`, `store-unavailable`.
    public func retireKey(_ id: String) async throws(ToolAuthClientError) -> RetiredKeyBody {
        try await value(of: .retireKey(id))
    }

    /// Begins to seal all records with the newest key, in the background; where that is under way, nothing.
    public func rotateKeys() async throws(ToolAuthClientError) -> KeyRotationBody {
        try await value(of: .rotateKeys())
    }

    /// How far that has come.
    public func keyRotation() async throws(ToolAuthClientError) -> KeyRotationBody {
        try await value(of: .keyRotation())
    }
}

// What goes through all records takes long where they are many.
extension APICall {
    package static func keys() -> APICall where Value == KeysBody {
        APICall(APIRequest(.get, ["v1", "keys"]), patience: providerPatience)
    }

    package static func addKey() -> APICall where Value == KeyBody {
        APICall(APIRequest(.post, ["v1", "keys"]))
    }

    package static func retireKey(_ id: String) -> APICall where Value == RetiredKeyBody {
        APICall(APIRequest(.delete, ["v1", "keys", id]), patience: providerPatience)
    }

    package static func rotateKeys() -> APICall where Value == KeyRotationBody {
        APICall(APIRequest(.post, ["v1", "key-rotation"]), patience: providerPatience)
    }

    package static func keyRotation() -> APICall where Value == KeyRotationBody {
        APICall(APIRequest(.get, ["v1", "key-rotation"]))
    }
}
