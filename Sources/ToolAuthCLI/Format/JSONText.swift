import FoundationEssentials

/// Works on JSON as text, so that members this program does not know, and their order, stay.
///
/// The text must be JSON; of anything else something comes out, but not an error.
enum JSONText {
    /// `text` as a JSON string.
    static func string(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A string always encodes.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }

    /// Laid out over lines, indented by two, with characters that a terminal would obey written as `\u` escapes.
    ///
    /// - Parameter depth: how deep it stands in what surrounds it.
    static func pretty(_ json: some Collection<UInt8>, depth: Int = 0) -> String {
        var out = ""
        var depth = depth
        var inString = false
        var isEscaped = false
        var isFresh = false  // just after an opening bracket
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if inString {
                append(scalar, to: &out)
                if isEscaped {
                    isEscaped = false
                } else {
                    isEscaped = scalar == "\\"
                    inString = scalar != "\""
                }
                continue
            }
            switch scalar {
            case " ", "\t", "\r", "\n": continue
            case "}", "]":
                depth = max(0, depth - 1)
                if !isFresh { out += line(depth) }
            default:
                if isFresh { out += line(depth) }
            }
            isFresh = false
            append(scalar, to: &out)
            switch scalar {
            case "\"": inString = true
            case "{", "[":
                depth += 1
                isFresh = true
            case ",": out += line(depth)
            case ":": out += " "
            default: break
            }
        }
        return out
    }

    /// The elements of the array that is the member `name` of an object; empty if there is none.
    static func elements(of name: String, in json: [UInt8]) -> [ArraySlice<UInt8>] {
        var elements: [ArraySlice<UInt8>] = []
        var depth = 0
        var stringStart: Int?
        var isEscaped = false
        var lastString: ArraySlice<UInt8> = []
        var elementStart: Int?
        for (index, byte) in json.enumerated() {
            if let start = stringStart {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    lastString = json[(start + 1)..<index]
                    stringStart = nil
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): stringStart = index
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth == 2, byte == UInt8(ascii: "["), lastString.elementsEqual(name.utf8), elements.isEmpty {
                    elementStart = index + 1
                }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if depth == 2, let start = elementStart {
                    elements.append(json[start..<index])
                    elementStart = nil
                }
                depth -= 1
            case UInt8(ascii: ","):
                if depth == 2, let start = elementStart {
                    elements.append(json[start..<index])
                    elementStart = index + 1
                }
            default: break
            }
        }
        // An empty array has one "element" of blanks.
        return elements.filter { $0.contains { $0 > UInt8(ascii: " ") } }
    }

    private static func line(_ depth: Int) -> String {
        "\n" + String(repeating: "  ", count: depth)
    }

    private static func append(_ scalar: Unicode.Scalar, to out: inout String) {
        if isShowable(scalar) {
            out.unicodeScalars.append(scalar)
            return
        }
        for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            out += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }
    }
}
