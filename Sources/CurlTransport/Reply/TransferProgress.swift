/// What is known of a transfer when it ends without a reply.
struct TransferProgress: Equatable {
    /// The connection stood, TLS included, and libcurl was about to write the request. False is certain: libcurl asks
    /// before each request it writes, over new and kept connections alike, and not before it may write (no early data).
    var requestBegan = false
    /// libcurl was about to write the request a second time, and was stopped.
    var repeatWasStopped = false
    /// The reply went beyond a cap.
    var replyTooLarge = false
}
