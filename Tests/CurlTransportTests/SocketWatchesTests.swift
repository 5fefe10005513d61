import CCurl
import Dispatch
import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import CurlTransport

@Suite(.timeLimit(.minutes(5)))
struct SocketWatchesTests {
    /// Watches on a queue of their own, and how often they called.
    fileprivate final class Desk {
        let queue = DispatchQueue(label: "test")
        let closing = DispatchGroup()
        let calls = Locked(0)
        let watches: SocketWatches

        init() throws {
            let calls = calls
            watches = try #require(
                SocketWatches(on: queue, closing: closing) { calls.withLock { $0 += 1 } })
        }

        func close() async {
            queue.sync { watches.cancel() }
            await withCheckedContinuation { continuation in closing.notify(queue: queue) { continuation.resume() } }
        }
    }

    @Test(
        "reading is noticed also where it is wanted while writing still is, or was a moment ago",
        arguments: [
            [CURL_POLL_OUT, CURL_POLL_INOUT], [CURL_POLL_OUT, CURL_POLL_IN], [CURL_POLL_INOUT, CURL_POLL_IN],
        ])
    func overlapping(_ polls: [Int32]) async throws {
        let desk = try Desk()
        let (near, far) = socketPair()
        fill(near)
        for poll in polls { #expect(desk.queue.sync { desk.watches.want(near, poll) }) }
        #expect(send(far, "x", 1, 0) == 1)
        #expect(await eventually { desk.calls.withLock { $0 } > 0 })
        #expect(desk.ready() == ["\(near): in"])
        await desk.close()
        close(near)
        close(far)
    }

    @Test(
        "what is ready is told as it is wanted",
        arguments: [
            (CURL_POLL_IN, "in"), (CURL_POLL_OUT, "out"), (CURL_POLL_INOUT, "in out"), (CURL_POLL_REMOVE, nil),
        ])
    func wanted(_ poll: Int32, _ told: String?) async throws {
        let desk = try Desk()
        let (near, far) = socketPair()
        #expect(send(far, "x", 1, 0) == 1)
        #expect(desk.queue.sync { desk.watches.want(near, CURL_POLL_INOUT) && desk.watches.want(near, poll) })
        #expect(desk.ready() == (told.map { ["\(near): \($0)"] } ?? []))
        await desk.close()
        close(near)
        close(far)
    }

    @Test(
        "the end of a connection is told as what is wanted of it",
        arguments: [(CURL_POLL_IN, "in"), (CURL_POLL_OUT, "out")])
    func ended(_ poll: Int32, _ told: String) async throws {
        let desk = try Desk()
        let (near, far) = socketPair()
        fill(near)
        #expect(desk.queue.sync { desk.watches.want(near, poll) })
        close(far)
        #expect(desk.ready() == ["\(near): \(told)"])
        await desk.close()
        close(near)
    }

    @Test("a descriptor that was closed and is another's now is watched anew")
    func reused() async throws {
        let desk = try Desk()
        let (near, far) = socketPair()
        let (other, another) = socketPair()
        #expect(desk.queue.sync { desk.watches.want(near, CURL_POLL_IN) })
        // Closes what `near` was, without a word to the watches.
        #expect(dup2(other, near) == near)
        #expect(desk.queue.sync { desk.watches.want(near, CURL_POLL_IN) })
        #expect(send(another, "x", 1, 0) == 1)
        #expect(desk.ready() == ["\(near): in"])
        await desk.close()
        for descriptor in [near, far, other, another] { close(descriptor) }
    }

    @Test("what was ready is not current any more once its socket was taken out, or put in anew")
    func stale() async throws {
        let desk = try Desk()
        let (near, far) = socketPair()
        #expect(send(far, "x", 1, 0) == 1)
        try desk.queue.sync {
            #expect(desk.watches.want(near, CURL_POLL_IN))
            let ready = try #require(desk.watches.ready().first)
            #expect(desk.watches.isCurrent(ready))
            #expect(desk.watches.want(near, CURL_POLL_REMOVE))
            #expect(!desk.watches.isCurrent(ready))
            #expect(desk.watches.want(near, CURL_POLL_IN))
            #expect(!desk.watches.isCurrent(ready))
        }
        await desk.close()
        close(near)
        close(far)
    }

    @Test("what cannot be watched is refused, and so is everything once it is over")
    func refused() async throws {
        let desk = try Desk()
        // A regular file is always ready: the kernel watches none.
        let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        #expect(desk.queue.sync { !desk.watches.want(file, CURL_POLL_IN) && !desk.watches.want(-1, CURL_POLL_IN) })
        close(file)
        let (near, far) = socketPair()
        await desk.close()
        #expect(desk.queue.sync { !desk.watches.want(near, CURL_POLL_IN) && desk.watches.ready().isEmpty })
        close(near)
        close(far)
    }

    private func socketPair() -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        precondition(
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    /// So that it does not become writable by itself.
    private func fill(_ socket: Int32) {
        var block = [UInt8](repeating: 0, count: 4096)
        while send(socket, &block, block.count, Int32(MSG_DONTWAIT)) > 0 {}
    }
}

extension SocketWatchesTests.Desk {
    /// Such as `7: in out`.
    func ready() -> [String] {
        queue.sync {
            watches.ready().map { ready in
                let names = [(CURL_CSELECT_IN, "in"), (CURL_CSELECT_OUT, "out")]
                return "\(ready.socket): "
                    + names.filter { ready.events & $0.0 != 0 }.map(\.1).joined(separator: " ")
            }
        }
    }
}
