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
  FF_INDEX = 1 << 7,  /* an index in the database; with FF_SORT of its order: (op, field, id) */
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
  FF_UNCHECKED_REF = 1 << 16,
  /* Plain inside; empty for readers without the kind's `reveal` right, and so is then what was said
   * with the actions in such a kind's history. Never on a phone. */
  FF_REVEAL = 1 << 17,
  FF_ALIAS = 1 << 18, /* FT_TAGS: further names of the record; imports find it by them, too */
  /* What an action `needs` or `takes` is written by that action alone, unless the field says: also
   * at creation (and by an import that creates), or by plain changes too. */
  FF_AT_CREATION = 1 << 19,
  FF_SHARED = 1 << 20,
  /* On a reference or a unit: what it names is not retired while this record lives (`ends`). */
  FF_HOLDS = 1 << 21,
  /* On a reference: whose record this is. Of an account: the person who acts under it. */
  FF_PERSON = 1 << 22,
  /* On a reference: retired, and restored, with what it names, and never alone (KF_NO_RETIRE). Of
   * what never was, nothing that hung on it was either: it leaves the figures of all its days. */
  FF_FOLLOWS = 1 << 23,
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
  /* FT_TEXT: what codes of the program's own in it mean, {NULL} ends; any other text stands as it
   * is. */
  const struct choice *words;
  /* FT_TEXT: a document's number, which is one however it was typed: half-width capitals. */
  bool capitals;
  /* "household.unit": what the record that this reference names has there; taken at creation and
   * whenever the reference changes. Who says something else is told that it differs. */
  const char *taken_from;
};

/* An index holds its order, whatever else is asked of the list. */
static inline bool field_sorts_wide(const struct field *f) {
  return f->flags & FF_SORT && f->flags & (FF_INDEX | FF_KEY);
}

/* ---- states ---------------------------------------------------------------------------- */

struct state {
  const char *value, *zh, *en;
};

/* Who brought a record into these states, and when, are fields of its own (FF_SYSTEM) that the
 * engine writes as it enters, also by an action that leads from the state into itself. The moment
 * is the change's own (change_moment), not that of its arrival. Nothing is emptied by itself: the
 * state to which a record goes back says what it `clears`. */
struct stamp {
  const char *states; /* "submitted late" */
  const char *at;     /* FT_MOMENT, or FT_DATE: its day; or NULL */
  const char *by;     /* a reference to an account or a responder, empty for the program; or NULL */
  const char *clears; /* fields that are emptied first: "locked_at totals"; or NULL */
};

enum transition_flag {
  TR_SECOND_PERSON = 1, /* not by whoever brought it into the present state, or see second_to */
  TR_REASON = 2,        /* a reason (1..200 characters) is required and kept in the history */
  TR_LEAVES = 4,        /* as retiring: not while others hang on the record (FF_HOLDS) */
  /* Decides over what stands now: never queued by a phone. So is every second person's. */
  TR_ONLINE = 8,
  /* Puts right what other actions wrote: the state stays, what it `takes` had a value and keeps
   * one, and at least one differs. */
  TR_CORRECTS = 16,
};

struct record;
struct change;

/* Inside the transaction, before the row is written: database rules, derived fields, further
 * records. May run more than once. Problems are answered as 422. */
typedef int apply_fn(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e);
/* After the row is written (its id can be referred to). */
typedef int applied_fn(struct tx *tx, struct change *c, const struct record *old,
                       const struct record *rec, struct err *e);

struct transition {
  const char *name; /* the action: POST /{kinds}/{id}/{name} */
  const char *zh, *en;
  const char *from;  /* "planned reported" */
  const char *to;    /* NULL: the state stays */
  const char *right; /* NULL: "<kind>.update"; else e.g. "deployment.release" */
  const char *needs; /* fields required in the body, "released_on release_reason" */
  const char *takes; /* further fields accepted */
  uint32_t flags;
  /* TR_SECOND_PERSON: not by whoever brought it into this state; its `by` is an account. */
  const char *second_to;
  /* What this action does beyond its fields: after the kind's own hook of the same name, under the
   * same promises. */
  void (*check)(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
  apply_fn *apply;
  applied_fn *applied;
};

/* In these states these fields stand still: plain changes and imports are refused, actions and the
 * program's own changes are not. */
struct frozen {
  const char *states; /* "filed checked" */
  const char *fields; /* "planned_on answers", or "*" */
  const char *but;    /* with "*": these not; or NULL */
};

/* ---- deadlines --------------------------------------------------------------------------- */

/* By when a record must have moved on. Once the field's day or moment has passed in one of the
 * states, an alarm stands: raised once for each value of the field, ended when the record leaves
 * the states, is retired or gets another value (notify/deadlines.h). */
struct deadline {
  uint16_t no;             /* stable; names the index */
  const char *field;       /* FT_DATE: the day's end has passed; FT_MOMENT */
  const char *after;       /* of a moment: a policy key, minutes of grace; NULL: none */
  const char *states;      /* in which it runs, "found fixing"; NULL: in all */
  const char *alarm;       /* code of the alarm type; one deadline of a kind for each */
  const char *escalate_to; /* kind of unit up to which it climbs; NULL: the root */
  int escalate_at;         /* minute of the day at which it climbs; 0: by the alarm type's term */
  int64_t news_ms;         /* what passed longer ago is no news (the past, imported); 0: always */
};

/* ---- screens --------------------------------------------------------------------------- */

/* How a kind's records are shown, beside what its fields and states say already: the desk and the
 * phone read it from `meta` and name no kind themselves. Lists are names with spaces between, all
 * checked at start; NULL is the usual. */
struct screen {
  const char *group;   /* of the menu (core/screens.c); NULL: found under "all registers" */
  int order;           /* in the group, by tens */
  const char *zh, *en; /* in the menu, where the kind's own name is not what one says there */
  const char *zh_lead, *en_lead; /* a sentence above the list */
  const char *columns;           /* of the list, in their order */
  const char *section;           /* of the list on another record's page; NULL: as `columns` */
  const char *sort;              /* "-date": the order that the list begins with */
  const char *quick;             /* conditions that always stand above the list; "state" too */
  const char *link;    /* the column that leads to the record; NULL: the first of its title */
  const char *hide;    /* fields of the program's own that tell a reader nothing */
  const char *offers;  /* actions that a row of a list offers, "" none; NULL: all */
  const char *primary; /* the actions that lead on, first of all "accept check"; the desk's is the
                        * first of them */
  const char *good, *wait, *bad; /* states by their tone: green, amber, red; the rest is grey */
  /* A phone's list, with these columns (FF_DEVICE), the first being what a record is called there;
   * and the actions that a record offers there. NULL: no list on the phone. */
  const char *phone, *phone_offers;
};
enum tone { TONE_NONE, TONE_GOOD, TONE_WAIT, TONE_BAD };

/* ---- owners ------------------------------------------------------------------------------ */

/* Whose work a record is: the responder's that it names; where it names none, theirs who hold the
 * role at its unit, or at the nearest above it where somebody does (as with alarms). From it come
 * the filter `mine`, the desk's to-do and the phone's day. */
struct owner {
  const char *responder; /* a reference to a responder, or NULL */
  const char *unit;      /* a unit, or NULL */
  const char *role;   /* there; NULL: theirs who may change such records by a grant right there */
  const char *states; /* in which it is open work, "found fixing"; NULL: in all */
  const char *checks; /* further such states, in which it is the role's although a person is named:
                       * what he did waits for a second one; or NULL */
  const char *due;    /* a date or moment, FF_SORT, in whose order it is to be done; or NULL */
  int64_t term_ms;    /* it is due so long after the moment of `due`; 0: at that moment */
  const char *until; /* a moment after which there is nothing left to do (a shift's end); or NULL */
};

/* ---- counting ---------------------------------------------------------------------------- */

/* What a record counts for in a figure, where and when. What it adds, the records that stand behind
 * the figure, and what verify adds up again all come of this row (counts.c, docs/figures.md). A
 * retired record never was: it counts on no day. */
struct indicator;
struct count {
  const struct indicator *ind;
  const char *unit;       /* the unit's field at which it counts; NULL: the kind's first scope */
  const char *unit_kinds; /* only units of these kinds, "federation union"; or not these, "!…" */
  const char *from;       /* date or moment: on this day (flow), from this day on (state) */
  int days_after;         /* … so many days later: a day that is over counts from the next */
  const char *until;      /* state: from this day on no longer; empty: it lasts */
  const char *where;      /* of the record's own: "state=due,late&batch=!null&outcome=!refused" */
  const char *value;      /* a number's field; NULL: 1 */
  int64_t empty;          /* what it counts where that number is empty */
  const char *member;     /* distinct: the reference, uuid or unit that is counted once */
  const char *member_kinds; /* … a unit: only of these kinds, or not of these */
  const char *member_above; /* … a unit: the one of this kind in which it lies that day */
  const char *undo;         /* the record that this one takes back: it counts the other way */
  const char *group; /* steps of one thing, "household visitor": they cancel out in the list */
  /* A moment, or a minute of the day: on its day it counts from that minute on, which readers see
   * come without a commit; past days are complete. (A state's end, where it is a moment, too.) */
  const char *at;
  const char *hour; /* a moment on its day: kept by the hour */
  bool takes;       /* takes away */
};

/* ---- kinds ----------------------------------------------------------------------------- */

struct kind;
struct contribs;

enum kind_flag {
  KF_EVENT = 1,   /* append-only, keyed (unit, seq); the fast path */
  KF_GLOBAL = 2,  /* belongs to no operation (unit, user, operation) */
  KF_SYNC = 4,    /* pulled by devices through /changes */
  KF_MERGE = 8,   /* two records of one person can be merged, and that undone */
  KF_NO_API = 16, /* no generic routes for writing; its module has its own */
  KF_NO_RETIRE = 32,
  KF_INHERITED_DOWN =
      64, /* in force within the unit's whole branch: read by whoever works below it, too */
};

struct kind {
  uint16_t no;        /* stable */
  const char *name;   /* table name and permission prefix: "gate_event" */
  const char *plural; /* path: "gate-events" */
  const char *alias;  /* a path that it had before, and that is still taken; or NULL */
  const char *zh, *en;
  uint32_t flags;
  const struct field *fields;
  size_t n_fields;
  const char *file;                     /* by FIELDS */
  const struct state *states;           /* ends with {NULL}; the first is the initial one */
  const struct transition *transitions; /* ends with {NULL} */
  const struct stamp *stamps;           /* ends with {NULL} */
  const struct frozen *frozen;          /* ends with {NULL} */
  /* When a record holds nothing any more (FF_HOLDS), beside being retired: in these states ("closed
   * cancelled"), and once this date or moment of it is past. */
  const char *ends, *holds_until;
  const char *const *uniques; /* "post,date,start" …, ends with NULL; (op added) */
  const char *const
      *indexes; /* further ones, "unit, day" or "x WHERE x IS NOT NULL UNIQUE"; NULL ends */
  const struct deadline *deadlines; /* ends with {0} */
  const struct owner *owner;        /* NULL: nobody's in particular */
  const char *names_of; /* a text that names the kind of whose records its personal fields tell:
                         * they are shown to whom that kind's titles are */
  const char *reads_as; /* permission prefix of another kind whose rights hold here, or NULL */
  const struct screen *screen; /* NULL: shown as its fields suggest */
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
  apply_fn *apply;
  applied_fn *applied;
  const struct count *counts; /* ends with {NULL} */
  /* What rows cannot say of what this record adds to the figures: a pure function of the record and
   * the tree. The engine adds the difference between new and old; verify adds up all records. */
  void (*contribute)(const struct record *rec, struct contribs *out);
};

/* With the file that the rows stand in, for what is said of a wrong one. */
#define FIELDS(table) .fields = (table), .n_fields = ARRAY_LEN(table), .file = __FILE__
/* The beginning of each kind's row. */
#define KIND(no_, name_, plural_, zh_, en_, table)                                                 \
  .no = (no_), .name = (name_), .plural = (plural_), .zh = (zh_), .en = (en_), FIELDS(table)

/* ---- registry -------------------------------------------------------------------------- */

/* Rights are "<kind>.<verb>": read, names, create, update, retire, export, import, reveal; and
 * those that modules declare. Each has a small number here. */
typedef int16_t right_t;
#define RIGHT_NONE ((right_t)-1)

struct kind_info; /* the derived: columns, statements, rights */

/* Checks every table (names, numbers, references, limits) and derives. `kinds` ends with NULL.
 * On failure the log names every wrong row (kind/rows.h): a programming error, found at start and
 * in the tests. An action's right is a kind's or one of more_rights. */
_must_check_ int kinds_init(const struct kind *const *kinds, const char *const *more_rights,
                            struct err *e);
void kinds_done(void);
size_t kinds_count(void);
const struct kind *kind_at(size_t i);
const struct kind *kind_by_name(struct str name);
const struct kind *kind_by_plural(struct str plural);
const struct kind *kind_by_no(uint16_t no);
size_t kind_index(const struct kind *k);
bool field_find(const struct kind *k, struct str name, int *ret_field);
int field_named(const struct kind *k, const char *name); /* one that is there by the rows */
/* By its name, or as addresses have it: "send_back", "send-back". */
const struct transition *kind_transition(const struct kind *k, struct str name);
/* May a phone not queue it? */
static inline bool transition_online(const struct transition *t) {
  return (t->flags & (TR_ONLINE | TR_SECOND_PERSON)) != 0;
}
/* The (first) action that alone writes the field; NULL where plain changes may. */
const struct transition *field_action(const struct kind *k, size_t field);
/* May plain changes (or a creation) from outside write the field? */
bool field_given(const struct kind *k, size_t field, bool creating);
bool word_in(const char *words, struct str word); /* among words apart by spaces; NULL holds none */
/* The nth FF_SCOPE field, where there is one; the first is the home. */
bool kind_scope_field(const struct kind *k, int nth, int *ret_field);
int kind_home(const struct kind *k); /* of a kind that has one: every event has */
static inline bool kind_scoped(const struct kind *k) {
  int home;
  return kind_scope_field(k, 0, &home);
}
const struct state *kind_state(const struct kind *k, struct str value);
enum tone state_tone(const struct kind *k, struct str state);
/* Every name of its screen's row is one of the kind's; core/screens.c asks. */
_must_check_ int screen_check(const struct kind *k, struct err *e);

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
