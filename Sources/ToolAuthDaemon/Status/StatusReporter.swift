import Refresh
import Systemd
import ToolAuthCore

/// Keeps the service manager's `STATUS=` true: told of changes, it looks at most once a second.
actor StatusReporter {
    static let leastInterval: Duration = .seconds(1)

    private let notifier: ServiceNotifier
    private let service: any ToolAuthService
    private var isScheduled = false
    private var changedAgain = false

    init(notifier: ServiceNotifier, service: any ToolAuthService) {
        self.notifier = notifier
        self.service = service
    }

    /// Something changed.
    func changed() {
        if isScheduled {
            changedAgain = true
            return
        }
        isScheduled = true
        Task { await self.reportUntilQuiet() }
    }

    /// Looks now, and says how things are.
    func report() async {
        guard let status = try? await service.status(in: .all) else {
            notifier.status("The store cannot be read; see the journal.")
            return
        }
        notifier.status(StatusSentence.make(status))
    }

    private func reportUntilQuiet() async {
        repeat {
            changedAgain = false
            await report()
            try? await Task.sleep(for: Self.leastInterval)
        } while changedAgain
        isScheduled = false
    }
}
