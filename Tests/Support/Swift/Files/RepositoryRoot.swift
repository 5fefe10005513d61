/// The directory that holds Package.swift, found from where this file was compiled.
package let repositoryRoot: String = {
    // Tests/Support/Swift/Files/RepositoryRoot.swift
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(5)
    return parts.joined(separator: "/")
}()
