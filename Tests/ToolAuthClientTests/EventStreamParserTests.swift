import Testing

@testable import ToolAuthClient

@Suite("Messages of an event stream")
struct EventStreamParserTests {
    @Test("come out whole, however they come apart", arguments: [1, 2, 5, 1000])
    func pieces(_ step: Int) throws {
        let text =
            "retry: 1000\r\nid: 1\r\n\r\n: a comment\nid: 2\nevent: auth.refreshed\ndata: {\"a\":1}\n\n"
            + "data:x\ndata: y\nunknown: z\n\nevent: nothing without data\n\nid: 3\ndata: unfinished\n"
        var parser = EventStreamParser()
        var messages: [EventStreamParser.Message] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            messages += try parser.receive(rest.prefix(step))
            rest = rest.dropFirst(step)
        }
        #expect(
            messages == [
                .init(id: "2", event: "auth.refreshed", data: #"{"a":1}"#),
                .init(id: "2", event: "message", data: "x\ny"),
            ])
    }

    @Test(
        "are no longer than a client can hold, in one line or in many, whole or not",
        arguments: [("data: ", "\n\n"), ("data: ", ""), ("data: x\ndata: ", "\n\n"), (": ", "\n")])
    func tooLong(_ start: String, _ end: String) throws {
        let filling = EventStreamParser.limit - start.utf8.count
        var parser = EventStreamParser()
        _ = try parser.receive(Array((start + String(repeating: "x", count: filling - 10) + end).utf8))
        for step in [1 << 16, 1 << 21] {
            parser = EventStreamParser()
            #expect(throws: ReplyFault.self) {
                var rest = Array((start + String(repeating: "x", count: filling + 10) + end).utf8)[...]
                while !rest.isEmpty {
                    _ = try parser.receive(rest.prefix(step))
                    rest = rest.dropFirst(step)
                }
            }
        }
    }

    @Test("an id alone is where the next stream begins")
    func idAlone() throws {
        var parser = EventStreamParser()
        #expect(try parser.receive(Array("id: 7\n\n".utf8)).isEmpty)
        #expect(parser.lastID == "7")
        // Whoever goes on after it has not had this one.
        #expect(try parser.receive(Array("id: 8\nevent: auth.refreshed\n".utf8)).isEmpty)
        #expect(parser.lastID == "7")
    }
}
