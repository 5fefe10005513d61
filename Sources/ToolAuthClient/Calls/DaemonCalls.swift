public import SocketAPI

extension ToolAuthClient {
    /// Version, counts per tool and status, what is due, and the health of the token endpoints.
    public func status() async throws(ToolAuthClientError) -> StatusBody {
        try await value(of: .status())
    }

    /// Whether requests are served; `status` is `ok`, `degraded` or `failed`, and none of them is thrown.
    public func health() async throws(ToolAuthClientError) -> HealthBody {
        try await value(of: .health())
    }
}

extension APICall {
    package static func status() -> APICall where Value == StatusBody {
        APICall(APIRequest(.get, ["v1", "status"]), bodyLimit: listLimit)
    }

    package static func health() -> APICall where Value == HealthBody {
        APICall(APIRequest(.get, ["healthz"])) { reply throws(ToolAuthClientError) in
            // 503 is an answer here, unless it is the daemon's refusal to talk at all.
            let isAnswer = reply.status == 503 && reply.head.mediaType != "application/problem+json"
            if !isAnswer { try checkSuccess(reply) }
            return try decoded(HealthBody.self, reply)
        }
    }
}
