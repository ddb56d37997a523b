/* Kinds: each record of the product is declared once, as a constant table of fields, states and
 * permissions. From the tables the engine derives DDL, JSON in and out, problems, filters, import
 * and export, history, OpenAPI, TypeScript, the rights matrix and the generic screens.
 *
 * Tables are static and live for ever. The registry (kinds_init) is made once at start, before
 * threads, and is read-only afterwards. */
#ifndef KIND_KIND_H
#define KIND_KIND_H

#include "base/timeutil.h"
#include "json/problem.h"
#include "store/store.h"

/* ---- fields ---------------------------------------------------------------------------- */

enum field_type {
  FT_TEXT,        /* one line; min/max in characters */
  FT_LONGTEXT,    /* several lines */
  FT_INT,         /* min/max */
  FT_DECIMAL,     /* integer of 10^-scale inside; a number outside */
  FT_BOOL,        /* 0/1 inside */
  FT_DATE,        /* YYYY-MM-DD text inside and outside */
  FT_MOMENT,      /* UTC ms inside, RFC 3339 outside */
  FT_MINUTE,      /* minute of the day inside, HH:MM outside; 24:00 allowed */
  FT_ENUM,        /* one of .choices; its value as text */
  FT_TAGS,        /* several of .choices (or free tags when NULL), sorted, comma-joined inside */
  FT_REF,         /* a record of kind .ref: uuid inside, {"id","title"} outside */
  FT_UNIT,        /* unit number inside, {"id","code","name"} outside; takes id or code */
  FT_TEMP,        /* tenths of a degree, 340..430; 36.5 outside */
  FT_FEN,         /* money in fen */
  FT_PHONE,       /* ^1[3-9]\d{9}$ or a landline; normalised to digits */
  FT_CITIZEN_ID,  /* GB 11643, check digit and date enforced; upper-case X */
  FT_CREDIT_CODE, /* GB 32100; check digit warned */
  FT_UNIT_CODE,   /* 12 digits, optionally a suffix "-zgh" */
  FT_UUID,
  FT_PHOTO, /* uuid of a sealed photo */
  FT_JSON,  /* an object whose inside a module checks; its text, keys in order; max in bytes */
  FT_TYPES_
};

enum field_flag {
  FF_REQUIRED = 1 << 0,
  FF_SEALED = 1 << 1,    /* encrypted at rest under the operation's key; masked outside */
  FF_LOOKUP = 1 << 2,    /* with FF_SEALED: blind index column <name>_bi for exact look-up */
  FF_IMMUTABLE = 1 << 3, /* given at creation, never changed */
  FF_SYSTEM = 1 << 4,    /* written by the program only (by apply hooks) */
  FF_FILTER = 1 << 5,
  FF_SORT = 1 << 6,
  FF_INDEX = 1 << 7,  /* an index in the database (op, field) */
  FF_KEY = 1 << 8,    /* import updates by this field; unique within the operation (or globally) */
  FF_SCOPE = 1 << 9,  /* FT_UNIT: the record is seen from here; the first one is the home scope */
  FF_TITLE = 1 << 10, /* part of the record's title, in field order */
  FF_PERSONAL = 1 << 11, /* plain inside, masked for readers without the kind's `names` right */
  FF_SEARCH = 1 << 12,   /* found by q= (contains) */
  FF_NO_IMPORT = 1 << 13,
  FF_DEVICE = 1 << 14, /* goes into the phone's working copy, what is personal always masked */
  FF_DEVICE_TITLE = 1 << 15, /* with FF_DEVICE on a reference: its masked title as a column more */
  /* On a reference: what it names is not asked for by the engine, since the record tells what was
   * found out there; the kind's own hook says what is nonsense. */
  FF_LOOSE = 1 << 16,
  /* Plain inside; empty for readers without the kind's `reveal` right, and so is then what was said
   * with the actions in such a kind's history. Never on a phone. */
  FF_REVEAL = 1 << 17,
  FF_ALIAS = 1 << 18, /* FT_TAGS: further names of the record; imports find it by them, too */
};

enum mask { MASK_ALL, MASK_NAME, MASK_ID, MASK_PHONE, MASK_TAIL };

struct choice {
  const char *value, *zh, *en;
};

struct field {
  uint16_t no; /* stable for ever: associated data of seals, history, wire format of devices */
  const char *name;
  enum field_type type;
  uint32_t flags;
  int64_t min, max; /* 0,0: the type's own */
  uint8_t scale;
  enum mask mask;
  const struct choice *choices; /* ends with {NULL} */
  const char *ref;
  const char *zh, *en;
  const char *zh_help, *en_help;
  const char *headers; /* further spreadsheet headers, "证件号码|身份证" */
  const char *initial; /* value in text form used at creation where absent */
};

/* ---- states ---------------------------------------------------------------------------- */

struct state {
  const char *value, *zh, *en;
};

enum transition_flag {
  TR_SECOND_PERSON = 1, /* not by whoever brought it into the present state */
  TR_REASON = 2,        /* a reason (1..200 characters) is required and kept in the history */
};

struct transition {
  const char *name; /* the action: POST /{kinds}/{id}/{name} */
  const char *zh, *en;
  const char *from;  /* "planned reported" */
  const char *to;    /* NULL: the state stays */
  const char *right; /* NULL: "<kind>.update"; else e.g. "deployment.release" */
  const char *needs; /* fields required in the body, "released_on release_reason" */
  const char *takes; /* further fields accepted */
  uint32_t flags;
};

/* ---- kinds ----------------------------------------------------------------------------- */

struct kind;
struct record;
struct change;
struct contribs;

enum kind_flag {
  KF_EVENT = 1,   /* append-only, keyed (unit, seq); the fast path */
  KF_GLOBAL = 2,  /* belongs to no operation (unit, user, operation) */
  KF_SYNC = 4,    /* pulled by devices through /changes */
  KF_MERGE = 8,   /* two records of one person can be merged, and that undone */
  KF_NO_API = 16, /* no generic routes for writing; its module has its own */
  KF_NO_RETIRE = 32,
  KF_ISSUED = 64, /* in force within the unit's whole branch: read by whoever works below it, too */
};

struct kind {
  uint16_t no;        /* stable */
  const char *name;   /* table name and permission prefix: "gate_event" */
  const char *plural; /* path: "gate-events" */
  const char *zh, *en;
  uint32_t flags;
  const struct field *fields;
  size_t n_fields;
  const struct state *states;           /* ends with {NULL}; the first is the initial one */
  const struct transition *transitions; /* ends with {NULL} */
  const char *const *uniques;           /* "post,date,start" …, ends with NULL; (op added) */
  const char *const *indexes; /* further ones, "unit, day" or "x WHERE x IS NOT NULL"; NULL ends */
  const char *reads_as; /* permission prefix of another kind whose rights hold here, or NULL */
  /* KF_EVENT only: once for all new events of a run, before their checks, for what would otherwise
   * be a query for each. What is wrong with one goes into its own problems; an error is for all. */
  int (*prepare)(struct tx *tx, struct change *const *cs, struct record *const *recs, size_t n,
                 struct err *e);
  /* A date or moment: what lies further back than a few days is no part of a phone's first pull
   * (yesterday's shifts, passes that have run out); NULL: all that is not retired. */
  const char *device_since;
  /* Cross-field rules on the complete new record; no database. old is NULL at creation. */
  void (*check)(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
  /* Inside the transaction, before the row is written: database rules, derived fields, further
   * records. May run more than once. Problems are answered as 422. */
  int (*apply)(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e);
  /* After the row is written (its id can be referred to). */
  int (*applied)(struct tx *tx, struct change *c, const struct record *old,
                 const struct record *rec, struct err *e);
  /* What this record adds to the figures: a pure function of the record. The engine adds the
   * difference between new and old; verify adds up all records. */
  void (*contribute)(const struct record *rec, struct contribs *out);
};

#define FIELDS(table) .fields = (table), .n_fields = ARRAY_LEN(table)

/* ---- registry -------------------------------------------------------------------------- */

/* Rights are "<kind>.<verb>": read, names, create, update, retire, export, import, reveal, and
 * what transitions name; and those that modules declare. Each has a small number here. */
typedef int16_t right_t;
#define RIGHT_NONE ((right_t)-1)

struct kind_info; /* the derived: columns, statements, rights */

/* Checks every table (names, numbers, references, limits) and derives. `kinds` ends with NULL.
 * On failure says which row is wrong: a programming error, found at start and in the tests. */
_must_check_ int kinds_init(const struct kind *const *kinds, const char *const *more_rights,
                            struct err *e);
void kinds_done(void);
size_t kinds_count(void);
const struct kind *kind_at(size_t i);
const struct kind *kind_by_name(struct str name);
const struct kind *kind_by_plural(struct str plural);
const struct kind *kind_by_no(uint16_t no);
size_t kind_index(const struct kind *k);
int field_index(const struct kind *k, struct str name); /* -1 where none */
const struct transition *kind_transition(const struct kind *k, struct str name);
int kind_scope_field(const struct kind *k, int nth); /* index of the nth FF_SCOPE field or -1 */
const struct state *kind_state(const struct kind *k, struct str value);

enum verb {
  VERB_READ,
  VERB_NAMES,
  VERB_CREATE,
  VERB_UPDATE,
  VERB_RETIRE,
  VERB_EXPORT,
  VERB_IMPORT,
  VERB_REVEAL,
  VERBS_
};
right_t kind_right(const struct kind *k, enum verb v);
right_t transition_right(const struct kind *k, const struct transition *t);
size_t rights_count(void);
const char *right_name(right_t r);
right_t right_by_name(struct str name); /* RIGHT_NONE where unknown */

#endif
