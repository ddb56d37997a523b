/* The registry: reading, listing and changing records of any kind, always through a viewer (scope
 * and rights), the sealer (keys) and the one emitter (masks). One `struct registry` per process,
 * owned by struct app; functions are safe from any thread, each call with its own arena. */
#ifndef KIND_ENGINE_H
#define KIND_ENGINE_H

#include "base/limits.h"
#include "kind/ddl.h"
#include "kind/type.h"
#include "store/writer.h"

enum {
  PART_SEQ,
  PART_FIGURES,
  PART_AUDIT,
  PART_SNAPSHOTS,
  PART_MORE
}; /* places in writer_options.parts */

/* Hands out change numbers per community; place PART_SEQ of the writer's parts. */
extern const struct tx_part seq_part;

struct change;
/* Told of every change inside its transaction, after the row is written: figures and audit. */
struct change_observer {
  int (*changed)(struct tx *tx, const struct change *c, const struct record *old,
                 const struct record *rec, void *arg, struct err *e);
  /* A reading of unmasked data, before it is answered. */
  int (*revealed)(struct tx *tx, const struct viewer *v, const struct record *rec,
                  struct str fields, struct str reason, void *arg, struct err *e);
  void *arg;
};

struct registry {
  struct store *store;
  struct writer *writer;
  struct sealer *sealer;
  struct idgen *ids;
  struct clock *clock;
  struct change_observer observers[8];
  size_t n_observers;
  /* The current tree with a reference for the caller; replaced after unit changes. */
  struct unit_tree *(*tree)(void *arg);
  void *tree_arg;
};

/* ---- changing --------------------------------------------------------------------------- */

enum change_verb {
  CHANGE_CREATE,
  CHANGE_UPDATE,
  CHANGE_ACTION,
  CHANGE_RETIRE,
  CHANGE_RESTORE,
  CHANGE_MERGE,
  CHANGE_UNMERGE
};

enum { DIGEST_VALUES = 16, DIGEST_SENT = 17 };

/* One change of one record. Made by change_parse (from outside) or change_make (from code, e.g.
 * an apply hook that writes further records); run by change_run inside a transaction. */
struct change {
  struct registry *en;
  const struct viewer *viewer;
  struct arena *a;
  const struct kind *kind;
  enum change_verb verb;
  const struct transition *transition;
  struct uuid id;
  int64_t op;
  int64_t if_rev;     /* -1: not asked */
  int64_t at_ms;      /* server time at which the command was taken */
  const char *source; /* "api", "import", "job", "demo" … for the audit */
  struct val *v;      /* by field; meaning only where given */
  bool *given;
  struct str *sealed;   /* blobs, sealed before the queue */
  uint8_t (*blind)[16]; /* blind indexes of FF_LOOKUP fields */
  struct str reason;
  /* What makes it the same request under the same id: a digest of the JSON as it was sent (17
   * bytes, the first one says so), never of defaults or of moments put right; of what code made,
   * and in rows of the first release, of the values (16 bytes). 0 bytes: none yet. */
  uint8_t digest[DIGEST_SENT];
  uint8_t n_digest;
  bool internal; /* from code: rights and read-only flags are not asked, rules are */
  /* Set by an apply hook that has asked the right where a new record will hang, because its home
   * (a unit's own number) is not in the viewer's tree yet. */
  bool home_asked;
  bool fresh_id;       /* the id was made just now, for this create: nothing stands under it */
  bool client_id;      /* the id came from outside: a create that can be sent again */
  struct uuid receipt; /* nil, or the id under which any command can be sent again (batch items) */
  /* Who wrote it down, where that was a registered phone: the phone, its own number for the item
   * (0: none was given), and the server's clock less the phone's as the batch arrived. */
  struct uuid device;
  int64_t device_seq, clock_offset_ms;
  int64_t written_ms;    /* by that phone's clock; 0: not said */
  int64_t not_before_ms; /* what that phone had sent before happened then; 0: not known */
  struct str saw;        /* the state that it saw the record in; NULL: not said */
  /* A dry run looks at the rows of a file slice by slice: is that key brought by the file itself?
   */
  bool (*key_in_file)(const void *file, struct str key);
  const void *file;
  struct problems problems;
  /* After the run: */
  struct record *result;
  struct record *current; /* on E_CONFLICT: what stands there */
  bool replayed;          /* the same id with the same content was there already */
  bool unchanged;         /* an update that changed nothing: nothing was written */
  struct {
    struct problems kept; /* what parsing found: a second run starts from here */
    bool is_kept, refused;
    bool again; /* it was run before */
    /* Of the first thing referred to that lies in a community: its shard, and where it is now. */
    int32_t shard, shard_at;
    int clashes;
  } inner; /* the engine's */
};

struct change *change_make(struct arena *a, struct registry *en, const struct viewer *v,
                           const struct kind *k, enum change_verb verb);
/* Sets a field from code. For sealed fields the plain text; it is sealed by change_ready. */
void change_set(struct change *c, int field, struct val v);
/* "create", "retire", or the action's own name: as history and audit have it. */
const char *change_action(const struct change *c);
bool val_same(const struct val *a, const struct val *b);
/* When something happened that a phone tells of: its clock set right by what the server measured
 * when they spoke, never after it arrived (at_ms). 0: not said; then when the phone wrote the item,
 * which was not before what it had sent until then; or at_ms. */
int64_t change_when(const struct change *c, int64_t device_ms);
/* The same for a record, by its field with the device's time. What lies outside of these bounds is
 * taken at the nearer one, and the field that says so is set. */
int64_t change_judged(const struct change *c, struct record *rec, int device_at, int doubtful);
/* The change's own moment: when it was written on a phone, else when it was taken. */
static inline int64_t change_moment(const struct change *c) {
  return change_when(c, 0);
}
/* The civil day of that moment: what counts "from today" counts from here. */
static inline int32_t change_day(const struct change *c) {
  return zone_day(c->viewer->zone, change_moment(c), NULL);
}
/* From a JSON object: types, limits, unknown fields, read-only fields, required ones; rights are
 * asked against the home scope where it is known already. All problems land in c->problems.
 * `action` only with CHANGE_ACTION. 0, or -E_INVALID, -E_FORBIDDEN, -E_MALFORMED. */
_must_check_ int change_parse(struct change *c, const json_t *body, struct str action,
                              struct err *e);
/* Seals and blinds what is given; derives id and digest where absent. Before the queue. */
_must_check_ int change_ready(struct change *c, struct err *e);
/* Inside a transaction. Loads the old row, asks rights and scope (a row out of scope is
 * E_NOT_FOUND), compares rev, runs check and apply, writes row, history, receipt and change
 * number, tells the observers. E_INVALID with c->problems. May run more than once. */
_must_check_ int change_run(struct tx *tx, struct change *c, struct err *e);
/* As commands of the writer: arg is the struct change. The event class takes many at once. */
extern const struct cmd_class change_cmd, event_cmd, event_in_turn_cmd;
const struct cmd_class *change_cmd_class(const struct change *c);
enum cmd_priority change_priority(const struct change *c);
/* change_ready + writer_run; for code outside HTTP threads (command line, jobs, demo). */
_must_check_ int change_do(struct change *c, struct err *e);

/* ---- what hooks share: hooks.c ---- */

/* A change made by code inside another one, by the same viewer, in the same transaction. What it
 * refuses is among the problems of `by`. */
_must_check_ int change_within(struct tx *tx, struct change *by, struct change *inner,
                               struct err *e);
/* The value of a FT_DATE field. */
struct val day_val(struct arena *a, int32_t day);
/* Two dates of a record, where both are given: problem `dates_reversed` at the second. */
void dates_in_order(const struct record *r, int from, int to, struct problems *ps);
void not_in_future(const struct change *c, const struct record *r, int field, struct problems *ps);

/* Merging `loser` into `winner` (KF_MERGE): every reference in every kind is moved, through the
 * same path as other changes; the loser is retired. Undone by its merge id. */
_must_check_ int change_merge(struct tx *tx, struct change *c, const struct uuid *loser,
                              struct uuid *ret_merge, struct err *e);
_must_check_ int change_unmerge(struct tx *tx, struct change *c, const struct uuid *merge,
                                struct err *e);

/* ---- reading ---------------------------------------------------------------------------- */

/* -E_NOROW where absent, without asking scope (for code). */
_must_check_ int record_load(struct tx *tx, struct arena *a, const struct kind *k, int64_t op,
                             const struct uuid *id, struct record **ret_rec, struct err *e);
/* Any number by id, in few queries, without asking scope; op 0: of any operation. `out` is as long
 * as `ids`, and NULL (as it must come) where there is none. */
_must_check_ int records_by_ids(struct tx *tx, struct arena *a, const struct kind *k, int64_t op,
                                const struct uuid *ids, size_t n, struct record **out,
                                struct err *e);
/* Those whose ids the query's first column gives, in its order; *ret_more: there were more than
 * `max`. Without asking scope. */
_must_check_ int records_found(struct tx *tx, struct arena *a, const struct kind *k, int64_t op,
                               const struct query *q, const struct val *params, size_t n_params,
                               struct record **out, size_t max, size_t *ret_n, bool *ret_more,
                               struct err *e);
/* With scope and the read right: -E_NOT_FOUND where he may not even know of it. */
_must_check_ int record_get(struct tx *tx, struct arena *a, const struct viewer *v,
                            const struct kind *k, const struct uuid *id, struct record **ret_rec,
                            struct err *e);
bool record_visible(const struct viewer *v, const struct record *r);
/* Exact look-up by a sealed field's blind index or a plain indexed field, without scope (for
 * code: duplicates). Gives at most `max` records. */
_must_check_ int record_find(struct tx *tx, struct registry *en, struct arena *a,
                             const struct kind *k, int64_t op, int field, struct str plain,
                             struct record **out, size_t max, size_t *ret_n, struct err *e);

/* Those that this viewer may see and that are called so: by title, key or a further name
 * (FF_ALIAS), at that unit (0: anywhere); how many there are (max + 1: more than max), of which up
 * to `max` are given. `near`: up to `max` that begin alike. */
bool kind_has_names(const struct kind *k);
_must_check_ int records_named(struct tx *tx, struct arena *a, const struct viewer *v,
                               const struct kind *k, int32_t unit, struct str name, bool near,
                               struct record **out, size_t max, size_t *ret_n, struct err *e);

/* What a list is filtered or ordered by: a column of every record, or a field by its place. Zero is
 * the id, which is the order in which records were made. */
enum list_what { LIST_ID, LIST_STATE, LIST_RETIRED, LIST_CREATED, LIST_FIELD };
struct list_by {
  enum list_what what;
  int field; /* LIST_FIELD */
};
static inline struct list_by list_field(int field) {
  return (struct list_by){LIST_FIELD, field};
}
/* By the name that a filter or an order has outside. */
bool list_column(const struct kind *k, struct str name, struct list_by *ret_by);

struct list_filter {
  struct list_by by;
  struct str text; /* as it came: "a..b", "a,b", "~text", "null", "!null", "value" */
};
/* NULL where it is by a column of every record. */
static inline const struct field *list_filter_field(const struct kind *k,
                                                    const struct list_filter *lf) {
  return lf->by.what == LIST_FIELD ? &k->fields[lf->by.field] : NULL;
}
struct list_query {
  struct list_filter filters[LIMIT_FILTERS];
  size_t n_filters;
  struct list_by sort; /* LIST_ID or LIST_FIELD */
  bool descending;
  struct str after;
  struct str q;
  int limit;
  int32_t unit; /* only this branch; 0: the viewer's scope */
  bool with_retired, count;
  bool mine; /* only what is the viewer's own work (the kind's owner) */
  bool open; /* only what is open work, by the same row */
};
/* From query arguments ("filter[state]", "sort", "limit", "after", "q", "unit", "retired",
 * "count"): problems for unknown or forbidden ones. */
void list_parse(struct list_query *lq, const struct viewer *v, const struct kind *k, struct str key,
                struct str value, struct type_ctx *c);
/* After all arguments: an order that no index holds is refused where the list spans more than one
 * subdistrict, since the whole would be read and sorted for a page, unless a filter narrows it. */
void list_check(const struct list_query *lq, const struct viewer *v, const struct kind *k,
                struct type_ctx *c);
bool list_indexed(const struct kind *k, const struct list_query *lq);
/* Does what this viewer reads (of the unit; 0: at all) lie in more than one subdistrict? */
bool list_wide(const struct viewer *v, const struct kind *k, int32_t unit);
/* The field that, filtered by one value, lets an index hold the order of this one; NULL: none. */
const char *field_sorts_with(const struct kind *k, size_t field);
/* Does a filter by its value find the records by an index, some few of all? */
bool field_narrows(const struct kind *k, const struct field *f);
/* Where the list is gone on with behind that record. */
struct str list_cursor(struct arena *a, const struct viewer *v, const struct kind *k,
                       const struct list_query *lq, const struct record *r);
struct list_page {
  struct record **items;
  size_t n;
  struct str next; /* p == NULL at the end */
  int64_t total;   /* -1 where not asked */
};
_must_check_ int record_list(struct tx *tx, struct arena *a, struct registry *en,
                             const struct viewer *v, const struct kind *k,
                             const struct list_query *lq, struct list_page *ret_page,
                             struct err *e);
/* Every record of a kind in the operation, without scope (verify, contributions); fn returns 0 to
 * go on. The record lives until fn returns. */
_must_check_ int record_each(struct tx *tx, const struct kind *k, int64_t op,
                             int (*fn)(struct record *r, void *arg, struct err *e), void *arg,
                             struct err *e);

/* For a creation whose content is the body of a route of its own: 1 where the same was done before
 * (the record is c->result), 0 where it is new; another content under the id: -E_CONFLICT. */
_must_check_ int change_said(struct tx *tx, struct change *c, const json_t *body, struct err *e);
void change_sent_as(struct change *c, const struct change *sent); /* kept under that body */

/* ---- what has changed at a unit, in commit order ----------------------------------------- */

/* The records of one kind whose home is the unit (0: kinds without a unit), numbered after..upto.
 */
struct pull_range {
  const struct kind *k;
  int64_t op;
  int32_t unit;
  int64_t after, upto;
  /* A first pull: the live state alone. Events lie above event_floor anyway; what the kind's
   * device_since field puts before this moment and day is left out. */
  bool live;
  int64_t since_ms;
  const char *since_day;
};
/* Up to max change numbers, ascending. */
_must_check_ int pull_numbers(struct tx *tx, struct arena *a, const struct pull_range *p,
                              int64_t *out, size_t max, size_t *ret_n, struct err *e);
/* Up to max records in that order, retired ones too unless `live`. */
_must_check_ int pull_records(struct tx *tx, struct arena *a, const struct pull_range *p,
                              struct record **out, size_t max, size_t *ret_n, struct err *e);
/* What has left the unit (its numbers after..upto; of p, kind and live are not asked). */
struct tombstone {
  const struct kind *k;
  struct uuid id;
  int64_t seq;
};
_must_check_ int pull_gone(struct tx *tx, const struct pull_range *p, struct tombstone *out,
                           size_t max, size_t *ret_n, struct err *e);
/* The unit's last number (0: none yet), and the last number of an event older than the moment. */
_must_check_ int pull_last(struct tx *tx, int32_t unit, int64_t *ret_seq, struct err *e);
_must_check_ int pull_event_floor(struct tx *tx, struct arena *a, const struct kind *k,
                                  int32_t unit, int64_t before_ms, int64_t *ret_seq, struct err *e);

/* ---- the one emitter --------------------------------------------------------------------- */

struct emit {
  struct tx *tx; /* for titles of references; NULL: ids only */
  struct registry *en;
  const struct viewer *viewer;
  struct arena *a;
  struct ref_cache *refs; /* the emitter's: what was fetched already; NULL to begin with */
  bool masked;            /* names are masked whoever asks */
  /* What the caller has to say within each record's object; may be NULL. */
  void (*more)(struct jw *w, const struct record *rec, void *arg);
  void *more_arg;
};
/* A unit as every answer names it: {"id","code","name"}; null where there is none. */
void emit_unit(struct jw *w, const struct unit_row *u);
/* The same left open, for whoever has more to say of it; u is not NULL. */
void emit_unit_open(struct jw *w, const struct unit_row *u);
/* Writes n objects, one after the other, into the array that the caller has open. Titles of what
 * the records refer to are fetched once for all of them. */
_must_check_ int emit_records(struct emit *em, struct jw *w, struct record **recs, size_t n,
                              struct err *e);
_must_check_ int emit_record(struct emit *em, struct jw *w, struct record *r, struct err *e);
/* Fetches in few queries what emit_text and record_title of these records will need. */
_must_check_ int emit_prefetch(struct emit *em, struct record **recs, size_t n, struct err *e);
/* A phone's working copy: only FF_DEVICE fields, as arrays in the order of emit_row_fields ("id",
 * "rev", "state" where the kind has states, "created_at" of events, the fields). References are
 * ids, units codes, moments milliseconds; numbers past 2^53 are text; what is personal is masked
 * whoever asks. */
bool kind_on_device(const struct kind *k);
void emit_row_fields(struct jw *w, const struct kind *k);
_must_check_ int emit_rows(struct emit *em, struct jw *w, struct record **recs, size_t n,
                           struct err *e);
/* One field as text as this viewer may see it (masked or plain), for spreadsheets and PDF. */
_must_check_ int emit_text(struct emit *em, struct record *r, int field, struct str *ret_text,
                           bool *ret_masked, struct err *e);
struct str record_title(struct emit *em, struct record *r);
/* The right by which the names in such records' titles are read, also where a title tells of what
 * it refers to, so many steps far; RIGHT_NONE: a title tells of no person. */
enum { TITLE_DEPTH = 2 };
right_t title_names(const struct kind *k, int depth);
/* Plain values of sealed fields, after the observers have written that he read them. Runs as a
 * command since the reading must be durable first. */
struct reveal {
  struct registry *en;
  const struct viewer *viewer;
  struct arena *a;
  const struct kind *kind;
  struct uuid id;
  struct str fields; /* comma-separated */
  struct str reason;
  struct problems problems;
  struct record *rec; /* opened */
  int *opened;        /* field indexes */
  size_t n_opened;
};
extern const struct cmd_class reveal_cmd;
/* What the fields that version `rev` changed were before it, in plain: v[f] where given[f].
 * -E_NOT_FOUND where there is no such version, -E_GONE where a key is destroyed. */
_must_check_ int history_before(struct tx *tx, struct registry *en, struct arena *a,
                                const struct kind *k, int64_t op, const struct uuid *id,
                                int64_t rev, struct val *v, bool *given, struct err *e);
_must_check_ int history_write(struct emit *em, struct jw *w, const struct kind *k,
                               const struct uuid *id, struct err *e);

#endif
