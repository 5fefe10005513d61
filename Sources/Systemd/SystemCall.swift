import Glibc

/// The text of an errno, such as `Permission denied`.
func errorText(_ code: CInt) -> String {
    // glibc's strerror keeps its buffer per thread since 2.32.
    String(cString: strerror(code))
}

/// The value of an environment variable; nil: it is not set.
func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Calls `call` again for as long as a signal interrupts it.
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
