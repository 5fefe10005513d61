import FoundationEssentials
import SocketAPI
import ToolAuthCore

/// A line of a file of grants: the body of one import, with the tool and the user it is for.
struct ImportLine {
    let toolID: ToolID
    let userID: UserID
    /// The JSON of an ``ImportBody``.
    let body: [UInt8]

    /// What is wrong with a line; never a word of it, which may be a token.
    struct Fault: Error, Equatable {
        let detail: String
    }

    init(_ bytes: [UInt8]) throws(Fault) {
        let members: Members
        do {
            members = try JSONDecoder().decode(Members.self, from: Data(bytes))
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(detail: "it is not one JSON object of tokens: see toolauthctl help import")
        }
        guard let toolID = ToolID(members.toolID) else { throw Fault(detail: "no tool can have this tool_id") }
        guard let userID = UserID(members.userID) else { throw Fault(detail: "no user can have this user_id") }
        guard let body = try? JSONEncoder().encode(members.body) else { throw Fault(detail: "it has no JSON form") }
        (self.toolID, self.userID, self.body) = (toolID, userID, Array(body))
    }

    private struct Members: Decodable {
        let toolID: String
        let userID: String
        let body: ImportBody

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            let known = ImportBody.CodingKeys.allCases.map(\.rawValue) + ["tool_id", "user_id"]
            // The daemon would refuse it as well; here it must not get lost on the way.
            if let unknown = container.allKeys.map(\.stringValue).sorted().first(where: { !known.contains($0) }) {
                let near = nearestNames(to: unknown, among: known).first.map { "; did you mean \($0)?" } ?? ""
                throw Fault(detail: "it has an unknown member\(near)")
            }
            guard let tool = try container.decodeIfPresent(String.self, forKey: Key(stringValue: "tool_id")) else {
                throw Fault(detail: "it has no tool_id")
            }
            guard let user = try container.decodeIfPresent(String.self, forKey: Key(stringValue: "user_id")) else {
                throw Fault(detail: "it has no user_id")
            }
            (toolID, userID) = (tool, user)
            body = try ImportBody(from: decoder)
        }
    }
}
