/// Stands for a secret in an input, in its dictionary and in what a target puts around it: where it may not come out it is
/// looked for.
package enum Canary {
    package static let text = "c4naryS3cret0123456789"

    package static func isIn(_ text: String) -> Bool {
        text.utf8.count >= Self.text.utf8.count && text.utf8.firstRange(of: Self.text.utf8) != nil
    }
}
