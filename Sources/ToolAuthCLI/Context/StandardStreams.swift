import Glibc

/// The first three descriptors of the process.
package enum StandardStreams {
    /// Takes the places of those that are closed, lest a socket or a file comes to stand there and is written to or
    /// read from in their stead. What stands there then fails as they would have: with EBADF.
    package static func holdPlaces() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest that is free is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
