import HTTPTypes
import NIOCore
import Telemetry
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/backup`: a copy of the store, as a file. What ends before its length has been read is no backup: a reader
    /// sees that from the length, and from the end of the file.
    func backup(_ request: APIRequest, _ client: Client, _ rule: AccessRule) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let backup = try await service.backup()
        // All grants leave the store, if sealed: an administrator wants to know who took them.
        report(JournalEntry(.backupTaken(uid: client.peer?.uid, pid: client.peer?.pid, rule: rule.name)))
        var response = Response(status: .ok, headers: .always)
        response.headers[.contentType] = "application/vnd.sqlite3"
        response.headers[.contentDisposition] = "attachment; filename=\"toolauthd.backup\""
        response.headers[.contentLength] = String(backup.size)
        response.body = .stream { writer in
            while let part = try await backup.next() {
                // A stop does not wait for who reads slowly.
                try stop.check()
                try await writer.write(ByteBuffer(bytes: part))
            }
        }
        return response
    }
}
