import FoundationEssentials

/// What `JSONDecoder` does not tell of a JSON object: which names came twice, which it ignored, and whether it let a comma
/// before a closing bracket pass.
///
/// Reads only what `JSONDecoder` accepted, in UTF-8, whose outermost value is an object; of anything else the result
/// means nothing.
struct JSONMembers {
    /// The names of the outermost object, unescaped, in order.
    private(set) var names: [String] = []
    /// The first name that an object has twice, at any depth; nil: none has.
    private(set) var duplicate: String?
    /// Whether a comma stands before a closing bracket, which is not JSON (RFC 8259 §4, §5).
    private(set) var hasTrailingComma = false

    init(_ json: [UInt8]) {
        // One entry per open object or array: the names seen so far; nil for an array.
        var open: [Set<String>?] = []
        var expectsName = false
        var follows: UInt8 = 0
        var position = 0
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "{"):
                open.append([])
                expectsName = true
            case UInt8(ascii: "["):
                open.append(nil)
                expectsName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if follows == UInt8(ascii: ",") { hasTrailingComma = true }
                _ = open.popLast()
                expectsName = false
            case UInt8(ascii: ","):
                if case .some(.some) = open.last { expectsName = true }
            case UInt8(ascii: "\""):
                let end = Self.endOfString(in: json, from: position)
                if expectsName, var seen = open.last ?? nil {
                    let name = Self.unescaped(json[position..<end])
                    if open.count == 1 { names.append(name) }
                    if !seen.insert(name).inserted, duplicate == nil { duplicate = name }
                    open[open.count - 1] = seen
                    expectsName = false
                }
                follows = UInt8(ascii: "\"")
                position = end
                continue
            default: break
            }
            if !Self.isSpace(json[position]) { follows = json[position] }
            position += 1
        }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    /// The index after the closing quote.
    private static func endOfString(in json: [UInt8], from start: Int) -> Int {
        var position = start + 1
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "\""): return position + 1
            default: position += 1
            }
        }
        return json.count
    }

    private static func unescaped(_ literal: ArraySlice<UInt8>) -> String {
        guard literal.contains(UInt8(ascii: "\\")) else {
            return String(decoding: literal.dropFirst().dropLast(), as: UTF8.self)
        }
        return (try? JSONDecoder().decode(String.self, from: Data(literal))) ?? ""
    }
}
