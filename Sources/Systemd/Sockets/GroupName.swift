package import Glibc

/// Looks a group up by its name.
package enum GroupName {
    /// - Returns: nil if there is no such group, or the user database does not say.
    package static func id(of name: String) -> gid_t? {
        var size = 1024
        while size <= 1 << 20 {
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            var buffer = [CChar](repeating: 0, count: size)
            let result = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
            if result == 0 { return found == nil ? nil : entry.gr_gid }
            guard result == ERANGE || result == EINTR else { return nil }
            if result == ERANGE { size *= 2 }
        }
        return nil
    }
}
