/* A record in memory: the values of one row of a kind. Values are in plain form; a sealed field
 * read from the database keeps its blob and is opened only when asked (record_plain). A record
 * and all it points at live in the arena it was made in. */
#ifndef KIND_RECORD_H
#define KIND_RECORD_H

#include "kind/viewer.h"

struct record {
  const struct kind *kind;
  struct uuid id;
  int64_t op;
  int64_t seq, rev;
  int64_t created_ms, updated_ms;
  struct uuid created_by, updated_by, state_by;
  struct str state; /* p == NULL where the kind has none */
  bool retired;
  struct val *v;      /* plain; VAL_NULL where unset (or sealed and not opened) */
  struct str *sealed; /* blobs of sealed fields; p == NULL where none */
  struct str *blind;  /* blind indexes of FF_LOOKUP fields; the engine's */
};

struct record *record_make(struct arena *a, const struct kind *k);
struct record *record_copy(struct arena *a, const struct record *r);

/* By field index (the enum of the kind's table). Wrong type is a bug and asserts. */
static inline bool rec_null(const struct record *r, int f) {
  return r->v[f].t == VAL_NULL;
}
static inline int64_t rec_i64(const struct record *r, int f) {
  return r->v[f].t == VAL_I64 ? r->v[f].i : 0;
}
static inline struct str rec_text(const struct record *r, int f) {
  return r->v[f].t == VAL_TEXT ? r->v[f].s : (struct str){NULL, 0};
}
static inline struct uuid rec_uuid(const struct record *r, int f) {
  return r->v[f].t == VAL_UUID ? r->v[f].u : (struct uuid){{0}};
}
static inline int32_t rec_unit(const struct record *r, int f) {
  return (int32_t)rec_i64(r, f);
}
static inline bool rec_is(const struct record *r, int f, const char *z) {
  return str_is(rec_text(r, f), z);
}
/* Days since 1970 of a FT_DATE field; INT32_MIN where unset. */
int32_t rec_day(const struct record *r, int f);
static inline void rec_set(struct record *r, int f, struct val v) {
  r->v[f] = v;
}
/* The unit that scopes it (its first FF_SCOPE field), 0 where none. */
int32_t record_unit(const struct record *r);
/* Opens a sealed field. */
_must_check_ int record_plain(struct sealer *s, struct record *r, int f, struct arena *a,
                              struct err *e);

/* ---- figures: what a record adds -------------------------------------------------------- */

enum indicator_type {
  IND_FLOW,     /* the day's value; with a span, the sum */
  IND_STATE,    /* value at the day's end: contributions are +1 and -1 on their days */
  IND_DISTINCT, /* distinct members up to and including the date; within a span, in the span */
  IND_DERIVED,  /* computed from others */
};

struct indicator {
  uint16_t no; /* stable */
  const char *code, *zh, *en;
  const char *zh_definition, *en_definition;
  const char *measure; /* "people", "person_times", "events", "fen", "permille" … */
  enum indicator_type type;
  const char *kind;       /* the records behind it, for the drill-down */
  const char *filter;     /* and the list filter that shows them: "state=reported&route=dual" */
  const char *unit_field; /* the scope field that it counts by; NULL: the kind's first */
  const char *unit_kinds; /* kinds of unit that count there: "federation union", "!federation …" */
  const char *date_field; /* the record's field that says on which day it counts */
  int64_t (*derive)(const int64_t *values, const struct indicator *self); /* by indicator no */
};

struct contrib {
  const struct indicator *ind;
  int32_t unit; /* leaf: ancestors are added by the engine, as of `day` */
  int32_t day;
  int64_t n;
  struct uuid member; /* IND_DISTINCT */
};

enum { LIMIT_CONTRIBS = 32 };
struct contribs {
  const struct unit_tree *tree;
  struct contrib c[LIMIT_CONTRIBS];
  size_t n;
};
void contrib_add(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                 int64_t n);
void contrib_member(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                    struct uuid member);
void contrib_member_unit(struct contribs *out, const struct indicator *ind, int32_t unit,
                         int32_t day, int32_t member_unit);

#endif
