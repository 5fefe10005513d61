import Testing
import ToolAuthCore

@testable import CurlTransport

struct ReplyBufferTests {
    @Test("what is appended in parts of any size comes out whole", arguments: [1, 7, 4096, 5000, 100_000])
    func whole(_ size: Int) {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let buffer = ReplyBuffer(limit: bytes.count)
        for start in stride(from: 0, to: bytes.count, by: size) {
            #expect(bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { buffer.append($0) })
        }
        #expect(buffer.secret == Secret(bytes))
        #expect([1].withUnsafeBytes { !buffer.append($0) })
        #expect(buffer.secret == Secret(bytes))
    }

    @Test("a limit of nothing or less takes nothing but nothing", arguments: [0, -1, Int.min])
    func nothing(_ limit: Int) {
        let buffer = ReplyBuffer(limit: limit)
        #expect(buffer.append(UnsafeRawBufferPointer(start: nil, count: 0)))
        #expect([UInt8(1)].withUnsafeBytes { !buffer.append($0) })
        #expect(buffer.secret.isEmpty)
    }
}
