/* A SQLite VFS over the default one that knows what a power cut would leave. Writes reach the file
 * at once, so that the program reads what it wrote; beside that the VFS keeps, for each file, what
 * was synced and what was written since. At the chosen operation the power goes: every later
 * operation fails, and powercut_restore() writes the files as a disk might hold them then: all that
 * was synced, and of the rest each sector of 512 bytes or not, in any order, at random.
 * It can also be full, or lie about its syncs (the proof that the test sees a loss).
 *
 * One instance in the process; the state locks itself, as SQLite calls it from several threads. */
#ifndef SHOUWANG_TESTS_TORTURE_POWERCUT_VFS_H
#define SHOUWANG_TESTS_TORTURE_POWERCUT_VFS_H

#include <stdbool.h>
#include <stdint.h>

#define POWERCUT_VFS "powercut"

/* Registers the VFS; 0, or a SQLite code. */
int powercut_install(void);
/* Forgets all files (what is on the disk counts as synced) and sets what happens next: the power
 * goes at the cut_at-th write, truncation or sync (0: never). */
void powercut_begin(uint64_t seed, uint64_t cut_at, bool lying);
/* Did it go? Asked under the same lock that the operations take: what was acknowledged before this
 * said no had been synced before the cut. */
bool powercut_happened(void);
uint64_t powercut_operations(void);
/* Writes the files as they lie on the disk afterwards. All connections must be closed. */
bool powercut_restore(void);
/* From now on files may not grow (writes within their size succeed), until it is lifted. */
void powercut_full(bool full);

#endif
