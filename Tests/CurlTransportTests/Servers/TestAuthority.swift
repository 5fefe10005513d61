import Glibc
import ToolAuthCore

/// A certificate authority in a directory of its own, which goes with it.
final class TestAuthority: Sendable {
    struct Certificate: Sendable {
        let file: String
        let key: String
    }

    /// One for all tests that need no second one: making it takes programs and time. Its directory goes at exit.
    static let shared = Task {
        let authority = await TestAuthority()
        sharedDirectory.withLock { $0 = authority.directory }
        atexit { TestAuthority.sharedDirectory.withLock { if !$0.isEmpty { ChildProcess.run(["rm", "-rf", $0]) } } }
        return authority
    }
    private static let sharedDirectory = Locked("")

    let directory: String
    var caFile: String { directory + "/ca.pem" }
    private let made = Locked(0)

    /// For `localhost` and 127.0.0.1.
    let localhost: Certificate

    init() async {
        (directory, localhost) = await onThread {
            let directory = Self.make()
            return (directory, Self.makeCertificate(in: directory, "localhost", for: "DNS:localhost,IP:127.0.0.1"))
        }
    }

    private static func make() -> String {
        var template = Array("/tmp/toolauthd-curl-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        ChildProcess.run(
            ["openssl", "req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-out", directory + "/ca.pem"]
                + Self.newKey(directory + "/ca.key")
                + ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        return directory
    }

    deinit { ChildProcess.run(["rm", "-rf", directory]) }

    /// A server certificate for `names`, such as `DNS:localhost,IP:127.0.0.1`.
    func certificate(
        for names: String = "DNS:localhost,IP:127.0.0.1", expired: Bool = false
    ) async -> Certificate {
        let number = made.withLock { made in
            made += 1
            return made
        }
        return await onThread { [directory] in
            Self.makeCertificate(in: directory, "server\(number)", for: names, expired: expired)
        }
    }

    private static func makeCertificate(
        in directory: String, _ name: String, for names: String, expired: Bool = false
    ) -> Certificate {
        let base = "\(directory)/\(name)"
        ChildProcess.run(
            ["openssl", "req", "-new", "-subj", "/CN=server", "-addext", "subjectAltName=\(names)"]
                + ["-out", base + ".csr"] + Self.newKey(base + ".key"))
        write("", to: base + ".db")
        write(
            """
            [ca]
            default_ca = test
            [test]
            database = \(base).db
            new_certs_dir = \(directory)
            rand_serial = yes
            default_md = sha256
            policy = any
            copy_extensions = copy
            [any]
            commonName = supplied

            """, to: base + ".conf")
        ChildProcess.run(
            ["openssl", "ca", "-batch", "-notext", "-config", base + ".conf", "-in", base + ".csr"]
                + ["-out", base + ".pem"] + ["-cert", directory + "/ca.pem", "-keyfile", directory + "/ca.key"]
                + (expired
                    ? ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"]
                    : ["-startdate", "20200101000000Z", "-days", "2"]))
        return Certificate(file: base + ".pem", key: base + ".key")
    }

    static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else { preconditionFailure("cannot write \(path)") }
        fputs(text, file)
        fclose(file)
    }

    private static func newKey(_ path: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]
    }
}
