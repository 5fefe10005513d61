#define _GNU_SOURCE
#include "undo_log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The file: the position of its end, then the entries. A mapping of it outlives the process that dies without warning.
static char *base;
static uint64_t room, entries, last_entry;
static const uint64_t header_length = 8;

_Noreturn void fail(const char *what, const char *about) {
    fprintf(stderr, "powercut: %s: %s (%s)\n", what, about, strerror(errno));
    abort();
}

void undo_log_open(const char *path, uint64_t last) {
    last_entry = last;
    // By number: `open` is the library's own.
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) fail("no log", path);
    room = (uint64_t)status.st_size;
    base = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED || room <= header_length) fail("the log cannot be mapped", path);
    close(fd);
    if (undo_log_position() == 0) __atomic_store_n((uint64_t *)base, header_length, __ATOMIC_RELEASE);
}

uint64_t undo_log_position(void) {
    return __atomic_load_n((uint64_t *)base, __ATOMIC_ACQUIRE);
}

void *undo_log_content(size_t length) {
    uint64_t start = undo_log_position() + sizeof(struct entry);
    if (start + length + 8 > room) fail("the log is full", "give it more room");
    return base + start;
}

void undo_log_publish(const struct entry *entry) {
    undo_log_content(entry->content_length);
    uint64_t position = undo_log_position();
    memcpy(base + position, entry, sizeof *entry);
    uint64_t padded = (entry->content_length + 7ull) & ~7ull;
    // The end moves last, and at once: an entry is in the log whole or not at all.
    __atomic_store_n((uint64_t *)base, position + sizeof *entry + padded, __ATOMIC_RELEASE);
    if (++entries == last_entry) kill(getpid(), SIGKILL);
}
