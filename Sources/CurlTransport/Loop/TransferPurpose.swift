import ToolAuthCore

/// What a transfer is for, and who waits for it. One of the two is resumed, once.
enum TransferPurpose {
    case reply(CheckedContinuation<Result<HTTPReply, TransportFailure>, Never>)
    /// A connection that no request goes over.
    case connection(CheckedContinuation<TransportFailure?, Never>)

    var sendsRequest: Bool {
        switch self {
        case .reply: true
        case .connection: false
        }
    }

    func fail(_ failure: TransportFailure) {
        switch self {
        case .reply(let waiting): waiting.resume(returning: .failure(failure))
        case .connection(let waiting): waiting.resume(returning: failure)
        }
    }

    /// - Parameter reply: asked for only where one is waited for.
    func succeed(_ reply: @autoclosure () -> HTTPReply) {
        switch self {
        case .reply(let waiting): waiting.resume(returning: .success(reply()))
        case .connection(let waiting): waiting.resume(returning: nil)
        }
    }
}
