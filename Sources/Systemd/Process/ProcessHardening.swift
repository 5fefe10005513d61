import CSystemd

/// What keeps this process's memory to itself.
package enum ProcessHardening {
    /// Why the kernel refused.
    package struct Failure: Error, CustomStringConvertible {
        package let errno: CInt

        package var description: String { "cannot forbid core dumps of this process: \(errorText(errno))" }
    }

    /// No core dump of the process, no report of a crash, and no other process of its user may read its memory. To be called
    /// before the first secret is read.
    package static func forbidDumps() throws(Failure) {
        let result = toolauth_forbid_dumps()
        if result < 0 { throw Failure(errno: -result) }
    }
}
