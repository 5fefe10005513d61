import ScriptedSocket
import SocketAPI
import Testing

@testable import ToolAuthClient

@Suite("Reading events", .timeLimit(.minutes(1)))
struct EventReadingTests {
    private static let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    private static func chunk(_ text: String) -> String {
        String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n"
    }

    private static func event(_ id: Int, bytes: Int) -> String {
        "id: \(id)\nevent: reset\ndata: \(String(repeating: "x", count: bytes))\n\n"
    }

    /// Reads a stream to its end; returns the ids of its events, and where it says that it stands after each and then.
    private func read(
        _ stream: String, after last: String? = nil
    ) async throws -> (ids: [String], stands: [String?], error: ToolAuthClientError?) {
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            _ = peer.send(stream)
        }
        defer { server.stop() }
        var events = ToolAuthClient(socketPath: server.path).events(after: last).makeAsyncIterator()
        var (ids, stands): ([String], [String?]) = ([], [])
        do throws(ToolAuthClientError) {
            while let event = try await events.next(isolation: nil) {
                ids.append(event.id)
                stands.append(events.lastID)
            }
        } catch {
            return (ids, stands + [events.lastID], error)
        }
        return (ids, stands + [events.lastID], nil)
    }

    @Test("many come at once, however long they are together")
    func longChunk() async throws {
        let text = (1...4).map { Self.event($0, bytes: 800_000) }.joined()
        let (ids, _, error) = try await read(Self.head + Self.chunk(text) + "0\r\n\r\n")
        #expect(ids == ["1", "2", "3", "4"])
        #expect(error == nil)
    }

    @Test("one that is longer than a client can hold ends the stream")
    func longEvent() async throws {
        let text = Self.event(1, bytes: 1 << 20) + Self.event(2, bytes: 1)
        let (ids, _, error) = try await read(Self.head + Self.chunk(text) + "0\r\n\r\n")
        #expect(ids.isEmpty)
        guard case .protocolViolation? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("where a stream stands is after the event that was given out, and at first where it began")
    func lastID() async throws {
        let opening = Self.head + Self.chunk("id: 4\n\n")
        let (ids, stands, _) = try await read(opening + Self.chunk(Self.event(5, bytes: 1) + Self.event(6, bytes: 1)))
        #expect(ids == ["5", "6"])
        #expect(stands == ["5", "6", "6"])
        #expect(try await read(opening).stands == ["4"])
        #expect(try await read(opening + "no chunk").stands == ["4"])
        #expect(try await read(Self.head, after: "3").stands == ["3"])
        #expect(try await read("").stands == [nil])
    }
}
