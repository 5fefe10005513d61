import CFuzzer
import Glibc

/// Gives `body` one input of libFuzzer's after the other, for as long as the arguments of the program say.
///
/// A finding is whatever ends the process: a trap, what the address sanitizer sees, and ``expect(_:_:)``.
package func fuzz(_ body: @escaping (FuzzInput) -> Void) -> Never {
    target = body
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            target?(FuzzInput(UnsafeBufferPointer(start: data, count: size)))
            return 0
        })
}

// Unsafe, because a C function cannot capture: it is set once, before libFuzzer begins, which calls from that thread alone.
nonisolated(unsafe) private var target: ((FuzzInput) -> Void)?

/// What must hold for every input.
package func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition { fatalError(what()) }
}
