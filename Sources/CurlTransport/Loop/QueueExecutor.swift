import Dispatch

/// Lets an actor run on a serial Dispatch queue, so that handlers of Dispatch sources and callbacks of libcurl, which
/// run on that queue, are inside the actor (`assumeIsolated`).
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
