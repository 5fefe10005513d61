/// The keys of one kind of map: what the check of a document, its reading and the documentation of the format share.
struct MapSchema: Sendable {
    let keys: [SchemaKey]
    /// Whether a document of these keys may be written as what differs from another.
    let mayExtend: Bool

    init(_ keys: [SchemaKey], mayExtend: Bool = false) {
        self.keys = keys
        self.mayExtend = mayExtend
    }

    func key(_ name: String) -> SchemaKey? {
        keys.first { $0.name == name }
    }
}

/// One key of a map.
struct SchemaKey: Sendable {
    enum Support: Sendable {
        case supported
        /// Part of the format, but its feature is not built: refused, never ignored.
        case notSupported
    }

    let name: String
    let kind: ValueKind
    /// Meaning, shape, unit and default, in one sentence.
    let summary: String
    var isRequired = false
    var support: Support = .supported

    init(_ name: String, _ kind: ValueKind, _ summary: String, isRequired: Bool = false) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.isRequired = isRequired
    }

    /// A key of the format whose feature this version lacks.
    static func notSupported(_ name: String, _ summary: String) -> SchemaKey {
        var key = SchemaKey(name, .anything, summary)
        key.support = .notSupported
        return key
    }
}

/// What may stand at a key.
indirect enum ValueKind: Sendable {
    /// Not looked at.
    case anything
    /// At least one character, none of control.
    case text
    /// As ``text``, or empty.
    case textOrEmpty
    /// Text with places to fill in: `${scope}`.
    case template
    /// A URL with places to fill in: `https://${connection.host}/token`.
    case endpoint
    /// Names with dots between: `authed_user.id`.
    case path
    /// `true` or `false`.
    case boolean
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// A number above the range's lower bound, or at it, up to its upper bound.
    case number(NumberRange)
    /// `500ms`, `30s`, `10m`, `12h`, `7d`.
    case duration(ClosedRange<Duration>)
    /// `512`, `64KiB`, `1MiB`.
    case size(ClosedRange<Int>)
    /// One of some words; `notSupported` ones are of the format, but not of this version.
    case choice([String], notSupported: [String] = [])
    /// Any text, number or boolean, kept as written.
    case scalar
    case list(ValueKind)
    /// A map whose keys are names of the writer's.
    case named(ValueKind)
    /// As ``named``, `null` being a value too.
    case namedOrNull(ValueKind)
    case map(MapSchema)
    /// A map of these keys, or a shorter form of it.
    case either(ValueKind, MapSchema)
    /// One of these, or a list of them.
    case oneOrMore(ValueKind)
}

/// Bounds of a number, the lower one perhaps outside.
struct NumberRange: Sendable {
    let lower: Double
    let isLowerExcluded: Bool
    let upper: Double

    static func above(_ lower: Double, upTo upper: Double) -> NumberRange {
        NumberRange(lower: lower, isLowerExcluded: true, upper: upper)
    }

    static func from(_ lower: Double, upTo upper: Double) -> NumberRange {
        NumberRange(lower: lower, isLowerExcluded: false, upper: upper)
    }

    func contains(_ value: Double) -> Bool {
        (isLowerExcluded ? value > lower : value >= lower) && value <= upper
    }
}
