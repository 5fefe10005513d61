import Glibc
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing
import ToolAuthCore

@testable import APIServer

/// A lane on a socket of its own that takes note of whatever it tells, and answers as the test says. Its clients are numbers,
/// from 0 on in the order in which they were accepted; its requests are paths.
final class RecordedLane: Sendable {
    typealias Lane = ExpressLane<Int, String>

    enum Event: Equatable {
        case identified(Int), admitted(Int), refused(Int), released(Int), handedOn(Int), noted, ended
    }

    /// What a test may say.
    struct Script: Sendable {
        var patience = TimeAmount.hours(1)
        /// What is done with a connection that was accepted.
        var accepts: @Sendable (CInt) -> Void = { _ in }
        var admits: @Sendable (Int) -> ToolAuthError? = { _ in nil }
        var reads: @Sendable (String) -> String? = { $0 }
        /// The body of an answer; nil: there is none at hand.
        var answers: @Sendable (String, Int) -> Response.Body? = { path, _ in .bytes(ByteBuffer(string: path)) }
    }

    private struct State {
        var accepted = 0
        var events: [Event] = []
        var handovers: [Lane.Handover] = []
    }

    let path: String
    let lane: Lane
    private let state: SharedState

    /// What the callbacks share, which are made before the lane is.
    private final class SharedState: Sendable {
        let value = Locked(State())
        func record(_ event: Event) { value.withLock { $0.events.append(event) } }
    }

    /// - Parameter path: where nothing is yet; to be removed by the caller.
    init(_ path: String, _ script: Script) throws {
        let state = SharedState()
        self.state = state
        self.path = path
        lane = try Lane(
            listener: try listeningSocket(path), patience: script.patience,
            Lane.Callbacks(
                identify: { descriptor in
                    script.accepts(descriptor)
                    return state.value.withLock { state in
                        defer { state.accepted += 1 }
                        state.events.append(.identified(state.accepted))
                        return state.accepted
                    }
                },
                admit: { client in
                    let refusal = script.admits(client)
                    state.record(refusal == nil ? .admitted(client) : .refused(client))
                    return refusal
                },
                release: { state.record(.released($0)) },
                read: { script.reads($0.uri) },
                answer: { path, client in
                    script.answers(path, client).map { body in
                        AnswerAtOnce(response: Response(status: .ok, headers: HTTPFields(), body: body)) {
                            state.record(.noted)
                        }
                    }
                },
                handOver: { handover in
                    state.value.withLock {
                        $0.events.append(.handedOn(handover.client))
                        $0.handovers.append(handover)
                    }
                },
                ended: { state.record(.ended) }))
    }

    deinit {
        for handover in handovers { close(handover.descriptor) }
    }

    var events: [Event] { state.value.withLock { $0.events } }
    var handovers: [Lane.Handover] { state.value.withLock { $0.handovers } }

    func connect() throws -> RawClient { try RawClient(path) }

    /// Returns when the lane has looked at all its connections, after all that was done before the call.
    func looks() async {
        // An order is carried out before a look: between the second and the third there was a whole one.
        for _ in 0..<3 {
            await withCheckedContinuation { continuation in lane.perform { continuation.resume() } }
        }
    }
}

/// Runs a lane for as long as `body`, and waits until it has ended.
func withLane(
    _ change: (inout RecordedLane.Script) -> Void = { _ in }, _ body: (RecordedLane) async throws -> Void
) async throws {
    var script = RecordedLane.Script()
    change(&script)
    try await withSocketPath { path in
        let lane = try RecordedLane(path, script)
        lane.lane.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(lane)) } catch { result = .failure(error) }
        lane.lane.end()
        try await eventually("the lane ends") { lane.events.last == .ended }
        try result.get()
    }
}

/// What lies in a socket, unread.
func unread(_ descriptor: CInt) -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_PEEK | MSG_DONTWAIT))
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
}
