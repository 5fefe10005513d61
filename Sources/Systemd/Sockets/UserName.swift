package import Glibc

/// Looks a user up by name.
package enum UserName {
    /// - Returns: nil if there is no such user, or the user database does not say.
    package static func id(of name: String) -> uid_t? {
        var size = 1024
        while size <= 1 << 20 {
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            var buffer = [CChar](repeating: 0, count: size)
            let result = getpwnam_r(name, &entry, &buffer, buffer.count, &found)
            if result == 0 { return found == nil ? nil : entry.pw_uid }
            guard result == ERANGE || result == EINTR else { return nil }
            if result == ERANGE { size *= 2 }
        }
        return nil
    }
}
