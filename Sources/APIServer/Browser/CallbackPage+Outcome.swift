import ToolAuthCore

/// A page for each way it can end. Nothing is said of a former grant but that nothing has changed: it goes on working.
extension CallbackPage {
    /// - Parameter title: of the tool, as its configuration has it.
    static func connected(_ key: ToolAuthKey, title: String) -> CallbackPage {
        CallbackPage(
            mark: .success, tool: title, statement: "is connected",
            explanation: "The access you granted is stored, and renewed for you from now on.",
            nextStep: "You can close this window.",
            facts: [Fact(name: "Tool", value: key.toolID.rawValue), Fact(name: "User", value: key.userID.rawValue)])
    }

    /// The user said no, or somebody who decides for him (`access_denied`, RFC 6749 §4.1.2.1).
    ///
    /// - Parameter description: in the provider's words.
    static func denied(description: String?) -> CallbackPage {
        CallbackPage(
            mark: .refusal, statement: "Access was not granted",
            explanation: "The request was declined at the provider, so nothing has changed.",
            nextStep: "You can close this window, or start again from the application.",
            facts: facts("access_denied", "Provider", description))
    }

    /// The provider refused for another reason.
    ///
    /// - Parameters:
    ///   - code: the provider's, such as `invalid_grant`.
    ///   - description: in the provider's words.
    static func failed(code: String, description: String?) -> CallbackPage {
        CallbackPage(
            mark: .failure, statement: "The connection failed",
            explanation: "The provider did not complete the request, so nothing has changed.",
            nextStep: "Start again from the application.",
            facts: facts(code, "Provider", description))
    }

    /// The provider gave nothing that lasts, and the user has a grant that does.
    static func keptFormerGrant(code: String) -> CallbackPage {
        CallbackPage(
            mark: .warning, statement: "Connected as before",
            explanation: "The provider granted no lasting access this time, so the connection that works was kept.",
            nextStep: "To replace it, remove this access in your account at the provider, then start again.",
            facts: facts(code, "Provider", nil))
    }

    /// The state is unknown, expired or used, or the callback is not what its flow expects.
    static func invalidCallback(code: String, reason: String?) -> CallbackPage {
        CallbackPage(
            mark: .warning, statement: "This link does not work",
            explanation: "It was used before, has expired, or belongs to another request. Each link works only once.",
            nextStep: "Start again from the application.",
            facts: facts(code, "Reason", reason))
    }

    /// The provider or the store cannot be reached. The state is used up all the same.
    static func temporarilyUnavailable(code: String, reason: String?) -> CallbackPage {
        CallbackPage(
            mark: .warning, statement: "Not connected this time",
            explanation: "Something needed for it could not be reached. This attempt is over; nothing has changed.",
            nextStep: "Start again from the application in a few minutes.",
            facts: facts(code, "Reason", reason))
    }

    /// A fault or a setting of ours.
    static func fault(code: String, reason: String?) -> CallbackPage {
        CallbackPage(
            mark: .failure, statement: "Something went wrong here",
            explanation: "toolauthd could not complete the connection. Nothing has changed.",
            nextStep: "Start again from the application, or ask whoever runs it.",
            facts: facts(code, "Reason", reason))
    }

    static let notFound = CallbackPage(
        mark: .warning, statement: "There is nothing here",
        explanation: "Only providers send browsers to this address, when somebody connects a tool.",
        nextStep: "You can close this window.")

    static let methodNotAllowed = CallbackPage(
        mark: .warning, statement: "That is no way to come here",
        explanation: "This address answers a browser that a provider sent back, and no other kind of request.",
        nextStep: "Start again from the application.")

    private static func facts(_ code: String, _ name: String, _ text: String?) -> [Fact] {
        let fact = Fact(name: "Error", value: code)
        guard let text, !text.isEmpty else { return [fact] }
        return [fact, Fact(name: name, value: text, isCode: false)]
    }
}
