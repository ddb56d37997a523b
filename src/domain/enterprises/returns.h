/* The daily return at work: templates as they stand in memory, the rows that say what is due, and
 * the taking of one return, whoever sends it (clerk by link, caller, import). Templates are an
 * immutable snapshot that is replaced as a whole; a reader holds a reference for the time of its
 * request (template_set_unref). All else lives in the arena of its command. */
#ifndef DOMAIN_ENTERPRISES_RETURNS_H
#define DOMAIN_ENTERPRISES_RETURNS_H

#include "app/page.h"
#include "domain/enterprises/enterprises.h"
#include "domain/enterprises/equation.h"

enum { TEMPLATE_FIELDS_MAX = 80, TEMPLATE_CHECKS_MAX = 40, TEMPLATES_MAX = 200 };

/* What the product knows already, so that no form may ask it again (docs/enterprises.md). */
struct known_fact {
  const char *key;    /* "staff.total", "enterprise.headcount" */
  const char *source; /* the source that fills it: "enterprise", "staff_lines"; NULL: any */
  const char *words;  /* labels under which forms ask for it, "职工总数|员工总数" */
  const char *zh, *en;
};
extern const struct known_fact known_facts[]; /* ends with {NULL} */

enum template_level {
  LEVEL_COMMUNITY,
  LEVEL_SUBDISTRICT,
  LEVEL_DISTRICT,
  LEVEL_CITY,
  TEMPLATE_LEVELS
};
extern const char *const template_level_names[TEMPLATE_LEVELS];

enum value_type { VALUE_COUNT, VALUE_TEXT, VALUE_BOOL, VALUE_DATE, VALUE_CHOICE };
enum value_source { SOURCE_TYPED, SOURCE_STAFF, SOURCE_ENTERPRISE, SOURCE_FORMULA };

struct template_item {
  struct str code, zh, en, zh_definition, en_definition, group_zh, group_en, choices, key;
  enum value_type type;
  enum value_source source;
  struct equation_side formula;
  bool required, carries;
  int64_t most; /* INT64_MAX: none */
  int32_t to;   /* last day on which it is asked */
  int64_t place;
};
struct template_rule {
  bool hard;
  char op; /* '=', '<', '>' */
  struct equation_side left, right;
  struct str left_text, right_text, zh, en;
};
struct return_form {
  struct uuid id;
  struct str code, name, name_en, note, weekdays;
  int64_t op, version;
  int32_t unit, from, to;
  int deadline, cutoff, remind, escalate; /* minutes of the day; -1: none */
  int levels[TEMPLATE_LEVELS];            /* by when each level has consolidated; -1: not said */
  size_t n_items, n_rules;
  struct template_item *items; /* in order of place */
  struct template_rule *rules;
};
struct template_set {
  _Atomic int refs;
  struct arena *a;
  size_t n;
  struct return_form *forms;
};
_must_check_ int templates_start(struct app *app, struct err *e);
void templates_stop(struct app *app);
struct template_set *template_set_ref(void);
void template_set_unref(struct template_set *set);
static inline void template_set_unrefp(struct template_set **s) {
  template_set_unref(*s);
}
/* The version in force on that day for a unit's enterprises, of each code: at most `max`. */
size_t forms_for(const struct template_set *set, const struct unit_tree *tree, int64_t op,
                 int32_t unit, int32_t day, const struct return_form **out, size_t max);
/* The same for a branch: issued at it, above it or within it, weekdays not asked. */
size_t forms_in(const struct template_set *set, const struct unit_tree *tree, int64_t op,
                int32_t unit, int32_t day, const struct return_form **out, size_t max);
const struct return_form *form_by_id(const struct template_set *set, const struct uuid *id);
bool form_asks(const struct template_item *item, int32_t day);
/* The minute by which a unit of this kind has its day together; -1: none was set. */
int form_level_due(const struct return_form *form, struct str unit_kind);
/* Head-count and planned opening may be said in a return, and the file follows; what else stands in
 * the file is changed there. */
bool item_said_in_return(const struct template_item *item);

/* ---- what is due ---- */

struct due_enterprise {
  struct uuid id, building, caller;
  int32_t unit;
  struct str name;
};
struct due_enterprise due_enterprise_of(const struct record *rec);
/* The row that says: due on that day. To be run by the caller. */
struct change *return_row(struct arena *a, struct registry *en, const struct viewer *v,
                          const struct return_form *f, const struct due_enterprise *of,
                          int32_t day);
/* An enterprise was put on the register, moved, closed or put back: today's rows follow. */
_must_check_ int returns_follow(struct tx *tx, struct change *c, const struct record *old,
                                const struct record *rec, struct err *e);
/* The job: rows for every enterprise and template of the days up to today, a bounded number at a
 * time, until none is lacking. */
_must_check_ int returns_open(struct app *app, struct arena *a, struct err *e);
/* One day's rows, all of them (tests, the demonstration). *ret_made says how many were made. */
_must_check_ int returns_open_day(struct app *app, struct arena *a, const struct viewer *v,
                                  int32_t day, int64_t *ret_made, struct err *e);

/* ---- taking one ---- */

struct submission {
  struct app *app;
  struct arena *a;
  const struct viewer *viewer;
  const char *source; /* for the audit: "api", "link", "import" … */
  struct uuid id;     /* of the version: the same again is answered as the first time */
  struct uuid enterprise;
  struct str template_code; /* empty: the only one in force */
  int32_t day;
  int64_t at_ms;
  struct str channel;
  struct uuid taker; /* nil: nobody (by link) */
  json_t *values;    /* may be NULL */
  bool nil, no_change, draft, by_link;
  int reminder; /* -1: not said */
  struct str prevention, note;
  bool dry; /* look only: problems and values, nothing is kept */
  struct problems problems;
  /* Results. */
  struct uuid row, version;
  struct str receipt, result_values;
  int64_t number;
  bool late, beside, replayed;
};
/* -E_INVALID with s->problems; -E_NOT_FOUND where the enterprise is not his; -E_STATE where no
 * return is due. */
extern const struct cmd_class submission_cmd;
_must_check_ int submission_run(struct tx *tx, struct submission *s, struct err *e);

/* Has a level above locked the figures of this return's day? */
_must_check_ int return_locked(struct tx *tx, const struct viewer *v, const struct record *row,
                               bool *ret_locked, struct err *e);

/* The boxes as they would be filled for the day: from the day before, the staff lines, the file. */
struct prefill {
  struct record *enterprise;
  struct record *row;   /* NULL: not due yet */
  json_t *yesterday;    /* values of the last return before the day; NULL where none */
  int32_t yesterday_on; /* its day */
  int64_t staff[8];     /* enum staff_count */
  bool has_lines;
};
enum staff_count {
  STAFF_LINES,
  STAFF_AWAY,
  STAFF_HUBEI,
  STAFF_HUBEI_AWAY,
  STAFF_RETURNED_TODAY,
  STAFF_ISOLATING,
  STAFF_AT_WORK,
  STAFF_COUNTS_
};
_must_check_ int prefill_read(struct tx *tx, struct registry *en, struct arena *a,
                              const struct viewer *v, const struct uuid *enterprise,
                              const struct return_form *form, int32_t day, struct prefill *ret,
                              struct err *e);
/* The value that a box starts with; NULL where it starts empty. A new reference in no arena: the
 * caller hands it to a tree that belongs to one. */
json_t *prefill_value(const struct prefill *p, const struct template_item *item);

extern const struct route return_routes[];
extern const struct job return_jobs[];
extern const struct page_section enterprises_sections[]; /* pages.c */

#endif
