package import ToolAuthCore

/// Where the master keys come from.
package enum KeySource: Sendable {
    /// The content of a systemd credential, read by the caller; `name` is for errors.
    case credential(name: String, Secret)
    /// A file of mode 0600, made if it is missing and the store holds nothing sealed.
    case file(String)
}
