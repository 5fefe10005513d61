import CCurl
import Glibc
import ToolAuthCore

/// What libcurl calls while a transfer is under way, on the loop's queue, from inside a call of the loop's own.
extension Transfer {
    func setCallbacks(on easy: EasyHandle) throws(LibraryError) {
        let transfer = Unmanaged.passUnretained(self).toOpaque()
        try easy.set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText.baseAddress))

        try easy.set(CURLOPT_WRITEDATA, transfer)
        try easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, transfer in
            // Anything but the number of bytes ends the transfer.
            Transfer.from(transfer).takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
                ? size * count : Int(CURL_WRITEFUNC_ERROR)
        }
        try easy.set(CURLOPT_HEADERDATA, transfer)
        try easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, transfer in
            Transfer.from(transfer).takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
                ? size * count : Int(CURL_WRITEFUNC_ERROR)
        }
        try easy.set(CURLOPT_READDATA, transfer)
        try LibraryError.check(
            toolauth_easy_set_read(easy.pointer) { memory, size, count, transfer in
                Transfer.from(transfer)
                    .giveBody(into: UnsafeMutableRawBufferPointer(start: memory, count: size * count))
            })
        // libcurl rewinds the body only to send the request again. It must not: a refresh token would go out twice.
        try easy.set(CURLOPT_SEEKDATA, transfer)
        try LibraryError.check(toolauth_easy_set_seek(easy.pointer) { _, _, _ in CURL_SEEKFUNC_FAIL })
        try easy.set(CURLOPT_PREREQDATA, transfer)
        try LibraryError.check(
            toolauth_easy_set_prerequest(easy.pointer) { transfer, _, _, _, _ in
                Transfer.from(transfer).requestMayBegin() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        // A program that is started meanwhile must not inherit, and so keep open, a connection.
        try LibraryError.check(
            toolauth_easy_set_open_socket(easy.pointer) { _, _, address in
                guard let address else { return CURL_SOCKET_BAD }
                let (family, kind) = (address.pointee.family, address.pointee.socktype)
                return socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
            })
    }

    /// Called when a connection stands, before a request is written to it, and also where none will be. The second call
    /// means that libcurl gave the first connection up and would send the request again, body or none.
    private func requestMayBegin() -> Bool {
        guard purpose.sendsRequest else { return true }
        if progress.requestBegan {
            progress.repeatWasStopped = true
            return false
        }
        progress.requestBegan = true
        return true
    }

    private func giveBody(into memory: UnsafeMutableRawBufferPointer) -> Int {
        request.body?.withUnsafeBytes { body in
            let part = body[bodySent...].prefix(memory.count)
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
            bodySent += part.count
            return part.count
        } ?? 0
    }

    private func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        let fits = head.take(line)
        if !fits { progress.replyTooLarge = true }
        return fits
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let fits = body.append(bytes)
        if !fits { progress.replyTooLarge = true }
        return fits
    }

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
        // Set together with each callback that gets here, and alive as long as the handle it is set on.
        guard let pointer else { preconditionFailure("a callback of libcurl came without its transfer") }
        return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
    }
}
