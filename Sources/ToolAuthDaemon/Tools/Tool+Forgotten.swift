import Refresh
import ToolAuthCore

extension Tool {
    /// The tools as the daemon has them: each as it may work with the tokens there are, and those that grants are of but no
    /// file describes any more. Their grants are kept, and go on when the file is back.
    static func all(_ configured: [Tool], bindings: [ToolID: [TokenBinding: Int]]) -> [Tool] {
        let known = Set(configured.map(\.id))
        let forgotten = bindings.keys.filter { !known.contains($0) }.map { id in
            Tool(
                id: id, title: id.rawValue, provider: "unknown", client: nil,
                obstacle: ToolObstacle(
                    isPaused: false, detail: "It is not configured any more; its grants are kept until it is again."))
        }
        return configured.map { $0.bound(to: bindings[$0.id] ?? [:]) } + forgotten
    }
}
