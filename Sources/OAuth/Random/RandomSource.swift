/// Where unguessable bytes come from; scripted in tests.
package protocol RandomSource: Sendable {
    /// `count` bytes nobody can foresee.
    func bytes(_ count: Int) -> [UInt8]
}

/// The kernel's generator, by way of `SystemRandomNumberGenerator`.
package struct SystemRandomSource: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        // Eight at a time: each call of the generator is one of the kernel.
        while bytes.count < count {
            withUnsafeBytes(of: generator.next() as UInt64) { bytes += $0.prefix(count - bytes.count) }
        }
        return bytes
    }
}
