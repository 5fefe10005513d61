// Lets one part of the daemon hang, as a dying disk or a bug would: preloaded, it never returns from a call that the part
// makes, once that is asked for. README.md says how.
#define _GNU_SOURCE
#include "../preload/next.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Never returns if the part is to hang. Who takes the file away is the one who hangs: no other call does, and none of the
// process that comes after.
static void hang_if_asked(const char *part) {
    const char *directory = getenv("HANG_DIRECTORY");
    if (directory == NULL) return;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, part);
    if (unlink(path) != 0) return;
    for (;;) pause();
}

int fsync(int descriptor) {
    hang_if_asked("store");
    return NEXT(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    hang_if_asked("store");
    return NEXT(fdatasync)(descriptor);
}

int timerfd_settime(int descriptor, int flags, const struct itimerspec *new, struct itimerspec *old) {
    // The engine's timer; those of the runtime do not care for the clock being set.
    if (flags & TFD_TIMER_CANCEL_ON_SET) hang_if_asked("engine");
    return NEXT(timerfd_settime)(descriptor, flags, new, old);
}

int accept(int descriptor, struct sockaddr *address, socklen_t *length) {
    hang_if_asked("API");
    return NEXT(accept)(descriptor, address, length);
}

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags) {
    hang_if_asked("API");
    return NEXT(accept4)(descriptor, address, length, flags);
}
