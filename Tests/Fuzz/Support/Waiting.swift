import Dispatch
import ToolAuthCore

/// The result of what is asynchronous in the daemon and waits for nothing here.
package func result<Value: Sendable>(of operation: @escaping @Sendable () async -> Value) -> Value {
    let done = DispatchSemaphore(value: 0)
    let box = ResultBox<Value>()
    // On this thread as far as it goes, which is all the way where it waits for nobody.
    Task.immediateDetached {
        let value = await operation()
        box.value.withLock { $0 = value }
        done.signal()
    }
    done.wait()
    return box.value.withLock { value in
        guard let value else { fatalError("the operation ended without a result") }
        return value
    }
}

private final class ResultBox<Value: Sendable>: Sendable {
    let value = Locked<Value?>(nil)
}
