/// Text with places to fill in: `${scope}`, `${connection.tenant}`.
package struct Template: Sendable, Equatable, ExpressibleByStringLiteral {
    package enum Part: Sendable, Equatable {
        case literal(String)
        case variable(String)
    }

    package struct SyntaxError: Error, Sendable, Equatable {
        package let detail: String
    }

    package let parts: [Part]

    /// - Throws: ``SyntaxError`` for a `${` that is not closed or has no name in it.
    package init(_ text: String) throws(SyntaxError) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.range(ofMark: "${") {
            if open.lowerBound > rest.startIndex { parts.append(.literal(String(rest[..<open.lowerBound]))) }
            guard let close = rest[open.upperBound...].firstIndex(of: "}") else {
                throw SyntaxError(detail: "'${' without its '}'")
            }
            let name = rest[open.upperBound..<close]
            guard !name.isEmpty else { throw SyntaxError(detail: "'${}' names nothing") }
            parts.append(.variable(String(name)))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
    }

    package init(stringLiteral text: String) {
        parts = (try? Template(text).parts) ?? [.literal(text)]
    }

    package init(literal text: String) {
        parts = [.literal(text)]
    }

    /// Literals that follow each other become one.
    package init(parts: [Part]) {
        var joined: [Part] = []
        for part in parts {
            if case .literal(let text) = part, case .literal(let before)? = joined.last {
                joined[joined.count - 1] = .literal(before + text)
            } else {
                joined.append(part)
            }
        }
        self.parts = joined
    }

    /// As it is written.
    package var text: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .variable(let name): "${\(name)}"
            }
        }.joined()
    }

    /// The names of all places, in order.
    package var variables: [String] {
        parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// The text with every place filled by `value`; nil if `value` has nothing for one of them.
    package func expand(_ value: (String) -> String?) -> String? {
        var result = ""
        for part in parts {
            switch part {
            case .literal(let text): result += text
            case .variable(let name):
                guard let filled = value(name) else { return nil }
                result += filled
            }
        }
        return result
    }
}

extension Substring {
    fileprivate func range(ofMark mark: String) -> Range<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(mark) { return index..<self.index(index, offsetBy: mark.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
