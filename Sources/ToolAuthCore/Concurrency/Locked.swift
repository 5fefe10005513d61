import Glibc

/// A value that one thread at a time uses: what a `Mutex` of `Synchronization` is, on a mutex of POSIX.
///
/// The thread sanitizer does not see what the former orders, and takes every use after another for a race; here it sees it.
/// Not for `Void`, whose address is that of something else.
// Unchecked, because the compiler sees no guard in a mutex of POSIX: `value` is touched only while `mutex` is held.
package final class Locked<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Not reentrant. What is `body`'s to throw is thrown, and the lock given back.
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
