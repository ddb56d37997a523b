/* The unit tree as the engine needs it: an immutable snapshot in memory, made from the unit table
 * and replaced as a whole when units change. Readers take a reference for the time of a request.
 * Units have a small number inside (1..n, never reused); codes, names and parents carry dates. */
#ifndef KIND_TREE_H
#define KIND_TREE_H

#include "store/store.h"

/* One validity period of a parent: [from, to) in days; to = INT32_MAX while it lasts. */
struct unit_spell {
  int32_t parent; /* 0: a root */
  int32_t from, to;
};

struct unit_row {
  int32_t no;
  int32_t parent; /* today's, 0 for a root */
  struct uuid id;
  struct str code, name, aliases, kind; /* aliases: joined by ','; kind: city district subdistrict
                                           town community … federation */
  int32_t valid_from, valid_to;
  int32_t merged_into; /* 0: none */
  bool retired;
  const struct unit_spell *spells; /* oldest first */
  uint16_t n_spells;
  uint8_t depth;
  int32_t first, last; /* places in pre-order of today's tree: descendants lie within */
  struct str path;     /* as the column unit.path: numbers from the root, "000001/000017" */
};

/* The column unit.path holds the numbers from the root, six digits each, joined by '/'. It changes
 * only where a subtree moves, so that adding a unit never rewrites others. A branch is one range:
 * u.path BETWEEN low AND high, with text compared by bytes. */
#define UNIT_PATH_MAX 96
void unit_path_range(const struct unit_row *u, char low[UNIT_PATH_MAX], char high[UNIT_PATH_MAX]);
/* The path of a child with number `no` under `parent` (NULL: a root). */
void unit_path_make(const struct unit_row *parent, int32_t no, char out[UNIT_PATH_MAX]);

/* The level at which records could be laid apart over several servers. */
#define SHARD_UNIT_KIND "community"

struct unit_tree;
struct unit_tree *unit_tree_ref(struct unit_tree *t);
struct unit_tree *unit_tree_unref(struct unit_tree *t);
static inline void unit_tree_unrefp(struct unit_tree **t) {
  *t = unit_tree_unref(*t);
}
/* unref in the shape that arena_defer takes. */
void unit_tree_release(void *tree);
/* Reads the tables unit (no, parent, id, code, name, kind, valid_from, valid_to, merged_into,
 * retired, path) and unit_spell. */
_must_check_ int unit_tree_load(struct tx *tx, struct unit_tree **ret_tree, struct err *e);

const struct unit_row *unit_by_no(const struct unit_tree *t, int32_t no); /* NULL where none */
const struct unit_row *unit_by_code(const struct unit_tree *t, struct str code);
const struct unit_row *unit_by_id(const struct unit_tree *t, const struct uuid *id);
/* Is `no` the unit `root` or below it, today? */
bool unit_within(const struct unit_tree *t, int32_t no, int32_t root);
/* The unit itself and its ancestors as they were on `day`, nearest first. Returns how many. */
size_t unit_ancestors(const struct unit_tree *t, int32_t no, int32_t day, int32_t *out, size_t max);
/* The nearest ancestor-or-self of that kind on that day, 0 where none. */
int32_t unit_ancestor_of_kind(const struct unit_tree *t, int32_t no, int32_t day, const char *kind);
size_t unit_count(const struct unit_tree *t);
int32_t unit_root(const struct unit_tree *t);
bool unit_has_children(const struct unit_tree *t, int32_t no);
/* Units in pre-order of today's tree. */
const struct unit_row *unit_at(const struct unit_tree *t, size_t i);

#endif
