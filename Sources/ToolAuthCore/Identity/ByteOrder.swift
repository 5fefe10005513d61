/// Whether two strings have the same UTF-8 bytes; `String ==` asks for canonical equivalence instead.
package func bytesEqual(_ lhs: String, _ rhs: String) -> Bool {
    lhs.utf8.elementsEqual(rhs.utf8)
}

/// Whether the bytes of `lhs` sort before those of `rhs`, the order in which SQLite's BINARY collation sorts text.
package func bytesPrecede(_ lhs: String, _ rhs: String) -> Bool {
    lhs.utf8.lexicographicallyPrecedes(rhs.utf8)
}
