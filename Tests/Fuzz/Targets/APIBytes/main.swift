// What a client sends to the socket API: the first byte says where it comes apart, the rest are the bytes.
import FuzzSupport
import HTTPTypes
import NIOCore
import NIOHTTP1

@testable import APIDesk
@testable import APIServer

/// What the express lane reads, the decoder reads alike, and would answer too.
func checkExpress(_ head: HTTPRequestHead, _ conversation: Conversation) {
    let lane = APIRequest(head, nil)
    expect(conversation.requests.count == 1, "the lane reads one request, and the decoder \(conversation.asked)")
    guard let gate = conversation.requests.first else { return }
    expect(
        lane.method == gate.method && lane.target == gate.target, "the lane reads \(lane.target), not \(gate.target)")
    // The decoder leaves blanks at a value's end, which mean nothing.
    expect(
        prefersPlainText(accept: lane.accept) == prefersPlainText(accept: gate.accept),
        "the lane reads Accept as \(lane.accept ?? "none"), not \(gate.accept ?? "none")")
    expect(gate.body.isEmpty, "the lane passes over a body")
    expect(!conversation.isOver, "the lane goes on with a connection that ends")
}

/// Of streams nothing is read here, and so they would not end.
func isStream(_ request: APIRequest) -> Bool { request.target.path.hasPrefix("/v1/events") }

fuzz { input in
    var input = input
    let cut = Int(input.byte())
    let bytes = input.rest
    let whole = Conversation(bytes, cutAt: bytes.count)
    let parts = Conversation(bytes, cutAt: cut)
    expect(whole.asked == parts.asked, "it depends on how the bytes come apart: \(whole.asked) and \(parts.asked)")
    expect(whole.answers == parts.answers, "the answers depend on it: \(whole.answers) and \(parts.answers)")
    for status in whole.answers {
        expect((200..<500).contains(status) || status == 501, "the gate answers \(status)")
    }
    if let head = bytes.withUnsafeBytes({ ExpressHead.parse($0) }) { checkExpress(head, whole) }
    for request in whole.requests where !isStream(request) { APIDesk.check(APIDesk.answer(request), to: request) }
}
