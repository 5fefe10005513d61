// libsystemd, and the few calls of the kernel that Swift cannot make by itself: variadic functions, and structures that
// the Glibc module hides.

#pragma once

// The headers below would otherwise declare sockets, iovec and the like a second time, as this module's own, and files
// that import only Glibc might not find them there: which of the two a declaration counts to depends on what the
// compiler happens to load first.
#pragma clang module import SwiftGlibc

// Without this, sd_journal_sendv() and its like become macros that add the C call site to each entry. The call site that
// matters is the Swift one; the log handler sends it.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

// Linux has had these since 2.x and 4.13; some architectures number them otherwise, and then the headers say so.
#ifndef SO_PEERCRED
#define SO_PEERCRED 17
#endif
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

// The kernel's struct ucred, which glibc declares only under _GNU_SOURCE.
struct toolauth_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

// Who connected to a Unix socket, or made the socket pair. Returns 0, or a negative errno.
static inline int toolauth_peer_credentials(int fd, struct toolauth_peer *peer) {
    socklen_t length = sizeof(*peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &length) < 0)
        return -errno;
    return length == sizeof(*peer) ? 0 : -EIO;
}

// The supplementary groups of whoever connected. `*size` is the size of `groups` in bytes; afterwards that of the whole
// list, also with -ERANGE, which says that it did not fit. Returns 0, or a negative errno.
static inline int toolauth_peer_groups(int fd, gid_t *groups, socklen_t *size) {
    return getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, size) < 0 ? -errno : 0;
}

// A handle on the process that connected, which stays its own when its number becomes another's. Kernels before 6.5 do
// not know it of the socket; then it is of whoever has the number now. Returns a descriptor, or a negative errno (ESRCH:
// the process has ended).
static inline int toolauth_peer_process(int fd, pid_t pid) {
    int handle = -1;
    socklen_t length = sizeof(handle);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &handle, &length) == 0)
        return handle;
    if (errno != ENOPROTOOPT)
        return -errno;
    handle = (int) syscall(SYS_pidfd_open, pid, 0);
    return handle < 0 ? -errno : handle;
}

// Whether the process of a handle still runs. Returns 1, 0, or a negative errno.
static inline int toolauth_process_runs(int handle) {
    struct pollfd state = {.fd = handle, .events = POLLIN};
    const int result = poll(&state, 1, 0);
    return result < 0 ? -errno : result == 0;
}

// Keeps the memory of this process from core dumps and from other processes of its user (ptrace, /proc/PID/mem), and from
// whoever would report a crash: Swift's runtime catches these signals where it finds a program that reads the crashed
// process and prints what is in its registers and where they point to. Returns 0, or a negative errno.
static inline int toolauth_forbid_dumps(void) {
    static const int crashes[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS};
    const struct sigaction end = {.sa_handler = SIG_DFL};
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return -errno;
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        if (sigaction(crashes[i], &end, NULL) < 0)
            return -errno;
    }
    return 0;
}

// A timer on the wall clock, not armed yet; the Glibc module does not know <sys/timerfd.h>. Returns its descriptor, or
// a negative errno.
static inline int toolauth_wall_timer_make(void) {
    const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

// Lets the timer expire once, at this instant, and whoever reads it hear when the clock is set. Returns 0, or a
// negative errno; -ECANCELED: it is armed as asked, and the clock was set since it was armed before, which no read says
// any more (timerfd_create(2), NOTES).
static inline int toolauth_wall_timer_arm(int fd, struct timespec instant) {
    const struct itimerspec once = {.it_value = instant};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &once, NULL) < 0 ? -errno : 0;
}
