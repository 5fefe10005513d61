/// Takes the lines off a stream, one after the other, holding no more than one.
struct LineReader {
    enum Line: Equatable {
        /// Without its end.
        case text([UInt8])
        /// More bytes than admitted; they were read over.
        case tooLong
    }

    private let input: StandardInput
    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isOver = false
    /// Bytes read from the stream, ends of lines included.
    private(set) var consumed = 0
    /// Why it ended where it did; nil: there is no more.
    private(set) var failure: StandardInput.ReadFailure?

    init(_ input: StandardInput, limit: Int) {
        self.input = input
        self.limit = limit
    }

    /// - Returns: nil at the end. A last line without an end is one all the same, unless the rest of it cannot be read.
    mutating func next() -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                take(buffer[start..<end], into: &line, &isTooLong)
                consumed += 1
                start = end + 1
                return isTooLong ? .tooLong : .text(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            }
            take(buffer[start...], into: &line, &isTooLong)
            start = 0
            buffer = isOver ? [] : read()
            isOver = buffer.isEmpty
            if failure != nil { return nil }
            if isOver { return isTooLong ? .tooLong : line.isEmpty ? nil : .text(line) }
        }
    }

    private mutating func read() -> [UInt8] {
        do { return try input.read(64 * 1024) } catch {
            failure = error
            return []
        }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, into line: inout [UInt8], _ isTooLong: inout Bool) {
        consumed += bytes.count
        isTooLong = isTooLong || line.count + bytes.count > limit
        if isTooLong { line = [] } else { line += bytes }
    }
}
