import Testing

@testable import ToolAuthClient

@Suite("Messages of an event stream")
struct EventStreamParserTests {
    @Test("come out whole, however they come apart", arguments: [1, 2, 5, 1000])
    func pieces(_ step: Int) {
        let text =
            "retry: 1000\r\nid: 1\r\n\r\n: a comment\nid: 2\nevent: auth.refreshed\ndata: {\"a\":1}\n\n"
            + "data:x\ndata: y\nunknown: z\n\nevent: nothing without data\n\nid: 3\ndata: unfinished\n"
        var parser = EventStreamParser()
        var messages: [EventStreamParser.Message] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            messages += parser.receive(rest.prefix(step))
            rest = rest.dropFirst(step)
        }
        #expect(
            messages == [
                .init(id: "2", event: "auth.refreshed", data: #"{"a":1}"#),
                .init(id: "2", event: "message", data: "x\ny"),
            ])
    }

    @Test("an id alone is where the next stream begins")
    func idAlone() {
        var parser = EventStreamParser()
        #expect(parser.receive(Array("id: 7\n\n".utf8)).isEmpty)
        #expect(parser.lastID == "7")
        // Whoever goes on after it has not had this one.
        #expect(parser.receive(Array("id: 8\nevent: auth.refreshed\n".utf8)).isEmpty)
        #expect(parser.lastID == "7")
    }
}
