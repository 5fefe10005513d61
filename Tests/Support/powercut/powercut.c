// Makes the death of a process like a power cut: preloaded, it records how to take back every change of the files in
// one directory that is not on disk yet, that is, made since the last fsync of the file, or of the directory where
// names change. README.md says how it is used, undo.py takes the changes back.
//
// Every change is recorded before it is made, both under one lock, so that the order of the log is the order of the
// changes and SIGKILL may come between any two instructions.
#define _GNU_SOURCE
#include "../preload/next.h"
#include "undo_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct file {
    ino_t inode;
    bool is_log;           // SQLite's write-ahead log
    bool sync_ignored;     // it was synced, and that was not believed
    bool only_header_new;  // nothing but its header was written since the last sync
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_active, ignores_log_sync;
static char kept_directory[PATH_MAX];
static dev_t device;
static ino_t directory_inode;
static struct file files[1024];
static size_t file_count;

__attribute__((constructor)) static void start(void) {
    const char *directory = getenv("POWERCUT_DIRECTORY"), *log = getenv("POWERCUT_LOG"), *at = getenv("POWERCUT_AT");
    if (directory == NULL || log == NULL) fail("not set", "POWERCUT_DIRECTORY or POWERCUT_LOG");
    const char *ignore = getenv("POWERCUT_IGNORE_LOG_SYNC");
    ignores_log_sync = ignore != NULL && strcmp(ignore, "1") == 0;
    struct stat status;
    if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode)) fail("no directory", directory);
    device = status.st_dev;
    directory_inode = status.st_ino;
    snprintf(kept_directory, sizeof kept_directory, "%s", log);
    char *slash = strrchr(kept_directory, '/');
    if (slash == NULL) fail("no absolute path", log);
    *slash = 0;
    undo_log_open(log, at == NULL ? 0 : strtoull(at, NULL, 10));
    is_active = true;
}

// MARK: Which files

static bool ends_with(const char *name, const char *suffix) {
    size_t length = strlen(name), suffix_length = strlen(suffix);
    return length >= suffix_length && strcmp(name + length - suffix_length, suffix) == 0;
}

// The last component of `path`, if it names something in the directory that counts; else NULL. The index of SQLite's
// log (`-shm`) does not count: it is mapped memory that nobody expects on disk, and the test removes it.
static const char *watched_name(int at, const char *path) {
    if (!is_active || path == NULL) return NULL;
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    if (*name == 0 || ends_with(name, "-shm")) return NULL;
    char parent[PATH_MAX];
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (length >= sizeof parent) return NULL;
    memcpy(parent, path, length);
    parent[length] = 0;
    struct stat status;
    if (fstatat(at, length > 0 ? parent : slash != NULL ? "/" : ".", &status, 0) != 0) return NULL;
    return status.st_dev == device && status.st_ino == directory_inode ? name : NULL;
}

// The file of the descriptor, if it was opened by a watched name. Call it under the lock.
static struct file *find(int fd, struct stat *status) {
    if (fstat(fd, status) != 0 || !S_ISREG(status->st_mode) || status->st_dev != device) return NULL;
    for (size_t index = 0; index < file_count; index++) {
        if (files[index].inode == status->st_ino) return &files[index];
    }
    return NULL;
}

static void watch(int fd, const char *name) {
    struct stat status;
    if (find(fd, &status) != NULL || !S_ISREG(status.st_mode)) return;
    if (file_count == sizeof files / sizeof *files) fail("too many files", name);
    files[file_count++] = (struct file){.inode = status.st_ino, .is_log = ends_with(name, "-wal")};
}

// MARK: Content

static void read_content(int fd, void *buffer, int64_t length, int64_t offset) {
    if (length == 0) return;
    // The descriptor itself may be for writing only.
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int own = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (own < 0) fail("cannot be read", path);
    for (int64_t done = 0; done < length;) {
        ssize_t count = pread(own, (char *)buffer + done, (size_t)(length - done), offset + done);
        if (count <= 0) fail("cannot be read whole", path);
        done += count;
    }
    close(own);
}

static void record_sync(const struct file *file, uint64_t position) {
    undo_log_publish(&(struct entry){.kind = ENTRY_SYNC, .inode = file->inode, .other = position});
}

// With `synchronous=NORMAL` SQLite syncs its log in two places only: a new header, and all of it before the database is
// written from it. So a log's ignored sync counts from the first write to another file.
static void before_change(struct file *file, bool is_header) {
    if (file->is_log) {
        file->only_header_new = is_header;
        return;
    }
    for (size_t index = 0; index < file_count; index++) {
        if (!files[index].sync_ignored) continue;
        files[index].sync_ignored = false;
        record_sync(&files[index], undo_log_position());
    }
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// Takes the lock, which the caller gives back after the change.
static void begin_write(int fd, int64_t offset, int64_t length) {
    pthread_mutex_lock(&lock);
    struct stat status;
    struct file *file = is_active ? find(fd, &status) : NULL;
    if (file == NULL || length == 0) return;
    if (offset < 0) offset = fcntl(fd, F_GETFL) & O_APPEND ? status.st_size : lseek(fd, 0, SEEK_CUR);
    before_change(file, offset == 0);
    struct entry entry = {.kind = ENTRY_WRITE, .inode = file->inode, .offset = offset, .length = length};
    entry.size_before = status.st_size;
    entry.size_after = offset + length > status.st_size ? offset + length : status.st_size;
    int64_t there = smaller(status.st_size - offset, length);
    entry.content_length = there > 0 ? (uint32_t)there : 0;
    read_content(fd, undo_log_content(entry.content_length), entry.content_length, offset);
    undo_log_publish(&entry);
}

// Call it under the lock.
static void record_resize(int fd, int64_t size) {
    struct stat status;
    struct file *file = is_active ? find(fd, &status) : NULL;
    if (file == NULL || size == status.st_size) return;
    before_change(file, false);
    struct entry entry = {.kind = ENTRY_RESIZE, .inode = file->inode};
    entry.size_before = status.st_size;
    entry.size_after = size;
    entry.offset = smaller(size, status.st_size);
    entry.length = status.st_size - entry.offset;
    entry.content_length = (uint32_t)entry.length;
    read_content(fd, undo_log_content(entry.content_length), entry.length, entry.offset);
    undo_log_publish(&entry);
}

// Sockets and pipes are not held up by what happens to files.
static bool is_file(int fd) {
    struct stat status;
    int saved = errno;
    bool result = is_active && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    errno = saved;
    return result;
}

static int64_t total(const struct iovec *parts, int count) {
    int64_t sum = 0;
    for (int index = 0; index < count; index++) sum += (int64_t)parts[index].iov_len;
    return sum;
}

// A definition of one of libc's functions that write, as `call` does it.
#define WRITING(fd, offset, length, call)            \
    do {                                             \
        if (!is_file(fd)) return call;               \
        begin_write(fd, offset, (int64_t)(length));  \
        ssize_t result = call;                       \
        pthread_mutex_unlock(&lock);                 \
        return result;                               \
    } while (0)

ssize_t write(int fd, const void *buffer, size_t count) {
    WRITING(fd, -1, count, NEXT(write)(fd, buffer, count));
}

ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset) {
    WRITING(fd, offset, count, NEXT(pwrite)(fd, buffer, count, offset));
}

ssize_t pwrite64(int fd, const void *buffer, size_t count, off64_t offset) {
    WRITING(fd, offset, count, NEXT(pwrite64)(fd, buffer, count, offset));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    WRITING(fd, -1, total(parts, count), NEXT(writev)(fd, parts, count));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    WRITING(fd, offset, total(parts, count), NEXT(pwritev)(fd, parts, count, offset));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    WRITING(fd, offset, total(parts, count), NEXT(pwritev64)(fd, parts, count, offset));
}

ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
    WRITING(fd, offset, total(parts, count), NEXT(pwritev2)(fd, parts, count, offset, flags));
}

ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t offset, int flags) {
    WRITING(fd, offset, total(parts, count), NEXT(pwritev64v2)(fd, parts, count, offset, flags));
}

#define RESIZING(fd, size, call)              \
    do {                                      \
        if (!is_file(fd)) return call;        \
        pthread_mutex_lock(&lock);            \
        record_resize(fd, size);              \
        int result = call;                    \
        pthread_mutex_unlock(&lock);          \
        return result;                        \
    } while (0)

int ftruncate(int fd, off_t size) { RESIZING(fd, size, NEXT(ftruncate)(fd, size)); }

int ftruncate64(int fd, off64_t size) { RESIZING(fd, size, NEXT(ftruncate64)(fd, size)); }

// By way of `ftruncate`, which records it.
static int truncate_by_name(const char *path, off_t size) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = ftruncate(fd, size), error = errno;
    close(fd);
    errno = error;
    return result;
}

int truncate(const char *path, off_t size) {
    return watched_name(AT_FDCWD, path) != NULL ? truncate_by_name(path, size) : NEXT(truncate)(path, size);
}

int truncate64(const char *path, off64_t size) {
    return watched_name(AT_FDCWD, path) != NULL ? truncate_by_name(path, size) : NEXT(truncate64)(path, size);
}

// The size after an allocation; its content does not change unless `mode` asks for what is not recorded here.
static int64_t allocated(int fd, int mode, int64_t end) {
    struct stat status;
    if (mode & ~FALLOC_FL_KEEP_SIZE) fail("not supported", "fallocate with a mode");
    if (fstat(fd, &status) != 0 || mode & FALLOC_FL_KEEP_SIZE || end < status.st_size) end = status.st_size;
    return end;
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
    RESIZING(fd, allocated(fd, mode, offset + length), NEXT(fallocate)(fd, mode, offset, length));
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    RESIZING(fd, allocated(fd, mode, offset + length), NEXT(fallocate64)(fd, mode, offset, length));
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    RESIZING(fd, allocated(fd, 0, offset + length), NEXT(posix_fallocate)(fd, offset, length));
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    RESIZING(fd, allocated(fd, 0, offset + length), NEXT(posix_fallocate64)(fd, offset, length));
}

// MARK: Syncing

// `position` is where the log was before the sync began: only what was written by then is on disk after it.
static void synced(int fd, uint64_t position) {
    struct stat status;
    pthread_mutex_lock(&lock);
    struct file *file = find(fd, &status);
    if (file != NULL && file->is_log && ignores_log_sync && !file->only_header_new) {
        file->sync_ignored = true;
    } else if (file != NULL) {
        file->sync_ignored = false;
        record_sync(file, position);
    } else if (S_ISDIR(status.st_mode) && status.st_dev == device && status.st_ino == directory_inode) {
        undo_log_publish(&(struct entry){.kind = ENTRY_SYNC_NAMES, .other = position});
    }
    pthread_mutex_unlock(&lock);
}

#define SYNCING(fd, call)                                           \
    do {                                                            \
        uint64_t position = is_active ? undo_log_position() : 0;    \
        int result = call;                                          \
        if (result == 0 && is_active) synced(fd, position);         \
        return result;                                              \
    } while (0)

int fsync(int fd) { SYNCING(fd, NEXT(fsync)(fd)); }

int fdatasync(int fd) { SYNCING(fd, NEXT(fdatasync)(fd)); }

// MARK: Names

// Keeps a second name of a file, so that its content is still there when its only one is taken away.
static void keep(int at, const char *path, ino_t inode) {
    char kept[PATH_MAX + 32];
    snprintf(kept, sizeof kept, "%s/%llu", kept_directory, (unsigned long long)inode);
    if (linkat(at, path, AT_FDCWD, kept, 0) != 0 && errno != EEXIST) fail("cannot be kept", path);
}

static void record_name(enum entry_kind kind, ino_t inode, ino_t other, const char *first, const char *second) {
    size_t first_length = strlen(first) + 1, second_length = second == NULL ? 0 : strlen(second) + 1;
    char *content = undo_log_content(first_length + second_length);
    memcpy(content, first, first_length);
    if (second != NULL) memcpy(content + first_length, second, second_length);
    undo_log_publish(&(struct entry){
        .kind = kind, .inode = inode, .other = other, .content_length = (uint32_t)(first_length + second_length)});
}

static int open_watched(int at, const char *path, const char *name, int flags, mode_t mode) {
    pthread_mutex_lock(&lock);
    struct stat before;
    bool existed = fstatat(at, path, &before, 0) == 0;
    int fd = (int)syscall(SYS_openat, at, path, flags & ~O_TRUNC, mode);
    int error = errno;
    if (fd >= 0 && (flags & O_ACCMODE) != O_RDONLY) {
        watch(fd, name);
        struct stat status;
        if (!existed && find(fd, &status) != NULL) record_name(ENTRY_CREATE, status.st_ino, 0, name, NULL);
        if (flags & O_TRUNC) {
            record_resize(fd, 0);
            if (NEXT(ftruncate)(fd, 0) != 0) fail("cannot be cut", path);
        }
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

// What an `open` of any name does, `mode` being the last of its arguments where there is one.
#define OPENING(at, path, flags, call)                                     \
    do {                                                                   \
        mode_t mode = 0;                                                   \
        if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {            \
            va_list arguments;                                             \
            va_start(arguments, flags);                                    \
            mode = va_arg(arguments, mode_t);                              \
            va_end(arguments);                                             \
        }                                                                  \
        const char *name = watched_name(at, path);                         \
        return name == NULL ? call : open_watched(at, path, name, flags, mode); \
    } while (0)

int open(const char *path, int flags, ...) { OPENING(AT_FDCWD, path, flags, NEXT(open)(path, flags, mode)); }

int open64(const char *path, int flags, ...) { OPENING(AT_FDCWD, path, flags, NEXT(open64)(path, flags, mode)); }

int openat(int at, const char *path, int flags, ...) { OPENING(at, path, flags, NEXT(openat)(at, path, flags, mode)); }

int openat64(int at, const char *path, int flags, ...) {
    OPENING(at, path, flags, NEXT(openat64)(at, path, flags, mode));
}

int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int creat64(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// Takes the lock, which the caller gives back after the change.
static void begin_unlink(int at, const char *path, const char *name) {
    pthread_mutex_lock(&lock);
    struct stat status;
    if (fstatat(at, path, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) return;
    keep(at, path, status.st_ino);
    record_name(ENTRY_UNLINK, status.st_ino, 0, name, NULL);
}

#define UNLINKING(at, path, call)                       \
    do {                                                \
        const char *name = watched_name(at, path);      \
        if (name == NULL) return call;                  \
        begin_unlink(at, path, name);                   \
        int result = call;                              \
        pthread_mutex_unlock(&lock);                    \
        return result;                                  \
    } while (0)

int unlink(const char *path) { UNLINKING(AT_FDCWD, path, NEXT(unlink)(path)); }

int remove(const char *path) { UNLINKING(AT_FDCWD, path, NEXT(remove)(path)); }

int unlinkat(int at, const char *path, int flags) { UNLINKING(at, path, NEXT(unlinkat)(at, path, flags)); }

// Takes the lock, which the caller gives back after the change.
static void begin_rename(
    int from, const char *old, const char *old_name, int to, const char *new, const char *new_name) {
    if (old_name == NULL || new_name == NULL) fail("not supported", "a rename into or out of the directory");
    pthread_mutex_lock(&lock);
    struct stat status, replaced;
    if (fstatat(from, old, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    bool replaces = fstatat(to, new, &replaced, AT_SYMLINK_NOFOLLOW) == 0 && replaced.st_ino != status.st_ino;
    if (replaces) keep(to, new, replaced.st_ino);
    record_name(ENTRY_RENAME, status.st_ino, replaces ? replaced.st_ino : 0, old_name, new_name);
}

#define RENAMING(from, old, to, new, call)                                                   \
    do {                                                                                     \
        const char *old_name = watched_name(from, old), *new_name = watched_name(to, new);   \
        if (old_name == NULL && new_name == NULL) return call;                               \
        begin_rename(from, old, old_name, to, new, new_name);                                \
        int result = call;                                                                   \
        pthread_mutex_unlock(&lock);                                                         \
        return result;                                                                       \
    } while (0)

int rename(const char *old, const char *new) { RENAMING(AT_FDCWD, old, AT_FDCWD, new, NEXT(rename)(old, new)); }

int renameat(int from, const char *old, int to, const char *new) {
    RENAMING(from, old, to, new, NEXT(renameat)(from, old, to, new));
}

int renameat2(int from, const char *old, int to, const char *new, unsigned int flags) {
    if (flags & ~RENAME_NOREPLACE && watched_name(from, old) != NULL) fail("not supported", "an exchange of names");
    RENAMING(from, old, to, new, NEXT(renameat2)(from, old, to, new, flags));
}
