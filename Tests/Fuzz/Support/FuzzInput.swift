/// The bytes of one input, taken off the front: what chooses first, what is read last. Corpora are text where they can be.
package struct FuzzInput {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = ArraySlice(bytes)
    }

    /// All that was not taken.
    package var rest: [UInt8] { Array(bytes) }

    /// As text, what is no UTF-8 repaired.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The next byte; 0 where there is none.
    package mutating func byte() -> UInt8 { bytes.popFirst() ?? 0 }

    /// One of `choices`, by the next byte: `a`, `b`, … or any other.
    package mutating func choice<Choice>(of choices: [Choice]) -> Choice {
        choices[Int(byte() &- UInt8(ascii: "a")) % choices.count]
    }

    /// What stands before the next line feed, which is taken too.
    package mutating func line() -> String {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        bytes = bytes.dropFirst(line.count + 1)
        return String(decoding: line, as: UTF8.self)
    }
}
