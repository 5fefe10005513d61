import Glibc

/// Whether two strings have the same UTF-8 bytes; `String ==` asks for canonical equivalence instead.
package func bytesEqual(_ lhs: String, _ rhs: String) -> Bool {
    compareBytes(lhs, rhs) { left, right in left.count == right.count && compare(left, right) == 0 }
}

/// Whether the bytes of `lhs` sort before those of `rhs`, the order in which SQLite's BINARY collation sorts text.
package func bytesPrecede(_ lhs: String, _ rhs: String) -> Bool {
    compareBytes(lhs, rhs) { left, right in
        let order = compare(left, right)
        return order == 0 ? left.count < right.count : order < 0
    }
}

/// Feeds the UTF-8 bytes of `text` to `hasher`, to go with ``bytesEqual(_:_:)``.
package func hashBytes(of text: String, into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    // No text has this byte: two of them after one another hash like no other two.
    hasher.combine(UInt8(0xff))
}

private func compareBytes(
    _ lhs: String, _ rhs: String, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
) -> Bool {
    var (left, right) = (lhs, rhs)
    return left.withUTF8 { left in right.withUTF8 { right in body(left, right) } }
}

/// Of as many bytes as both have.
private func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return 0 }
    return memcmp(leftBase, rightBase, min(left.count, right.count))
}
