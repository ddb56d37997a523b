/* Snapshots: what is asked so often that it stands in memory (units, operations and their rules,
 * settings, posts, forms): an immutable copy of a few small tables, counted by reference and
 * replaced as a whole. A row says what it rests on; whatever changes that, in any process, raises
 * the snapshot's generation in the same transaction (table `generation`), and every process reads
 * anew: its own commits before they are answered, those of others (a second server, the command
 * line) within half a second. And no refusal rests on an old one: before a command is refused the
 * writer looks at the generations in its transaction, and runs it again where one has moved; a
 * request that is refused before it comes so far does the same (snapshots_look).
 *
 * Any thread. A reference is held for the time of a request. */
#ifndef CORE_SNAPSHOTS_H
#define CORE_SNAPSHOTS_H

#include "core/app.h"

struct snapshot_type {
  const char *name;
  const char *kinds; /* whose change it rests on, "operation policy_rule"; NULL: snapshot_touch() */
  /* Into the arena, which lives as long as the snapshot; what else it holds is arena_defer()red. */
  int (*load)(struct app *app, struct tx *tx, struct arena *a, void **ret_data, struct err *e);
  /* Instead of the two: kept elsewhere, with a number of its own. True: it had moved, and what was
   * kept is dropped. */
  bool (*moved)(struct app *app, struct tx *tx);
};

struct snapshot {
  _Atomic int refs;
  int64_t generation;
  struct arena *a;
  void *data;
};
struct snapshot *snapshot_ref(struct app *app, const struct snapshot_type *t);
struct snapshot *snapshot_unref(struct snapshot *s);
static inline void snapshot_unrefp(struct snapshot **s) {
  *s = snapshot_unref(*s);
}

/* Within a transaction: what `t` rests on is changed, other than by its kinds. */
void snapshot_touch(struct tx *tx, const struct snapshot_type *t);
/* Compares with the database, in a reading transaction, and reads anew what has moved; true: some
 * had. For a refusal, and at the end of an import. */
bool snapshots_look(struct app *app);
/* While an import runs, its units come by the thousand: they are read anew twice a second, by the
 * import's own thread, never by a request that others wait behind. */
void snapshots_follow(struct app *app);

struct snapshots;
/* Reads all of them. The module rows' snapshots, at most SNAPSHOTS_MAX. */
enum { SNAPSHOTS_MAX = 16 };
_must_check_ int snapshots_open(struct app *app, const struct module *const *list,
                                struct snapshots **ret_snapshots, struct err *e);
struct snapshots *snapshots_close(struct snapshots *s);
/* A thread that follows what other processes commit; until snapshots_close(). */
_must_check_ int snapshots_watch(struct snapshots *s, struct err *e);
/* For the writer and the registry. */
const struct tx_part *snapshots_part(struct snapshots *s);
bool snapshots_behind(struct tx *tx, void *app);
struct change_observer snapshots_observer(struct snapshots *s);
/* For tests: what has not been read from tables. The arena is taken over. */
_must_check_ int snapshot_put(struct app *app, const struct snapshot_type *t, struct arena *a,
                              void *data, struct err *e);

#endif
