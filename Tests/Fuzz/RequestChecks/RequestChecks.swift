import FuzzSupport
import OAuth

/// No configuration and no server sends secrets out of https, nor into this machine.
package func checkAddress(_ text: String) {
    guard let url = try? EndpointURL(text) else { fatalError("a request to what is no URL: \(text)") }
    expect(url.scheme == .https, "a request without TLS: \(text)")
    expect(!url.isLoopbackAddress, "a request to this machine: \(text)")
}

/// The same for every input, so that a finding can be done again.
package struct FixedRandom: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }
}
