import FoundationEssentials
import SocketAPI

/// One call of the API: what is sent, how long it may take, and how its answer is read.
package struct APICall<Value: Sendable>: Sendable {
    package var request: APIRequest
    /// How long the daemon itself may take, beyond the client's time-out.
    package var patience: Duration
    /// Most bytes of answer admitted.
    package var bodyLimit: Int
    package var read: @Sendable (Reply) throws(ToolAuthClientError) -> Value

    init(
        _ request: APIRequest, patience: Duration = .zero, bodyLimit: Int = 1 << 20,
        read: @escaping @Sendable (Reply) throws(ToolAuthClientError) -> Value
    ) {
        self.request = request
        self.patience = patience
        self.bodyLimit = bodyLimit
        self.read = read
    }

    /// Calls that make the daemon ask a provider.
    static var providerPatience: Duration { .seconds(60) }
    /// Lists can be long.
    static var listLimit: Int { 64 << 20 }
}

extension APICall where Value: Decodable {
    /// A call whose success is a JSON body.
    init(_ request: APIRequest, patience: Duration = .zero, bodyLimit: Int = 1 << 20) {
        self.init(request, patience: patience, bodyLimit: bodyLimit) { reply throws(ToolAuthClientError) in
            try checkSuccess(reply)
            return try decoded(Value.self, reply)
        }
    }
}

/// - Throws: `problem` for a problem document, `protocolViolation` for anything else that is not a success.
func checkSuccess(_ reply: Reply) throws(ToolAuthClientError) {
    if (200..<300).contains(reply.status) { return }
    guard reply.head.mediaType == "application/problem+json" else {
        throw .protocolViolation("the daemon answered status \(reply.status) without saying why")
    }
    throw .problem(try decoded(ProblemBody.self, reply))
}

func decoded<Value: Decodable>(_ type: Value.Type, _ reply: Reply) throws(ToolAuthClientError) -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(reply.body))
    } catch {
        // Without the decoder's own words: they may quote the body.
        throw .protocolViolation("the daemon's answer (status \(reply.status)) is not the JSON that was asked for")
    }
}

func encoded(_ body: some Encodable) throws(ToolAuthClientError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return Array(try encoder.encode(body))
    } catch {
        throw .protocolViolation("the request does not go into JSON")
    }
}

/// The whole seconds the API takes, rounded up.
func wholeSeconds(_ duration: Duration) -> Int64 {
    duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
}
