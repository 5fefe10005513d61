import NIOCore
import Testing

@testable import APIServer

@Suite("The state of a connection")
struct ConnectionStateTests {
    private func second(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    private func state() -> ConnectionState { ConnectionState(APILimits(), now: second(100)) }

    @Test("a new connection may idle 60 s; half a request has 10 s from its first byte")
    func sender() {
        var state = state()
        #expect(state.deadline == second(160))
        state.received(now: second(120))
        state.received(now: second(125))
        #expect(state.deadline == second(130))
    }

    @Test("while an answer is made the client owes nothing, and half a request's time begins after it")
    func answering() {
        var state = state()
        state.received(now: second(101))
        state.completed()
        state.began()
        #expect(state.deadline == nil)
        state.received(now: second(102))
        #expect(state.deadline == nil)
        state.answered(now: second(150))
        #expect(state.deadline == second(160))
        state.completed()
        state.began()
        state.answered(now: second(170))
        #expect(state.deadline == second(230))
    }

    @Test("a reader has 30 s from the last byte it took, whatever is written meanwhile")
    func reader() {
        var state = state()
        state.received(now: second(100))
        state.completed()
        state.began()
        state.wrote(pending: 500, written: 1000, now: second(100))
        #expect(state.deadline == second(130))
        state.wrote(pending: 1500, written: 2000, now: second(110))
        #expect(state.deadline == second(130))
        state.wrote(pending: 1499, written: 2000, now: second(120))
        #expect(state.deadline == second(150))
        state.wrote(pending: 0, written: 2000, now: second(121))
        #expect(state.deadline == nil)
    }

    @Test("reads are held while a whole request waits behind one being answered")
    func holding() {
        var state = state()
        state.completed()
        state.began()
        #expect(!state.holdsReads)
        state.completed()
        #expect(state.holdsReads)
        state.answered(now: second(101))
        state.began()
        #expect(!state.holdsReads)
    }

    @Test("at shutdown an idle connection ends, one in the middle of a request does not, and its answer is the last")
    func quiescing() {
        var state = state()
        state.completed()
        state.began()
        state.answered(now: second(101))
        #expect(!state.isFinished)
        var receiving = state
        state.quiesce(now: second(102))
        #expect(state.isFinished)

        receiving.received(now: second(101))
        receiving.quiesce(now: second(102))
        #expect(!receiving.isFinished)
        #expect(receiving.deadline == second(111))
        receiving.completed()
        receiving.began()
        #expect(receiving.isLastAnswer)
    }

    @Test("at shutdown a connection that never asked has the lingering time to do so")
    func quiescingFresh() {
        var state = state()
        state.quiesce(now: second(120))
        #expect(!state.isFinished)
        #expect(state.deadline == second(121))
    }

    @Test("an answer is not the last while another request is queued")
    func notLast() {
        var state = state()
        state.completed()
        state.began()
        state.completed()
        state.endInput()
        #expect(!state.isLastAnswer)
        #expect(!state.isFinished)
        state.answered(now: second(101))
        state.began()
        #expect(state.isLastAnswer)
        state.answered(now: second(102))
        #expect(state.isFinished)
    }

    @Test("after the last answer the client has the lingering time to end its side")
    func lingering() {
        var state = state()
        state.linger(now: second(110))
        #expect(state.deadline == second(111))
        #expect(state.isInputOver)
        #expect(!state.isFinished)
    }
}
