import GRDB
import ToolAuthCore

/// Which tools refresh elsewhere than before. Only their records are touched.
struct EndpointAssignment {
    private var changes: [(tool: String, endpoint: String?)] = []

    var isEmpty: Bool { changes.isEmpty }

    init(_ endpoints: [ToolID: EndpointID], in db: Database) throws {
        var former: [ToolID: EndpointID?] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT tool_id, endpoint FROM tool_endpoints") {
            guard let toolID = ToolID(try row.text("tool_id")) else { throw UnreadableValue() }
            former[toolID] = .some(try row.textIfAny("endpoint").map(EndpointID.init(rawValue:)))
        }
        for toolID in Set(former.keys).union(endpoints.keys).sorted() {
            let next = endpoints[toolID]
            // A tool not seen before has no row, and records put in then have no endpoint: as if it had been nil.
            if next != former[toolID] ?? nil { changes.append((toolID.rawValue, next?.rawValue)) }
        }
    }

    func apply(to db: Database) throws {
        for (tool, endpoint) in changes {
            try db.execute(
                sql: """
                    INSERT INTO tool_endpoints (tool_id, endpoint) VALUES (?, ?)
                    ON CONFLICT (tool_id) DO UPDATE SET endpoint = excluded.endpoint
                    """, arguments: [tool, endpoint])
            try db.execute(sql: "UPDATE tool_auths SET endpoint = ? WHERE tool_id = ?", arguments: [endpoint, tool])
        }
    }
}
