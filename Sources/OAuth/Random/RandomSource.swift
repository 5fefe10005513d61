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
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
