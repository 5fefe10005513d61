import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// Takes over a file of grants, many at once; a line that does not go does not stop the others.
struct BulkImport {
    /// How many are under way at once: the daemon commits what comes together in one go.
    private static let width = 48
    /// How often a line is tried that fails for a reason that may pass.
    private static let tries = 6

    let session: Session
    let condition: RecordCondition
    /// Bytes in all; nil: not known, as of a pipe.
    let size: Int?

    struct Counts: Equatable {
        var created = 0
        var replaced = 0
        var failed = 0
        /// Of the first line that failed.
        var status: ExitStatus?
        /// Why not all lines were read; nil: they were.
        var readFailure: StandardInput.ReadFailure?

        var done: Int { created + replaced + failed }
    }

    private struct Failure: Error {
        let status: ExitStatus
        let message: String
    }

    func run(_ input: StandardInput) async -> Counts {
        var reader = LineReader(input, limit: 64 * 1024)
        var counts = Counts()
        var number = 0
        var lastShown = ContinuousClock.now
        await withTaskGroup(of: (Int, Result<Bool, Failure>).self) { group in
            var underWay = 0
            while true {
                while underWay < Self.width, let line = reader.next() {
                    number += 1
                    if line == .text([]) { continue }
                    underWay += 1
                    group.addTask { [number] in (number, await take(line)) }
                }
                guard let (number, result) = await group.next() else { break }
                underWay -= 1
                note(number, result, &counts)
                if ContinuousClock.now - lastShown > .milliseconds(200) {
                    lastShown = .now
                    show(counts, consumed: reader.consumed)
                }
            }
        }
        session.showProgress(nil)
        counts.readFailure = reader.failure
        return counts
    }

    private func take(_ line: LineReader.Line) async -> Result<Bool, Failure> {
        guard case .text(let bytes) = line else {
            return .failure(Failure(status: .usage, message: "it is longer than 64 KiB"))
        }
        let grant: ImportLine
        do throws(ImportLine.Fault) { grant = try ImportLine(bytes) } catch {
            return .failure(Failure(status: .usage, message: error.detail))
        }
        for attempt in 1... {
            do throws(ToolAuthClientError) {
                let imported = try await session.client.answer(
                    to: .importTokens(grant.body, grant.toolID, grant.userID, condition))
                return .success(imported.value.created)
            } catch {
                let mayPass = error.mayPass && !error.isMismatch
                guard mayPass, attempt < Self.tries else {
                    let what = "\(grant.toolID) of \(grant.userID): \(error)"
                    return .failure(Failure(status: ExitStatus(error), message: what))
                }
            }
            do { try await session.context.sleep(.milliseconds(250 << min(attempt, 4))) } catch { break }
        }
        return .failure(Failure(status: .transient, message: "interrupted"))
    }

    private func note(_ number: Int, _ result: Result<Bool, Failure>, _ counts: inout Counts) {
        switch result {
        case .success(true): counts.created += 1
        case .success(false): counts.replaced += 1
        case .failure(let failure):
            counts.failed += 1
            counts.status = counts.status ?? failure.status
            session.showProgress(nil)
            session.note("line \(number): \(terminalSafe(failure.message))")
        }
    }

    private func show(_ counts: Counts, consumed: Int) {
        let share = size.flatMap { $0 > 0 ? " (\(min(100, consumed * 100 / $0)) %)" : nil } ?? ""
        let failed = counts.failed > 0 ? ", \(counts.failed) failed" : ""
        session.showProgress("\(counts.done) imported\(share)\(failed)")
    }
}

extension ToolAuthClientError {
    fileprivate var isMismatch: Bool {
        if case .problem(let problem) = self { problem.code == "generation-mismatch" } else { false }
    }
}
