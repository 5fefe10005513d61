import ToolAuthCore

/// The request headers as libcurl wants them.
enum HeaderLines {
    /// What the transport itself decides.
    private static let reserved: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade",
    ]

    /// - Throws: a failure of kind `refused` that names the header, never its value.
    static func check(_ headers: [HTTPRequest.Header]) throws(TransportFailure) {
        for header in headers {
            guard isToken(header.name) else { throw .refused("a header name is not a token (RFC 9110 §5.1)") }
            guard !reserved.contains(header.name.lowercased()) else {
                throw .refused("the header \(header.name) is not for the caller to set")
            }
            guard header.value.withUnsafeBytes({ $0.allSatisfy(isFieldByte) }) else {
                throw .refused("the header \(header.name) has a line break or another control character in its value")
            }
        }
    }

    /// - Parameter method: a POST without a type gets none, where libcurl would give it one.
    static func list(_ headers: [HTTPRequest.Header], method: HTTPRequest.Method) throws(LibraryError) -> StringList {
        let list = StringList()
        for header in headers {
            let isBlank = header.value.withUnsafeBytes { $0.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
            try list.append(capacity: header.name.utf8.count + 2 + header.value.count) { line in
                line.write(header.name)
                // `Name:` would take the header out; `Name;` sends it empty.
                line.write(isBlank ? ";" : ": ")
                if !isBlank { header.value.withUnsafeBytes { line.write($0) } }
            }
        }
        // A body goes at once; waiting for 100 Continue only costs time.
        try list.append("Expect:")
        if method == .post, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            try list.append("Content-Type:")
        }
        return list
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private static func isFieldByte(_ byte: UInt8) -> Bool { byte == 0x09 || byte >= 0x20 && byte != 0x7f }
}
