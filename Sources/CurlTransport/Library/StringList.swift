import CCurl
import Glibc

/// A `curl_slist`, whose strings are zeroed before they are freed: request headers hold credentials.
final class StringList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    /// Copies the bytes that `fill` writes as one more string.
    func append(capacity: Int, _ fill: (inout ByteWriter) -> Void) throws(LibraryError) {
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + 1, alignment: 1)
        defer {
            if let base = text.baseAddress { explicit_bzero(base, text.count) }
            text.deallocate()
        }
        var writer = ByteWriter(into: UnsafeMutableRawBufferPointer(rebasing: text[..<capacity]))
        fill(&writer)
        text[writer.count] = 0
        guard let base = text.baseAddress,
            let longer = curl_slist_append(first, base.assumingMemoryBound(to: CChar.self))
        else { throw LibraryError(CURLE_OUT_OF_MEMORY) }
        first = longer
    }

    func append(_ string: String) throws(LibraryError) {
        try append(capacity: string.utf8.count) { $0.write(string) }
    }

    deinit {
        var next = first
        while let node = next {
            if let string = node.pointee.data { explicit_bzero(string, strlen(string)) }
            next = node.pointee.next
        }
        curl_slist_free_all(first)
    }
}

/// Fills memory from its start, and never writes beyond its end.
struct ByteWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(into memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    mutating func write(_ string: String) {
        var copy = string
        copy.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= memory.count - count)
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
