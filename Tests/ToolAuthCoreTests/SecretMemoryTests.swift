import Glibc
import Testing

@testable import ToolAuthCore

@Suite("Memory of secrets")
struct SecretMemoryTests {
    @Test(
        "it is locked, and left out of core dumps", .disabled(if: isSanitized, "sanitizers let mlock do nothing"),
        arguments: [1, 32, 33, 1000, 8192, 8193, 100_000])
    func locked(byteCount: Int) throws {
        let memory = SecretMemory()
        let secret = Secret([UInt8](repeating: 0x41, count: byteCount), in: memory)
        try #require(memory.usage.unlocked == 0, "these tests need an RLIMIT_MEMLOCK of a mebibyte or more")
        let flags = secret.withUnsafeBytes { mappingFlags(at: $0.baseAddress) }
        #expect(flags.contains("lo"))
        #expect(flags.contains("dd"))
    }

    @Test("that of other things is not, so that the test before proves something")
    func othersAreNot() {
        let other = UnsafeMutableRawBufferPointer.allocate(byteCount: 100_000, alignment: 1)
        defer { other.deallocate() }
        let flags = mappingFlags(at: UnsafeRawPointer(other.baseAddress))
        #expect(flags.contains("rd"))
        #expect(!flags.contains("lo"))
        #expect(!flags.contains("dd"))
    }

    @Test("what lay there is overwritten once the last copy of a secret is gone")
    func overwritten() {
        let memory = SecretMemory()
        let neighbour = Secret("neighbour".utf8, in: memory)
        var secret: Secret? = Secret("canary-7f3a".utf8, in: memory)
        let copy = Copy(secret)
        // The neighbour keeps the pages, so that they can be looked at afterwards.
        let place = secret?.withUnsafeBytes { $0.baseAddress }
        func text() -> String {
            String(decoding: UnsafeRawBufferPointer(start: place, count: 11), as: UTF8.self)
        }
        #expect(text() == "canary-7f3a")
        secret = nil
        #expect(text() == "canary-7f3a")
        copy.secret = nil
        #expect(text() == String(repeating: "\0", count: 11))
        #expect(neighbour.reveal() == "neighbour")
    }

    @Test("a slot is used again, also by a shorter secret, of which nothing more can be seen than it has")
    func usedAgain() {
        let memory = SecretMemory()
        var first: Secret? = Secret("canary-7f3a".utf8, in: memory)
        let place = first?.withUnsafeBytes { $0.baseAddress }
        first = nil
        let second = Secret("short".utf8, in: memory)
        #expect(second.withUnsafeBytes { $0.baseAddress } == place)
        #expect(second.count == 5)
        #expect(second.reveal() == "short")
    }

    @Test(
        "a slot is the least power of two that holds the secret",
        arguments: [(1, 32), (32, 32), (33, 64), (64, 64), (1000, 1024), (8192, 8192)])
    func slots(byteCount: Int, slot: Int) {
        #expect(SecretMemory.slotSize(for: byteCount) == slot)
    }

    @Test("secrets of all lengths keep their bytes while others come and go")
    func mixed() {
        let memory = SecretMemory()
        var random = SystemRandomNumberGenerator()
        var kept: [(bytes: [UInt8], secret: Secret)] = []
        for _ in 0..<5000 {
            if kept.count > 300 { kept.remove(at: Int.random(in: 0..<kept.count, using: &random)) }
            let count = Int.random(in: 0...(Bool.random() ? 100 : 9000), using: &random)
            let bytes = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: count)
            kept.append((bytes, Secret(bytes, in: memory)))
        }
        for (bytes, secret) in kept { #expect(secret.withUnsafeBytes { Array($0) } == bytes) }
    }

    @Test("threads share it")
    func threads() async {
        let memory = SecretMemory()
        await withTaskGroup(of: Bool.self) { group in
            for number in UInt8(1)...4 {
                group.addTask {
                    (1...2000).allSatisfy { round in
                        let bytes = [UInt8](repeating: number, count: round % 300 + 1)
                        return Secret(bytes, in: memory).withUnsafeBytes { Array($0) } == bytes
                    }
                }
            }
            for await kept in group { #expect(kept) }
        }
    }

    @Test("pages go back to the kernel, but for one block of each size")
    func givenBack() {
        let memory = SecretMemory()
        #expect(memory.usage == SecretMemory.Usage())
        var secrets = (0..<10_000).map { Secret("secret \($0)".utf8, in: memory) }
        let most = memory.usage.locked + memory.usage.unlocked
        #expect(most >= 10_000 * 32)
        #expect(most < 11_000 * 32)
        secrets.removeAll()
        #expect(memory.usage.locked + memory.usage.unlocked == 4 * LockedPages.pageSize)
        var large: Secret? = Secret([UInt8](repeating: 1, count: 1 << 20), in: memory)
        #expect(large?.count == 1 << 20)
        #expect(memory.usage.locked + memory.usage.unlocked == 4 * LockedPages.pageSize + 1 << 20)
        large = nil
        #expect(memory.usage.locked + memory.usage.unlocked == 4 * LockedPages.pageSize)
    }

    @Test("what the kernel does not lock is used and counted")
    func refused() {
        let memory = SecretMemory(lock: { _ in false })
        let secret = Secret("canary-7f3a".utf8, in: memory)
        #expect(secret.reveal() == "canary-7f3a")
        #expect(memory.usage == SecretMemory.Usage(locked: 0, unlocked: 4 * LockedPages.pageSize))
    }

    @Test(
        "the kernel refuses beyond RLIMIT_MEMLOCK, and the secret is there all the same",
        .disabled(if: isSanitized, "sanitizers let mlock do nothing"))
    func beyondTheLimit() async {
        await #expect(processExitsWith: .success) {
            // The superuser has no such limit.
            guard geteuid() != 0 || setuid(65534) == 0 else { exit(1) }
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            guard setrlimit(__rlimit_resource_t(8), &none) == 0 else { exit(2) }  // RLIMIT_MEMLOCK
            let memory = SecretMemory()
            let secret = Secret("canary-7f3a".utf8, in: memory)
            guard memory.usage.unlocked > 0, memory.usage.locked == 0 else { exit(3) }
            guard secret.reveal() == "canary-7f3a" else { exit(4) }
            exit(0)
        }
    }

    @Test(
        "where there is no memory the process ends, and names no secret",
        .disabled(if: isSanitized, "sanitizers need more memory than the test leaves"))
    func noMemory() async throws {
        let result = try #require(
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                var little = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
                guard setrlimit(__rlimit_resource_t(9), &little) == 0 else { exit(0) }  // RLIMIT_AS
                _ = LockedPages(byteCount: 1 << 30, lock: { _ in true })
                exit(0)
            })
        let said = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(said.contains("no memory left for 1073741824 bytes of secrets"))
    }
}

/// Whether a sanitizer is part of this program.
private let isSanitized = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

/// A second holder of a secret.
private final class Copy {
    var secret: Secret?

    init(_ secret: Secret?) { self.secret = secret }
}

/// The flags that /proc/self/smaps shows of the mapping that holds the address (proc(5), VmFlags).
private func mappingFlags(at address: UnsafeRawPointer?) -> Set<Substring> {
    let wanted = UInt(bitPattern: address)
    guard let file = fopen("/proc/self/smaps", "r") else { return [] }
    defer { fclose(file) }
    var isWanted = false
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(whereSeparator: \.isWhitespace)
        guard let first = words.first else { continue }
        if first == "VmFlags:", isWanted { return Set(words.dropFirst()) }
        let ends = first.split(separator: "-").compactMap { UInt($0, radix: 16) }
        if ends.count == 2 { isWanted = ends[0] <= wanted && wanted < ends[1] }
    }
    return []
}
