import CCurl
import ToolAuthCore

extension TransportFailure {
    /// What a result of libcurl means.
    ///
    /// Total and pure. Before the request began, the end of a connection is a failure to connect, and nothing was sent;
    /// afterwards everything is ambiguous, whatever the code says: a connection error may be that of a second
    /// connection, made after the first one died with the request on it.
    ///
    /// - Parameters:
    ///   - peer: `host:port`.
    ///   - text: what libcurl wrote into its error buffer. Used only before the request began, when it can hold nothing
    ///     of request or reply.
    init(_ code: CURLcode, _ progress: TransferProgress, peer: String, text: String = "") {
        let kind = Self.kind(code, progress)
        let reason = progress.requestBegan || text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        self.init(
            kind, mayHaveBeenSent: progress.requestBegan,
            detail: Self.detail(kind, progress, peer: peer, reason: Self.printable(reason)))
    }

    private static func kind(_ code: CURLcode, _ progress: TransferProgress) -> Kind {
        if progress.replyTooLarge { return .replyTooLarge }
        if progress.repeatWasStopped { return .interrupted }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED:
            return progress.requestBegan ? .interrupted : .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            return .tls
        case CURLE_OPERATION_TIMEDOUT:
            return .timeout
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_SEND_FAIL_REWIND,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_HTTP3, CURLE_QUIC_CONNECT_ERROR:
            return progress.requestBegan ? .interrupted : .connect
        case CURLE_FILESIZE_EXCEEDED:
            return .replyTooLarge
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            // After the request: a reply that is not HTTP.
            return progress.requestBegan ? .other : .refused
        default:
            return .other
        }
    }

    private static func detail(_ kind: Kind, _ progress: TransferProgress, peer: String, reason: String) -> String {
        switch kind {
        case .refused: "the request to \(peer) was refused: \(reason)"
        case .resolve: "could not resolve the host of \(peer): \(reason)"
        case .connect: "could not connect to \(peer): \(reason)"
        case .tls: "TLS with \(peer) failed: \(reason)"
        case .timeout:
            progress.requestBegan ? "no whole reply from \(peer) in time" : "no connection to \(peer) in time"
        case .interrupted: "the connection to \(peer) ended before the reply was whole: \(reason)"
        case .replyTooLarge: "the reply of \(peer) is larger than allowed"
        case .cancelled: "the request to \(peer) was cancelled"
        case .shutDown: "the request to \(peer) was given up: the transport is shut down"
        case .other: "the transfer with \(peer) failed: \(reason)"
        }
    }

    /// An end that libcurl did not bring about.
    init(_ kind: Kind, _ progress: TransferProgress, peer: String, reason: String = "") {
        self.init(
            kind, mayHaveBeenSent: progress.requestBegan,
            detail: Self.detail(kind, progress, peer: peer, reason: Self.printable(reason)))
    }

    /// One line of bounded length: certificates put text of their own into libcurl's messages.
    private static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(200)
        return String(String.UnicodeScalarView(scalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
