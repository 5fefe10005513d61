// The log from which files are brought back to what is on disk; undo.py reads it, and must agree with this.
#ifndef UNDO_LOG_H
#define UNDO_LOG_H

#include <stddef.h>
#include <stdint.h>

enum entry_kind {
    ENTRY_WRITE = 1,   // inode, offset, length, sizes; content: what was there before, as far as the file went
    ENTRY_RESIZE = 2,  // inode, sizes; offset, length, content: what is cut off
    ENTRY_SYNC = 3,    // inode; other: the position before which its changes are on disk
    ENTRY_CREATE = 4,  // inode; content: its name
    ENTRY_UNLINK = 5,  // inode, kept as a link beside the log; content: its name
    ENTRY_RENAME = 6,  // inode; other: that of the file it replaces, kept likewise, or 0; content: old name, new name
    ENTRY_SYNC_NAMES = 7,  // other: the position before which changes of names are on disk
};

// The content follows, padded to eight bytes. Names end with a zero byte.
struct entry {
    uint32_t kind;
    uint32_t content_length;
    uint64_t inode;
    uint64_t other;
    int64_t offset;
    int64_t length;
    int64_t size_before;
    int64_t size_after;
};

// Maps the file at `path`, whose size is the room there is. The process dies as by SIGKILL at the entry of the number
// `last`, counted from 1, after it is written and before what it tells of is done; 0: at none.
void undo_log_open(const char *path, uint64_t last);

// Where the next entry goes.
uint64_t undo_log_position(void);

// Room for `length` bytes of content, to be filled before `undo_log_publish`.
void *undo_log_content(size_t length);

// Makes an entry part of the log: from then on it counts, whenever the process ends. One thread at a time.
void undo_log_publish(const struct entry *entry);

// Says why the library cannot go on, and aborts: a test must not pass because something was not recorded.
_Noreturn void fail(const char *what, const char *about);

#endif
