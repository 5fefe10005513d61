import ToolAuthCore

extension AttemptFailure {
    /// What the provider answered, in its own words where they repeat nothing that was sent.
    init(code: String?, description: String?, status: Int, fallback: String, withholding secrets: [Secret]) {
        let shownCode = code.flatMap { PlainText.shown($0, withholding: secrets) }
        let shownDescription = description.flatMap { PlainText.shown($0, withholding: secrets) }
        self.init(
            code: shownCode ?? "http_\(status)",
            detail: shownDescription ?? (shownCode.map { "the provider answered \($0)" } ?? fallback),
            providerStatus: status)
    }

    init(status: Int, _ detail: String) {
        self.init(code: "http_\(status)", detail: detail, providerStatus: status)
    }

    init(_ failure: TransportFailure) {
        self.init(code: failure.kind.rawValue, detail: failure.detail)
    }
}
