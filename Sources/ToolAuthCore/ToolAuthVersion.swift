/// The version of everything in this package; the one place where it stands.
package enum ToolAuthVersion {
    package static let current = "0.1.0"
}
