import ArgumentParser
import Dispatch
import Glibc
import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// Completes the names of tools, as the daemon has them; none where it does not answer at once.
let toolCompletion = CompletionKind.custom { words, _, _ in
    LiveCompletion(words).wait { await $0.tools() }
}

/// Completes the names of providers.
let providerCompletion = CompletionKind.custom { words, _, _ in
    LiveCompletion(words).wait { await $0.providers() }
}

/// Completes the ids of users who have connected something.
let userCompletion = CompletionKind.custom { words, _, _ in
    LiveCompletion(words).wait { await $0.users() }
}

/// Asks the daemon while somebody presses the tab key: in little time, and without a word if it fails.
struct LiveCompletion: Sendable {
    private static let patience: Duration = .seconds(2)
    private static let most = 200

    private let client: ToolAuthClient

    /// - Parameter words: the command line so far, in which a socket may be named.
    init(_ words: [String]) {
        let environment: @Sendable (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
        let path = ToolAuthClient.discover(socketPath: Self.socket(in: words), environment: environment).socketPath
        client = ToolAuthClient(socketPath: path, timeout: Self.patience)
    }

    /// The argument parser asks here synchronously, before any command runs; the calls themselves have threads of their own.
    func wait(_ names: @escaping @Sendable (LiveCompletion) async -> [String]) -> [String] {
        let found = Locked<[String]>([])
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            let all = await names(self)
            found.withLock { $0 = all }
            isDone.signal()
        }
        isDone.wait()
        return found.withLock { $0 }
    }

    static func socket(in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word == "--socket", index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix("--socket=") { return String(word.dropFirst("--socket=".count)) }
        }
        return nil
    }

    func tools() async -> [String] {
        ((try? await client.tools()) ?? []).map(\.toolID)
    }

    func providers() async -> [String] {
        ((try? await client.providers()) ?? []).map(\.name)
    }

    func users() async -> [String] {
        let auths = (try? await client.auths(limit: 1000))?.auths ?? []
        return Self.offered(auths.map(\.userID), to: CompletionShell.requesting)
    }

    /// - Parameter shell: nil: it did not say which it is.
    static func offered(_ ids: [String], to shell: CompletionShell?) -> [String] {
        // What a shell would take apart is not offered.
        let safe = ids.filter { id in
            id.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && !"'\"\\$`".utf8.contains($0) }
        }
        let offered = Set(safe).sorted().prefix(Self.most)
        // For zsh what stands behind a colon is a description.
        return shell == .zsh ? offered.map { $0.replacing(":", with: "\\:") } : Array(offered)
    }
}
