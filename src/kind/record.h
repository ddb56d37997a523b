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
  int32_t shard; /* the community in which it was made, 0: a central one; never changes */
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

/* ---- deadlines --------------------------------------------------------------------------- */

/* Does it run for this record: not retired, in one of the states, with a value? */
bool deadline_runs(const struct deadline *d, const struct record *r);
/* The same as SQL, without the value: of the index and of whoever looks for what is over. */
void deadline_where(struct buf *out, const struct deadline *d);

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
  const char *kind; /* whose records count for it: the list behind the figure */
  int64_t (*derive)(const int64_t *values, const struct indicator *self); /* by indicator no */
  const char *derived_from; /* the codes that `derive` looks at, "a.b c.d" */
};

enum { ALL_DAY = -1, MINUTES_OF_DAY = 1440 };
/* An indicator of an area, `static` before it where no other file asks. */
#define INDICATOR_ROW(id, number, name, how, what, zh_name, en_name, zh_def, en_def, k)            \
  const struct indicator id = {.no = (number),                                                     \
                               .code = (name),                                                     \
                               .zh = (zh_name),                                                    \
                               .en = (en_name),                                                    \
                               .zh_definition = (zh_def),                                          \
                               .en_definition = (en_def),                                          \
                               .measure = (what),                                                  \
                               .type = (how),                                                      \
                               .kind = (k)}

struct contrib {
  const struct indicator *ind;
  int32_t unit; /* leaf: ancestors are added by the engine, as of `day` */
  int32_t day;
  int16_t minute; /* from which it counts on its day, or its hour's first one; ALL_DAY: neither */
  int64_t n;
  struct uuid member; /* IND_DISTINCT */
};

enum { LIMIT_CONTRIBS = 32 };
struct contribs {
  const struct unit_tree *tree;
  const struct zone *zone; /* for moments; NULL: UTC */
  struct contrib c[LIMIT_CONTRIBS];
  size_t n;
};
void contrib_add(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                 int64_t n);
void contrib_member(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                    struct uuid member);
void contrib_member_unit(struct contribs *out, const struct indicator *ind, int32_t unit,
                         int32_t day, int32_t member_unit);

/* All that the record adds, by its kind's rows and function; `out` has tree and zone already. */
void record_contribs(const struct record *rec, struct contribs *out);
bool kind_counts(const struct kind *k);

/* How finely an indicator's days are kept. */
enum count_by { COUNT_BY_DAY, COUNT_BY_HOUR, COUNT_BY_MINUTE };
enum count_by count_by(const struct indicator *ind);

/* The records that may stand behind a figure, as the rows choose them, in no order;
 * record_contribs tells what each of them counts. A record lives until fn returns. */
struct count_span {
  const struct indicator *ind; /* NULL: whatever the kind counts by the hour */
  const struct zone *zone;
  int64_t op;
  int32_t from, to; /* days, both included; from INT32_MIN: the beginning */
  struct str units; /* their numbers as a JSON list; p == NULL: all */
  bool with_retired;
  bool by_id; /* the index by unit would not help: the newest are looked for, or certain ids */
};
_must_check_ int count_each(struct tx *tx, const struct kind *k, const struct count_span *s,
                            int (*fn)(struct record *r, void *arg, struct err *e), void *arg,
                            struct err *e);
/* What holds this record and others together in that list: the thing whose steps they are, what is
 * taken back, else the record itself. */
struct uuid count_key(const struct record *rec, const struct indicator *ind);
/* Where that list can be read a page at a time: its lines follow from the rows' own columns. */
bool count_pages(const struct indicator *ind);
/* One of the newest records that may stand behind the figure, and what its whole line is. */
enum { COUNT_HEADS = 64 };
struct count_head {
  struct uuid id, key;
  int64_t n, records; /* of the line; of others of the same line 0 */
  bool first;         /* the line's newest record */
};
/* Those older than `before` (NULL: the newest of all), at most COUNT_HEADS: as many, and there may
 * be more. */
_must_check_ int count_heads(struct tx *tx, const struct kind *k, const struct count_span *s,
                             const struct uuid *before, struct count_head *out, size_t *ret_n,
                             struct err *e);
_must_check_ int count_head_lines(struct tx *tx, const struct kind *k, const struct count_span *s,
                                  const struct uuid *before, struct count_head *heads, size_t n,
                                  struct err *e);
/* How many lines there are that count something. */
_must_check_ int count_lines_of(struct tx *tx, const struct kind *k, const struct count_span *s,
                                int64_t *ret_n, struct err *e);
/* Checks and prepares the rows of all kinds; after kinds_init (by indicators_init). */
_must_check_ int counts_init(struct err *e);
void counts_done(void);

#endif
