import Glibc

/// A system call that failed in a test.
package struct SystemError: Error, CustomStringConvertible {
    package let description: String

    /// - Parameter code: `errno` by default.
    package init(_ call: String, code: Int32 = errno) {
        description = "\(call): \(String(cString: strerror(code)))"
    }
}
