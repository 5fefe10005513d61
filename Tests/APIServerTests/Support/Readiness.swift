import Dispatch

enum Readiness {
    case reading, writing
}

private let queue = DispatchQueue(label: "test.readiness")

/// Returns when a socket is ready, or broken, or the time is over. Blocks no thread.
func becomesReady(_ descriptor: CInt, for readiness: Readiness, until deadline: ContinuousClock.Instant) async {
    let source: any DispatchSourceProtocol =
        switch readiness {
        case .reading: DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        case .writing: DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        }
    let timer = DispatchSource.makeTimerSource(queue: queue)
    let left = max(.zero, deadline - .now)
    timer.schedule(deadline: .now() + .nanoseconds(Int(left / .nanoseconds(1))))
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        timer.setEventHandler { source.cancel() }
        source.setEventHandler { source.cancel() }
        // Only now is the descriptor not watched any more, and may be closed.
        source.setCancelHandler {
            timer.cancel()
            continuation.resume()
        }
        source.resume()
        timer.resume()
    }
}
