import Foundation

/// The fenced blocks of a Markdown file of the repository whose fence says exactly `info`, in their order.
package func fencedBlocks(of path: String, _ info: String) throws -> [String] {
    let text = try String(contentsOfFile: "\(repositoryRoot)/\(path)", encoding: .utf8)
    var blocks: [String] = []
    var inside: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("```") {
            if let block = inside { blocks.append(block) }
            inside = inside == nil && line == "```\(info)" ? "" : nil
        } else if inside != nil {
            inside? += "\(line)\n"
        }
    }
    return blocks
}
