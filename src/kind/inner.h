/* What the files of the engine share and nobody else includes: statements of each kind, rows to
 * records, change numbers, stored forms. Statements are built once by kind_sql_init and are
 * read-only afterwards; everything else lives in the arena given. */
#ifndef KIND_INNER_H
#define KIND_INNER_H

#include "kind/ddl.h"
#include "kind/engine.h"

enum { IN_LIST = 64, MAX_SCOPES = 4, MAX_EVENT_REFS = 4 };

enum { LIMIT_UNIQUES = 12, LIMIT_UNIQUE_FIELDS = 6 };
struct unique_sql {
  int fields[LIMIT_UNIQUE_FIELDS];
  size_t n;
  struct query find; /* $1 the record's own id, then op (unless global), then the fields */
};

struct kind_sql {
  const struct kind *k;
  const char *table;   /* quoted */
  const char *columns; /* t."id", … in the order that row_record reads */
  size_t n_columns;
  /* Positions in `columns`; -1 where the kind has no such column. */
  int col_op, col_shard, col_seq, col_rev, col_state, col_state_by, col_retired, col_created_ms,
      col_created_by, col_updated_ms, col_updated_by;
  int col_field[LIMIT_FIELDS_PER_KIND], col_blind[LIMIT_FIELDS_PER_KIND];
  int scopes[MAX_SCOPES];
  size_t n_scopes;
  int event_refs[MAX_EVENT_REFS]; /* fields that refer to events */
  size_t n_event_refs;
  struct query by_id;   /* $1 id */
  struct query by_ids;  /* $1..$64 */
  struct query head;    /* $1: id, op, retired, shard, scopes… */
  struct query heads;   /* $1..$64: the same */
  struct query digests; /* events, $1..$64: id, op, created_by, digest */
  struct query insert, update;
  size_t n_insert, n_update;
  struct bulk bulk; /* events */
  struct unique_sql uniques[LIMIT_UNIQUES];
  size_t n_uniques;
  struct query each; /* $1 op (unless global) */
};
const struct kind_sql *kind_sql(const struct kind *k);

/* Parameters of insert (and of one row of bulk) and of update; returns how many. p has room for
 * LIMIT_PARAMS. */
size_t row_insert_params(const struct kind_sql *ks, const struct record *r, const struct change *c,
                         struct val *p);
size_t row_update_params(const struct kind_sql *ks, const struct record *r, int64_t old_rev,
                         struct val *p);
struct record *row_record(const struct cur *c, const struct kind_sql *ks, struct arena *a);

/* What a reference needs to know of its target. */
struct head {
  struct uuid id;
  bool found, retired;
  int64_t updated_ms; /* of a retired one: when it was retired */
  int32_t shard, units[MAX_SCOPES];
};
/* op -1: any. Sorts the heads by id. */
_must_check_ int heads_load(struct tx *tx, const struct kind *k, int64_t op, struct head *heads,
                            size_t n, struct err *e);
_must_check_ int head_load(struct tx *tx, const struct kind *k, int64_t op, struct head *h,
                           struct err *e);
/* The operation in which what a change refers to must lie; -1: any (kinds of no operation). */
static inline int64_t refs_op(const struct change *c) {
  return c->kind->flags & KF_GLOBAL ? -1 : c->op;
}
/* Has he the right at one of the units? A kind without scope asks "anywhere"; a record that could
 * be placed and is not belongs to whoever has the whole tree. */
bool units_may(const struct viewer *v, right_t r, const int32_t *units, size_t n);
/* Whether a record of that kind, standing at these units, is there for this reader. */
bool units_visible(const struct viewer *v, const struct kind *k, const int32_t *units, size_t n);
bool record_may(const struct viewer *v, const struct record *r, right_t right); /* at any scope */
bool record_may_home(const struct viewer *v, const struct record *r, right_t right);
/* May code change it for this viewer? For whoever came by a link: within the purpose. */
bool record_by_code(const struct viewer *v, const struct record *r);

/* seq.c: change numbers */
_must_check_ int seq_next(struct tx *tx, int32_t unit, int64_t *ret_seq, struct err *e);
/* Reads the rows of several units at once; seq_next then asks nothing. */
_must_check_ int seq_prepare(struct tx *tx, const int32_t *units, size_t n, struct err *e);
int32_t seq_unit(const struct viewer *v, const struct record *r);

/* change.c */
void change_begin(struct change *c); /* forgets an earlier run */
/* 0, or what the problems amount to: E_FORBIDDEN where a right was missing, else E_INVALID. */
_must_check_ int change_verdict(struct change *c, struct err *e);
right_t change_right(const struct change *c);
/* Digests the request as it was sent; and is it the one whose digest was stored? */
_must_check_ int change_sent(struct change *c, const json_t *body, struct err *e);
bool change_same(struct change *c, struct str stored);
static inline struct str change_digest(const struct change *c) {
  return (struct str){(const char *)c->digest, c->n_digest};
}
bool change_idempotent(const struct change *c);
struct type_ctx change_types(struct change *c);
void change_initial(struct change *c); /* a creation's values for fields that were not given */

/* change_run.c */
struct record *change_fresh(struct change *c);
void change_overlay(struct change *c, const struct record *old, struct record *rec);
/* Asks the change's right at the record's home scope; says out_of_scope where it is missing. */
void change_ask_home(struct change *c, const struct record *rec);
/* Numbers, writes and tells of a judged record. */
_must_check_ int change_write(struct tx *tx, struct change *c, const struct record *old,
                              struct record *rec, struct err *e);
_must_check_ int change_observe(struct tx *tx, struct change *c, const struct record *old,
                                const struct record *rec, struct err *e);

/* change_rules.c: what holds for every kind */
void rules_required(struct change *c, const struct record *old, const struct record *rec);
void rules_units(struct change *c, const struct record *old, const struct record *rec);
void rules_head(struct change *c, size_t field, const struct head *h);
/* Fills in what is taken from records that are referred to (field.taken_from). */
_must_check_ int rules_taken(struct tx *tx, struct change *c, const struct record *old,
                             struct record *rec, struct err *e);
_must_check_ int rules_refs(struct tx *tx, struct change *c, const struct record *old,
                            const struct record *rec, struct err *e);
_must_check_ int rules_uniques(struct tx *tx, struct change *c, const struct record *old,
                               const struct record *rec, struct err *e);

/* change_work.c: which fields are written by whom, and when. Says why where not. */
bool work_open(struct change *c, const struct record *old, size_t field);
/* Writes the stamps of the state that the record has come into. What the change itself gives (code
 * that knows better) stands. */
void work_enter(struct change *c, struct record *rec);
/* The field that keeps who brought the record into that state; NULL where none does. */
const char *work_person(const struct kind *k, const char *state);
/* Did whoever brought the record into its state (or the one that the action names) ask for this,
 * too, under whatever account? */
_must_check_ int work_same_person(struct tx *tx, struct change *c, const struct record *old,
                                  bool *ret_same, struct err *e);
/* Problems where what a second person has signed is to be retired without a reason, or by one of
 * the two. */
_must_check_ int work_retires(struct tx *tx, struct change *c, const struct record *old,
                              struct err *e);
/* Of an action that puts right what others wrote (TR_CORRECTS): a problem where it does not. */
void work_corrects(struct change *c, const struct record *old, const struct record *rec);
/* A problem for each field under which live records hang on this one. */
_must_check_ int work_held(struct tx *tx, struct change *c, const struct record *rec,
                           struct err *e);
/* What follows the record (FF_FOLLOWS) is retired or restored as it was just now. */
_must_check_ int work_follow(struct tx *tx, struct change *c, const struct record *rec,
                             struct err *e);

/* pull.c: the unit that a copy of the record was kept in, when it has left it; and its coming back.
 */
_must_check_ int tombstone_note(struct tx *tx, const struct record *old, const struct record *rec,
                                struct err *e);

/* event.c */
_must_check_ int event_run(struct tx *tx, struct change *c, struct err *e);

/* history.c */
_must_check_ int history_add(struct tx *tx, struct change *c, const struct record *old,
                             const struct record *rec, struct str action, struct err *e);

/* list_parse.c: a filter as it is compared */
enum { LIMIT_TERM_VALUES = 32 };
enum term_op { TERM_IN, TERM_NULL, TERM_RANGE, TERM_CONTAINS };
struct term {
  const struct kind *k;
  enum list_what what;
  const struct field *f; /* LIST_FIELD; NULL for columns of every record */
  enum term_op op;
  struct val v[LIMIT_TERM_VALUES];
  size_t n;
  bool has_lo, has_hi; /* TERM_RANGE: v[0], v[1] */
};
/* Says problems under `path` and returns false where the text is none for the field. */
bool term_parse(struct term *t, const struct kind *k, const struct list_filter *lf, struct str path,
                struct type_ctx *c);
/* The text between two pieces of a pattern, with % and _ escaped, in lower case as far as both
 * engines fold: ASCII. */
struct val list_like(struct arena *a, const char *before, struct str text, const char *after);
bool list_may(const struct viewer *v, const struct kind *k, struct list_by by, bool sort);

/* refs.c: what records refer to, fetched in few queries and kept with the emitter */
_must_check_ int ref_want(struct emit *em, const struct kind *k, const struct uuid *id,
                          struct err *e);
_must_check_ int ref_fetch(struct emit *em, struct err *e); /* all that is wanted, with titles */
struct record *ref_get(const struct emit *em, const struct kind *k, const struct uuid *id);

/* emit.c */
/* A value of `owner`'s field (its own or one from its history) as this viewer may see it. */
enum emitted { EMIT_PLAIN, EMIT_MASKED, EMIT_DESTROYED };
_must_check_ int emit_value(struct emit *em, struct jw *w, const struct record *owner, size_t field,
                            const struct val *v, struct str sealed, bool names,
                            enum emitted *ret_how, struct err *e);
bool emit_names(const struct emit *em, const struct record *r);
bool emit_held_back(const struct emit *em, const struct record *r, size_t field);

/* b64.c: base64url without padding */
struct str b64_encode(struct arena *a, struct str bytes);
_must_check_ int b64_decode(struct arena *a, struct str text, struct str *ret_bytes);

static inline struct str field_name(const struct kind *k, size_t f) {
  return str_from(k->fields[f].name);
}

#endif
