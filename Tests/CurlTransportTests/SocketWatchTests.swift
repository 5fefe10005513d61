import CCurl
import Dispatch
import Glibc
import TestSupport
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(5)))
struct SocketWatchTests {
    @Test(
        "reading is noticed also where it is wanted while writing still is, or was a moment ago",
        arguments: [
            [CURL_POLL_OUT, CURL_POLL_INOUT], [CURL_POLL_OUT, CURL_POLL_IN], [CURL_POLL_INOUT, CURL_POLL_IN],
        ])
    func overlapping(_ polls: [Int32]) async {
        let (near, far) = socketPair()
        // Full, so that it does not become writable by itself.
        var block = [UInt8](repeating: 0, count: 4096)
        while send(near, &block, block.count, Int32(MSG_DONTWAIT)) > 0 {}

        let queue = DispatchQueue(label: "test")
        let closing = DispatchGroup()
        let wasReadable = Locked(false)
        let watch = SocketWatch(near, on: queue, closing: closing) { events in
            if events == CURL_CSELECT_IN { wasReadable.withLock { $0 = true } }
        }
        for poll in polls { #expect(queue.sync { watch.want(poll) }) }
        #expect(send(far, &block, 1, 0) == 1)
        #expect(await eventually { wasReadable.withLock { $0 } })
        queue.sync { watch.cancel() }
        await withCheckedContinuation { continuation in closing.notify(queue: queue) { continuation.resume() } }
        close(near)
        close(far)
    }

    private func socketPair() -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        precondition(
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }
}
