import HTTPTypes
import SocketAPI
import Telemetry
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/keys`, and `POST /v1/keys`, which makes one.
    func keys(_ request: APIRequest, _ client: Client, _ rule: AccessRule) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        guard request.method == .post else { return try .json(KeysBody(try await service.masterKeys())) }
        let added = try await service.addMasterKey()
        report(JournalEntry(.keyAdded(added.id, by: Administrator(client, rule))))
        return try .json(KeyBody(added), status: .created)
    }

    /// `DELETE /v1/keys/{key_id}`
    func retireKey(_ id: String, _ request: APIRequest, _ client: Client, _ rule: AccessRule) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let retired = try await service.retireMasterKey(id)
        report(JournalEntry(.keyRetired(id, by: Administrator(client, rule))))
        return try .json(RetiredKeyBody(id, retired))
    }

    /// `GET /v1/key-rotation`, and `POST /v1/key-rotation`, which begins one.
    func keyRotation(_ request: APIRequest, _ client: Client, _ rule: AccessRule) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        guard request.method == .post else { return try .json(KeyRotationBody(try await service.keyRotation())) }
        return try .json(
            KeyRotationBody(try await service.rotateMasterKeys(askedBy: Administrator(client, rule))))
    }
}

extension Administrator {
    init(_ client: Client, _ rule: AccessRule) {
        self.init(uid: client.peer?.uid, pid: client.peer?.pid, rule: rule.name)
    }
}
