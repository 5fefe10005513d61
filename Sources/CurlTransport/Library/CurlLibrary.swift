import CCurl

/// What libcurl needs once in a process.
enum CurlLibrary {
    /// The result of `curl_global_init`. A global `let` is set up once, whichever thread comes first.
    static let initialized: CURLcode = curl_global_init(Int(CURL_GLOBAL_ALL))
}

/// A call of libcurl that did not do what was asked.
struct LibraryError: Error {
    let code: CURLcode

    init(_ code: CURLcode) { self.code = code }

    static func check(_ code: CURLcode) throws(LibraryError) {
        if code != CURLE_OK { throw LibraryError(code) }
    }
}
