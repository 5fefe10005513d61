/// A part of a JSON Schema document.
indirect enum JSONSchemaNode: Encodable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONSchemaNode])
    case map([String: JSONSchemaNode])

    /// The value of `type`: one name, or several.
    static func type(_ names: [String], _ mayBeNull: Bool) -> JSONSchemaNode {
        let all = names + (mayBeNull ? ["null"] : [])
        return all.count == 1 ? .text(all[0]) : .list(all.map { .text($0) })
    }

    /// A map with further members.
    func adding(_ members: [String: JSONSchemaNode]) -> JSONSchemaNode {
        guard case .map(let present) = self else { return self }
        return .map(present.merging(members) { $1 })
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .number(let number) where number == number.rounded(): try container.encode(Int(number))
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let elements): try container.encode(elements)
        case .map(let members): try container.encode(members)
        }
    }
}
