package import Glibc

/// Names from the machine's user and group databases.
package enum SystemAccounts {
    /// The name of a user; nil: the database does not know him.
    package static func userName(_ uid: uid_t) -> String? {
        withBuffer { buffer, size in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard getpwuid_r(uid, &entry, buffer, size, &found) == 0, let name = found?.pointee.pw_name else {
                return nil
            }
            return String(cString: name)
        }
    }

    /// The name of a group, and who is listed as a member; nil: the database does not know it.
    static func group(_ gid: gid_t) -> (name: String, members: [String])? {
        withBuffer { buffer, size in
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            guard getgrgid_r(gid, &entry, buffer, size, &found) == 0, let found, let name = found.pointee.gr_name else {
                return nil
            }
            var members: [String] = []
            var next = found.pointee.gr_mem
            while let entry = next, let name = entry.pointee {
                members.append(String(cString: name))
                next = entry.successor()
            }
            return (String(cString: name), members)
        }
    }

    /// Room for one entry. A group with more members than go in is taken for unknown.
    private static func withBuffer<Value>(_ body: (UnsafeMutablePointer<CChar>, Int) -> Value?) -> Value? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 * 1024) { buffer in
            buffer.baseAddress.flatMap { body($0, buffer.count) }
        }
    }
}
