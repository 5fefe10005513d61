import Refresh
import TestSupport
import Testing
import ToolAuthCore

/// Held, or the address sanitizer would call them lost.
private let neverResumed = Locked<[UnsafeContinuation<Void, Never>]>([])

/// Code of others, which does not end when it is told to.
private func never() async {
    await withUnsafeContinuation { continuation in neverResumed.withLock { $0.append(continuation) } }
}

@Suite(.timeLimit(.minutes(5)))
struct DeadlinesTests {
    private let deadlines = Deadlines(.milliseconds(50), clock: ContinuousClock())
    private let patient = Deadlines(.seconds(3600), clock: ContinuousClock())

    @Test("an operation that ends in time gives its value")
    func inTime() async {
        #expect(await patient.run { 7 } == 7)
        #expect(await patient.run { String?.none } == .some(nil))
    }

    @Test("one that is late gives none, is cancelled and is not waited for")
    func late() async {
        let (cancelled, continuation) = AsyncStream<Void>.makeStream()
        let value: Int? = await deadlines.run {
            await withTaskCancellationHandler {
                await never()
                return 7
            } onCancel: {
                continuation.yield()
            }
        }
        #expect(value == nil)
        var told = cancelled.makeAsyncIterator()
        #expect(await told.next() != nil)
    }

    @Test("of many at once, and after a pause, each has its own end")
    func many() async {
        for _ in 1...3 {
            let values = await withTaskGroup(of: (Int, Int?).self) { group in
                for number in 0..<100 {
                    group.addTask { [deadlines] in
                        let value = await deadlines.run {
                            if number % 10 == 0 { await never() }
                            return number
                        }
                        return (number, value)
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for number in stride(from: 0, to: 100, by: 10) { #expect(values[number] == .some(nil)) }
        }
    }
}
