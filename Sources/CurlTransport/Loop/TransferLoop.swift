import CCurl
import Dispatch
import ToolAuthCore

/// Runs transfers: the one place where libcurl is called, confined to one serial queue.
actor TransferLoop {
    private let executor = QueueExecutor(label: "toolauthd.curl")
    private let configuration: CurlHTTPTransport.Configuration

    private var isStopped = false
    private var transfers: [TransferID: Transfer] = [:]
    /// The transfers that libcurl knows.
    private var byHandle: [UnsafeMutableRawPointer: TransferID] = [:]
    private var lookups: NameLookups

    /// Made for the first transfer, closed with its connections and cached certificates when all is quiet.
    private var multi: MultiHandle?
    private var quiet: LazyTimer?
    /// Rings when the time of a transfer may be over.
    private var deadlines: LazyTimer?
    /// The TLS sessions, which outlive connections: libcurl keeps them with the easy handle otherwise.
    private var sessions: UnsafeMutableRawPointer?
    /// Entered for each descriptor that is open for a Dispatch source.
    private let descriptors = DispatchGroup()

    init(_ configuration: CurlHTTPTransport.Configuration) {
        self.configuration = configuration
        lookups = NameLookups(limit: max(1, configuration.maximumLookups), lifetime: configuration.lookupLifetime)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    // MARK: What others ask for

    func reply(
        to request: HTTPRequest, _ target: RequestTarget, _ id: TransferID
    ) async -> Result<HTTPReply, TransportFailure> {
        await withCheckedContinuation { run(request, to: target, id, for: .reply($0)) }
    }

    /// - Parameter request: the one whose connection is tried.
    func connect(
        for request: HTTPRequest, _ target: RequestTarget, _ id: TransferID
    ) async -> TransportFailure? {
        await withCheckedContinuation { run(request, to: target, id, for: .connection($0)) }
    }

    /// Has no effect on a transfer that is not there (yet, or any more).
    nonisolated func cancel(_ id: TransferID) {
        executor.queue.async { self.assumeIsolated { $0.end(id, .cancelled) } }
    }

    func shutDown() async {
        close()
        await withCheckedContinuation { continuation in
            descriptors.notify(queue: executor.queue) { continuation.resume() }
        }
    }

    /// As ``shutDown()``, without waiting for it.
    nonisolated func stop() {
        executor.queue.async { self.assumeIsolated { $0.close() } }
    }

    // MARK: The way of a transfer

    /// Called in the task of whoever waits.
    private func run(
        _ request: HTTPRequest, to target: RequestTarget, _ id: TransferID, for purpose: TransferPurpose
    ) {
        // Asked here and not before: a cancellation from now on finds the transfer in `transfers`.
        if isStopped || Task.isCancelled {
            let kind: TransportFailure.Kind = isStopped ? .shutDown : .cancelled
            purpose.fail(TransportFailure(kind, TransferProgress(), peer: target.peer))
        } else {
            begin(
                Transfer(
                    id, request, to: target, maximumHeaderBytes: configuration.maximumHeaderBytes, purpose: purpose))
        }
    }

    private func begin(_ transfer: Transfer) {
        let id = transfer.id
        transfers[id] = transfer
        guard hasTime(transfer) else { return }

        let hop = transfer.target.hop
        if hop.needsNoLookup {
            start(transfer, addresses: nil)
        } else if case .known(let addresses) = lookups.demand(hop.host, for: id, now: .now) {
            start(transfer, addresses: addresses)
        } else {
            startLookups()
        }
    }

    private func startLookups() {
        for host in lookups.start() {
            let lookUp = configuration.lookUp
            let queue = executor.queue
            // A serial queue of its own is a thread of its own; one that hangs holds up nothing else.
            DispatchQueue(label: "toolauthd.lookup").async {
                let answer = lookUp(host)
                queue.async { self.assumeIsolated { $0.answered(host, answer) } }
            }
        }
    }

    private func answered(_ host: String, _ answer: NameAnswer) {
        for id in lookups.answered(host, answer, now: .now) {
            guard let transfer = transfers[id] else { continue }
            switch answer {
            case .addresses(let addresses): start(transfer, addresses: addresses)
            case .failed(let reason): end(id, .resolve, reason: reason)
            }
        }
        startLookups()
    }

    private func start(_ transfer: Transfer, addresses: [String]?) {
        do throws(LibraryError) {
            let multi = try openMulti()
            guard let easy = EasyHandle() else { throw LibraryError(CURLE_OUT_OF_MEMORY) }
            transfer.easy = easy
            try transfer.configure(easy, addresses: addresses, sharing: openSessions(), configuration)
            guard curl_multi_add_handle(multi.pointer, easy.pointer) == CURLM_OK else {
                throw LibraryError(CURLE_FAILED_INIT)
            }
            byHandle[easy.pointer] = transfer.id
        } catch {
            finish(transfer, transfer.failure(error.code))
        }
    }

    private func handle(_ event: MultiHandle.Event) {
        multi?.perform(event)
        while let ended = multi?.nextEnded() {
            guard let id = byHandle[ended.easy], let transfer = transfers[id] else { continue }
            finish(transfer, transfer.failure(ended.result))
        }
    }

    /// Ends the transfer if its time is over, and else sees to it that it is looked at again when it may be.
    private func hasTime(_ transfer: Transfer) -> Bool {
        let left = transfer.timeLeft
        if left <= .zero {
            end(transfer.id, .timeout)
            return false
        }
        let deadlines =
            deadlines ?? LazyTimer(on: executor.queue) { self.assumeIsolated { $0.checkTimes() } }
        self.deadlines = deadlines
        deadlines.set(noLaterThan: .after(left))
        return true
    }

    private func checkTimes() {
        guard deadlines?.isTime() == true else { return }
        for transfer in Array(transfers.values) where transfers[transfer.id] != nil { _ = hasTime(transfer) }
    }

    private func end(_ id: TransferID, _ kind: TransportFailure.Kind, reason: String = "") {
        guard let transfer = transfers[id] else { return }
        finish(transfer, TransportFailure(kind, transfer.progress, peer: transfer.target.peer, reason: reason))
    }

    /// The only place where a transfer ends.
    private func finish(_ transfer: Transfer, _ failure: TransportFailure?) {
        guard transfers.removeValue(forKey: transfer.id) != nil else { return }
        let host = transfer.target.hop.host
        lookups.abandon(host, transfer.id)
        if failure?.kind == .connect || failure?.kind == .timeout { lookups.forget(host) }
        if let easy = transfer.easy {
            if byHandle.removeValue(forKey: easy.pointer) != nil { multi?.remove(easy) }
            easy.destroy()
            transfer.easy = nil
        }
        transfer.end(failure)
        if transfers.isEmpty { rest() }
    }

    // MARK: What transfers share

    private func openMulti() throws(LibraryError) -> MultiHandle {
        if let multi { return multi }
        let opened = try MultiHandle(configuration, on: executor.queue, closing: descriptors) { event in
            self.assumeIsolated { $0.handle(event) }
        }
        multi = opened
        return opened
    }

    private func openSessions() throws(LibraryError) -> UnsafeMutableRawPointer {
        if let sessions { return sessions }
        // No lock functions: all handles are used on one queue.
        guard let share = curl_share_init() else { throw LibraryError(CURLE_OUT_OF_MEMORY) }
        sessions = share
        guard
            toolauth_share_set_long(share, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_SSL_SESSION.rawValue)) == CURLSHE_OK
        else { throw LibraryError(CURLE_UNKNOWN_OPTION) }
        return share
    }

    /// Closes the connections when no transfer comes for a while: libcurl drops old ones only when it makes new ones.
    private func rest() {
        guard multi != nil, !isStopped else { return }
        let quiet =
            quiet
            ?? LazyTimer(on: executor.queue) {
                self.assumeIsolated { if $0.quiet?.isTime() == true, $0.transfers.isEmpty { $0.closeMulti() } }
            }
        self.quiet = quiet
        quiet.set(.after(configuration.idleConnectionAge + .seconds(1)))
    }

    private func closeMulti() {
        multi?.close()
        multi = nil
        // Nothing rings while nothing is under way.
        deadlines?.cancel()
        deadlines = nil
    }

    private func close() {
        isStopped = true
        for id in Array(transfers.keys) { end(id, .shutDown) }
        closeMulti()
        quiet?.cancel()
        quiet = nil
        if let sessions { curl_share_cleanup(sessions) }
        sessions = nil
    }
}
