/* Which enterprise a name means, as people write it in a chat or a sheet: by credit code, whole
 * name, short name (别名), the name without place and legal form, or a part of it. The index is
 * made for one reading, of what the reader may name; it
 * lies in the arena given. One thread. */
#ifndef INTAKE_NAMES_H
#define INTAKE_NAMES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"

enum { NAMES_MAX = 100000, NAMES_SHOWN = 8 };
/* The better first. */
enum name_by { NAME_CODE, NAME_WHOLE, NAME_SHORT, NAME_CORE, NAME_PART, NAME_BYS_ };
extern const char *const name_by_words[NAME_BYS_]; /* "code", "name", "short", "core", "part" */

struct named {
  struct uuid id;
  int32_t unit;
  struct str name, credit_code, address;
  struct str whole, core; /* as compared */
};
struct name_slot {
  uint64_t hash;
  uint32_t at; /* in `all` */
};
struct name_index {
  struct arena *a;
  struct str place; /* "北京市": left out at the beginning of names */
  struct named *all;
  size_t n;
  struct name_slot *slots[NAME_PART];
  size_t n_slots[NAME_PART];
};
struct name_matches {
  enum name_by by;
  const struct named *found[NAMES_SHOWN];
  size_t n; /* of those shown */
  bool more;
  size_t from, to; /* the pieces of the head that are the name */
};

/* Makes the index of ix->all (id, unit, name, credit_code, in the order of ids); short names by
 * the side, NULL where there are none. */
_must_check_ int names_index(struct name_index *ix, const struct str *short_names, struct err *e);
/* The name among the pieces of a head; n == 0 where none is known. */
void names_find(const struct name_index *ix, const struct str *pieces, size_t n,
                struct name_matches *ret);
const struct named *names_by_id(const struct name_index *ix, const struct uuid *id);
/* Letters, digits and characters only; without the place and the legal form. */
struct str name_whole(struct arena *a, struct str name);
struct str name_core(struct str whole, struct str place);

#endif
