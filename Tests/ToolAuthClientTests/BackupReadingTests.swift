import Glibc
import ScriptedSocket
import SocketAPI
import Testing
import ToolAuthCore

@testable import ToolAuthClient

@Suite("Reading a backup", .timeLimit(.minutes(1)))
struct BackupReadingTests {
    private static func head(_ length: Int) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.sqlite3\r\nContent-Length: \(length)\r\n\r\n"
    }

    /// What came, and how it ended.
    private func read(_ answer: String) async throws -> (bytes: Int, error: ToolAuthClientError?) {
        // The connection ends with the answer.
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            _ = peer.send(answer)
        }
        defer { server.stop() }
        var bytes = 0
        do throws(ToolAuthClientError) {
            for try await part in ToolAuthClient(socketPath: server.path).backup() {
                bytes += part.bytes.count
                #expect(part.received == bytes)
                #expect(part.size >= bytes)
            }
        } catch {
            return (bytes, error)
        }
        return (bytes, nil)
    }

    @Test("all of it comes, whatever its length", arguments: [1, 65_535, 3_000_000])
    func whole(length: Int) async throws {
        let (bytes, error) = try await read(Self.head(length) + String(repeating: "x", count: length))
        #expect(bytes == length)
        #expect(error == nil)
    }

    @Test("one that ends early is an error")
    func cutShort() async throws {
        let (_, error) = try await read(Self.head(1000) + String(repeating: "x", count: 999))
        guard case .unreachable(_, ECONNRESET, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a refusal is a problem")
    func refused() async throws {
        let (bytes, error) = try await read(problem(503, "store-unavailable", "No room."))
        #expect(bytes == 0)
        guard case .problem(let problem)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.code == "store-unavailable")
    }

    @Test("one that does not say how long it is, or is more than it says, is none")
    func unframed() async throws {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        #expect(try await read(chunked).error != nil)
        #expect(try await read(Self.head(0)).error != nil)
    }

    @Test("parts of a body with a length are given away as they come, and those of a problem are not")
    func parts() throws {
        var parser = ReplyParser(bodyLimit: .max)
        #expect(try parser.receive(Array("\(Self.head(5))ab".utf8)) == nil)
        #expect(parser.takePart()?.body == Array("ab".utf8))
        #expect(parser.takePart()?.body == [])
        #expect(try parser.receive(Array("c".utf8)) == nil)
        #expect(parser.takePart()?.body == Array("c".utf8))
        #expect(try parser.receive(Array("de".utf8))?.body == Array("de".utf8))

        var refusal = ReplyParser(bodyLimit: 100)
        #expect(try refusal.receive(Array("HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nab".utf8)) == nil)
        #expect(refusal.takePart() == nil)
        #expect(try refusal.receive(Array("cd".utf8))?.body == Array("abcd".utf8))
    }
}
