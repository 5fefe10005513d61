import Glibc
import Synchronization
import ToolAuthCore

/// Files that are this program's alone: the signal that ends it takes them along.
///
/// A file is entered before it is made. A signal that another thread takes between the two leaves an empty file; else none
/// does.
enum FilesOfThisProgram {
    /// How many there can be at once.
    static let limit = 64

    /// What there is to do for a file that is no longer this program's alone.
    struct Entry: ~Copyable {
        fileprivate let slot: Int

        deinit { FilesOfThisProgram.leave(slot) }
    }

    private static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Addresses of the paths, or 0. Whoever puts a 0 in place of a path owns it.
    // Unsafe, because a pointer is never Sendable by itself, and this one may be: it never changes, and all that lies there is
    // atomic. A signal handler can reach nothing but globals, and may take no lock.
    nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Atomic<UInt>> = {
        let slots = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: limit)
        for index in 0..<limit { (slots + index).initialize(to: Atomic(0)) }
        return slots
    }()

    /// What was done at a signal before the first of the entries.
    private static let former = Locked<(entries: Int, actions: [(number: Int32, action: sigaction)])>((0, []))

    /// - Returns: nil where there are as many as there can be.
    static func enter(_ path: String) -> Entry? {
        former.withLock { former in
            if former.entries == 0 { former.actions = takeSignals() }
            former.entries += 1
        }
        let address = UInt(bitPattern: strdup(path))
        for slot in 0..<limit
        where slots[slot].compareExchange(expected: 0, desired: address, ordering: .acquiringAndReleasing).exchanged {
            return Entry(slot: slot)
        }
        free(UnsafeMutablePointer<CChar>(bitPattern: address))
        giveSignalsBack()
        return nil
    }

    private static func leave(_ slot: Int) {
        free(UnsafeMutablePointer<CChar>(bitPattern: slots[slot].exchange(0, ordering: .acquiringAndReleasing)))
        giveSignalsBack()
    }

    private static func takeSignals() -> [(Int32, sigaction)] {
        _ = slots
        var taken: [(Int32, sigaction)] = []
        for number in endings {
            var before = sigaction()
            sigaction(number, nil, &before)
            // What whoever started it has it ignore, as nohup(1) does, does not end it.
            guard address(before) != unsafeBitCast(SIG_IGN, to: UInt.self) else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = removeAll
            // The default comes back before the handler begins.
            action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
            taken.append((number, before))
        }
        return taken
    }

    private static func giveSignalsBack() {
        former.withLock { former in
            former.entries -= 1
            guard former.entries == 0 else { return }
            for (number, action) in former.actions {
                var action = action
                sigaction(number, &action, nil)
            }
            former.actions = []
        }
    }

    private static func address(_ action: sigaction) -> UInt {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
    }

    /// Only calls that a signal handler may make (signal-safety(7)).
    private static let removeAll: @convention(c) (Int32) -> Void = { number in
        for slot in 0..<limit {
            let path = slots[slot].exchange(0, ordering: .acquiringAndReleasing)
            if let path = UnsafeMutablePointer<CChar>(bitPattern: path) { unlink(path) }
        }
        raise(number)
    }
}
