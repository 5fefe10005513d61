import CCurl
import ToolAuthCore

extension Transfer {
    /// Says everything about the request to libcurl. An option that cannot be set is an error, never left out.
    ///
    /// - Parameters:
    ///   - addresses: of the host that is connected to; nil: libcurl needs none.
    ///   - sharing: the `CURLSH` with the TLS sessions.
    func configure(
        _ easy: EasyHandle, addresses: [String]?, sharing: UnsafeMutableRawPointer,
        _ configuration: CurlHTTPTransport.Configuration
    ) throws(LibraryError) {
        try setCallbacks(on: easy)
        try setRequest(on: easy, configuration)
        try setWay(on: easy, addresses: addresses)
        try setTrust(on: easy)
        try setConnection(on: easy, configuration)
        try easy.set(CURLOPT_SHARE, sharing)
    }

    private func setRequest(
        on easy: EasyHandle, _ configuration: CurlHTTPTransport.Configuration
    ) throws(LibraryError) {
        try easy.set(CURLOPT_URL, request.url)
        try easy.set(CURLOPT_PROTOCOLS_STR, target.url.scheme)
        try easy.set(CURLOPT_REDIR_PROTOCOLS_STR, target.url.scheme)
        try easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        try easy.set(CURLOPT_NETRC, toolauth_netrc_ignored)
        switch request.method {
        case .get: try easy.set(CURLOPT_HTTPGET, true)
        case .post:
            // Through the read callback, not POSTFIELDS: see SEEKFUNCTION.
            try easy.set(CURLOPT_POST, true)
            try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: request.body?.count ?? 0)
        }
        try easy.set(CURLOPT_USERAGENT, configuration.userAgent)
        let headers = try HeaderLines.list(request.headers, method: request.method)
        borrowed.append(headers)
        try easy.set(CURLOPT_HTTPHEADER, headers)
        try easy.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))

        // The reply as it is: no redirect, no decoding, nothing of another protocol version.
        try easy.set(CURLOPT_FOLLOWLOCATION, false)
        try easy.set(CURLOPT_HTTP_CONTENT_DECODING, false)
        try easy.set(CURLOPT_HTTP09_ALLOWED, false)
        try easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        // Spares the bytes when the length is announced; the write callback counts in any case. 0 would mean no limit.
        try easy.set(CURLOPT_MAXFILESIZE_LARGE, offset: max(1, request.maximumReplyBytes))
    }

    private func setWay(on easy: EasyHandle, addresses: [String]?) throws(LibraryError) {
        // Both set, so that libcurl does not look into the environment.
        try easy.set(CURLOPT_PROXY, target.proxy == nil ? "" : request.options.proxy)
        try easy.set(CURLOPT_NOPROXY, "")
        if let addresses {
            let list = StringList()
            try list.append("\(target.hop.host):\(target.hop.port):\(addresses.joined(separator: ","))")
            borrowed.append(list)
            try easy.set(CURLOPT_RESOLVE, list)
        }
    }

    private func setTrust(on easy: EasyHandle) throws(LibraryError) {
        try easy.set(CURLOPT_SSL_VERIFYPEER, true)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try easy.set(CURLOPT_PROXY_SSL_VERIFYPEER, true)
        try easy.set(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = request.options.caFile {
            // Instead of the system's authorities, not besides them.
            try easy.set(CURLOPT_CAINFO, caFile)
            try easy.set(CURLOPT_CAPATH, nil as String?)
            try easy.set(CURLOPT_PROXY_CAINFO, caFile)
            try easy.set(CURLOPT_PROXY_CAPATH, nil as String?)
        }
    }

    private func setConnection(
        on easy: EasyHandle, _ configuration: CurlHTTPTransport.Configuration
    ) throws(LibraryError) {
        try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try easy.set(CURLOPT_MAXAGE_CONN, max(1, Int(configuration.idleConnectionAge.components.seconds)))
        // Ends where the request would begin. libcurl never gives such a connection to another transfer, but keeps it
        // open for its owner to use, unless reuse is forbidden.
        try easy.set(CURLOPT_CONNECT_ONLY, !purpose.sendsRequest)
        // A fresh connection serves this request only, so that none finds it where it too asked for a fresh one.
        let isAlone = request.needsFreshConnection || !purpose.sendsRequest
        try easy.set(CURLOPT_FRESH_CONNECT, isAlone)
        try easy.set(CURLOPT_FORBID_REUSE, isAlone)
        // The loop's timers rule; libcurl spreads this one over the addresses of a host.
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(left(of: min(request.connectTimeout, request.timeout))))
        try easy.set(CURLOPT_NOSIGNAL, true)
        // Should libcurl look a name up in spite of all, ending the transfer must not wait for it.
        try easy.set(CURLOPT_QUICK_EXIT, true)
    }

    /// At least 1: for libcurl 0 is its default of five minutes.
    private func milliseconds(_ duration: Duration) -> Int {
        max(1, Int(duration / .milliseconds(1)))
    }
}
