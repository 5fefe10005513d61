import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("A relay")
struct RelayTests {
    @Test("tells whoever is connected, and nobody before")
    func tells() {
        let relay = Relay()
        let count = Locked(0)
        relay.tell()
        relay.connect { count.withLock { $0 += 1 } }
        relay.tell()
        relay.tell()
        #expect(count.withLock { $0 } == 2)
    }

    @Test("is as deep a call the ten thousandth time as the first")
    func depth() {
        let relay = Relay()
        let places = Locked<[UInt]>([])
        relay.connect {
            var local: UInt8 = 0
            let place = withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
            places.withLock { $0.append(place) }
        }
        for _ in 0..<10_000 { relay.tell() }
        let seen = places.withLock { $0 }
        #expect(seen.count == 10_000)
        #expect((seen.max() ?? 0) - (seen.min() ?? 0) < 1024)
    }
}
