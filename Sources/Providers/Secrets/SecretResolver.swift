import ToolAuthCore

/// Fetches client secrets from where tool documents say they are.
struct SecretResolver: Sendable {
    /// What relative paths are relative to.
    let directory: String
    let source: any SecretSource
    let allowsInline: Bool

    /// Longer than any client secret.
    static let longest = 16 << 10

    /// - Returns: the secret; nil where it cannot be had, and `log` tells why.
    func secret(_ reference: SecretReference, _ log: inout ProblemLog) -> Secret? {
        let place = reference.place
        do throws(SecretFailure) {
            return try Self.checked(fetch(place, &log))
        } catch {
            log.error(at: place, error.detail)
            return nil
        }
    }

    private func fetch(_ place: Located<SecretReference.Place>, _ log: inout ProblemLog) throws(SecretFailure) -> Secret
    {
        switch place.value {
        case .credential(let name):
            guard Self.isCredentialName(name) else { throw SecretFailure("'\(name)' is no name of a credential") }
            guard let secret = try source.credential(named: name) else {
                throw SecretFailure(
                    "there is no credential '\(name)'; give the unit LoadCredential=\(name):PATH and restart it")
            }
            return secret
        case .file(let path):
            return try read(Paths.absolute(path, in: directory), place, &log)
        case .environment(let name):
            guard allowsInline else {
                throw SecretFailure("secrets in the environment are refused; use {credential: …} or {file: …}")
            }
            guard let secret = source.environmentVariable(named: name) else {
                throw SecretFailure("the environment variable '\(name)' is not set")
            }
            return secret
        case .inline(let secret):
            guard allowsInline else {
                throw SecretFailure("a secret in clear is refused; use {credential: …} or {file: …}")
            }
            return secret
        }
    }

    private func read(
        _ path: String, _ place: Located<SecretReference.Place>, _ log: inout ProblemLog
    ) throws(SecretFailure) -> Secret {
        do throws(FileReader.Failure) {
            let contents = try FileReader.read(path, limit: Self.longest)
            let mode = String(contents.mode, radix: 8)
            if contents.mode & 0o022 != 0 {
                throw FileReader.Failure(
                    detail: "can be written by others than its owner (mode 0\(mode)); chmod go-w it", isMissing: false)
            }
            if contents.mode & 0o004 != 0 {
                log.warning(
                    at: place.position, key: place.key, "\(path) can be read by everybody (mode 0\(mode)); chmod o-r it"
                )
            }
            return Secret(contents.bytes)
        } catch {
            throw SecretFailure("\(path) \(error.detail)")
        }
    }

    /// The secret without one trailing newline. RFC 6749 appendix A.2 has visible ASCII and spaces: a control character
    /// came there by mistake.
    private static func checked(_ secret: Secret) throws(SecretFailure) -> Secret {
        let trimmed = secret.withUnsafeBytes { bytes in
            bytes.last == UInt8(ascii: "\n") ? Secret(bytes.dropLast()) : secret
        }
        guard !trimmed.isEmpty else { throw SecretFailure("the secret is empty") }
        let isText = trimmed.withUnsafeBytes { $0.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }
        guard isText else { throw SecretFailure("the secret has a line break or another control character in it") }
        return trimmed
    }

    /// What systemd takes for one: a file name.
    private static func isCredentialName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }
    }
}
