import Glibc

/// Where the provider documents as shipped are looked for.
package enum CatalogueLocation {
    /// The directories to try, the first that exists is the one. An explicit wish is tried alone.
    ///
    /// - Parameters:
    ///   - option: `--catalogue`; nil: not given.
    ///   - environment: of the process; `TOOLAUTHD_CATALOGUE` counts unless empty.
    ///   - executablePath: absolute path of the running program; nil: not known.
    package static func candidates(
        option: String?, environment: [String: String], executablePath: String?
    ) -> [String] {
        if let option { return [option] }
        if let wish = environment["TOOLAUTHD_CATALOGUE"], !wish.isEmpty { return [wish] }
        var candidates: [String] = []
        if let executablePath {
            let above = Paths.parent(of: Paths.parent(of: executablePath))
            candidates.append(Paths.join(above, "share/toolauthd/providers.d"))
        }
        let installed = "/usr/share/toolauthd/providers.d"
        if !candidates.contains(installed) { candidates.append(installed) }
        return candidates
    }

    /// The first candidate that is a directory; nil: there is none.
    package static func first(of candidates: [String]) -> String? {
        candidates.first { candidate in
            var status = stat()
            return stat(candidate, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }
}
