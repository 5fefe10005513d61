import SQLiteStore
import Systemd
import ToolAuthCore

/// What `toolauthd --check` says of the store.
enum StoreReport {
    /// - Returns: the exit code: 0 if it would open, else that of a start.
    static func write(_ settings: DaemonSettings, to writer: LineWriter) -> Int32 {
        writer.write("\n")
        let failure: DaemonFailure
        do throws(DaemonFailure) {
            let keys = try settings.keySource()
            do throws(StoreError) {
                let report = try StoreCheck.run(directory: settings.stateDirectory, keys: keys)
                for line in lines(report) { writer.write(line + "\n") }
                return 0
            } catch {
                var detail = error.detail
                if error.code == .key, !settings.hasCredentials {
                    detail += " (A key that comes as a credential of the unit is not seen from outside of it.)"
                }
                failure = DaemonFailure(error.code == .key ? .configuration : .store, detail)
            }
        } catch {
            failure = error
        }
        let what = failure.code == .configuration ? "these keys" : "this store"
        writer.write("\(failure.detail)\n\nThe daemon does not start with \(what).\n")
        return failure.code.rawValue
    }

    static func lines(_ report: StoreCheck.Report) -> [String] {
        guard let store = report.store else {
            return ["The store \(report.database) does not exist yet; the first start makes it."]
        }
        var lines = [
            "The store \(report.database):",
            "  holds \(count(store.grants)); \(report.holder.map { "\($0) has it open" } ?? "no daemon has it open")",
            "  schema \(store.schema)"
                + (store.schema == store.newestSchema
                    ? ", the newest" : "; the next start brings it to \(store.newestSchema)"),
            store.keyIDs.isEmpty
                ? "  nothing is sealed in it"
                : "  sealed with \(store.keyIDs.joined(separator: ", ")), which \(store.keyIDs.count == 1 ? "is" : "are") here",
        ]
        if let hold = store.hold { lines.append("  held: \(hold.reason); to go on: toolauthctl resume") }
        return lines
    }

    static func count(_ grants: Int) -> String { grants == 1 ? "1 grant" : "\(grants) grants" }
}
