import CCurl

/// One transfer's handle of libcurl, with setters that fail aloud: an option that cannot be set must not be missing.
///
/// Lent, not owned: whoever made it calls ``destroy()`` once.
struct EasyHandle {
    let pointer: UnsafeMutableRawPointer

    /// - Returns: nil when there is no memory.
    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
    }

    func destroy() { curl_easy_cleanup(pointer) }

    func set(_ option: CURLoption, _ value: Int) throws(LibraryError) {
        try LibraryError.check(toolauth_easy_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) throws(LibraryError) {
        try set(option, value ? 1 : 0)
    }

    func set(_ option: CURLoption, offset value: Int) throws(LibraryError) {
        try LibraryError.check(toolauth_easy_set_offset(pointer, option, curl_off_t(value)))
    }

    /// nil restores the option's default.
    func set(_ option: CURLoption, _ value: String?) throws(LibraryError) {
        try LibraryError.check(toolauth_easy_set_string(pointer, option, value))
    }

    /// libcurl keeps the pointer until the handle is destroyed.
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) throws(LibraryError) {
        try LibraryError.check(toolauth_easy_set_pointer(pointer, option, value))
    }

    /// libcurl keeps the list until the handle is destroyed.
    func set(_ option: CURLoption, _ value: StringList) throws(LibraryError) {
        try LibraryError.check(toolauth_easy_set_list(pointer, option, value.first))
    }

    func set(_ option: CURLoption, _ value: curl_write_callback) throws(LibraryError) {
        try LibraryError.check(toolauth_easy_set_write(pointer, option, value))
    }
}
