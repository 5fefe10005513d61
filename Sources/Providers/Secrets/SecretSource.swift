import Glibc
package import ToolAuthCore

/// Where named secrets come from; the daemon has systemd's credentials for it.
package protocol SecretSource: Sendable {
    /// A credential as it is, a trailing newline included; nil: there is none of that name.
    ///
    /// - Throws: ``SecretFailure`` where it is there but cannot be read.
    func credential(named name: String) throws(SecretFailure) -> Secret?

    /// The value of an environment variable; nil: it is not set. Asked only where `allow_inline_secrets` is true.
    func environmentVariable(named name: String) -> Secret?
}

/// Why a secret cannot be had, as the end of a sentence: "cannot be read: Permission denied". Never the secret.
package struct SecretFailure: Error, Sendable, Equatable {
    package let detail: String

    package init(_ detail: String) {
        self.detail = detail
    }
}

extension SecretSource {
    package func environmentVariable(named name: String) -> Secret? {
        getenv(name).map { Secret(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
}
