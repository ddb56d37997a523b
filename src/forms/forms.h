/* Forms: versioned, dated sheets of questions that a unit issues for its branch, with definitions,
 * equations between the boxes, and what fills a box by itself. A published version is never
 * changed: a box can be retired by date, anything else is a new version.
 *
 * Published forms stand in memory as one immutable snapshot that is replaced as a whole; a reader
 * holds a reference for the time of its request (template_set_unref). Any thread. */
#ifndef FORMS_FORMS_H
#define FORMS_FORMS_H

#include "core/app.h"
#include "forms/equation.h"

enum {
  TEMPLATE_RETURN_CODE,
  TEMPLATE_RETURN_VERSION,
  TEMPLATE_RETURN_NAME,
  TEMPLATE_RETURN_NAME_EN,
  TEMPLATE_RETURN_UNIT,
  TEMPLATE_RETURN_FROM,
  TEMPLATE_RETURN_TO,
  TEMPLATE_RETURN_DEADLINE,
  TEMPLATE_RETURN_CUTOFF,
  TEMPLATE_RETURN_REMIND,
  TEMPLATE_RETURN_ESCALATE,
  TEMPLATE_RETURN_WEEKDAYS,
  TEMPLATE_RETURN_NOTE,
  TEMPLATE_RETURN_FIELDS_
};
enum {
  TFIELD_TEMPLATE,
  TFIELD_UNIT,
  TFIELD_CODE,
  TFIELD_ORDER,
  TFIELD_GROUP,
  TFIELD_GROUP_EN,
  TFIELD_ZH,
  TFIELD_EN,
  TFIELD_DEFINITION,
  TFIELD_DEFINITION_EN,
  TFIELD_TYPE,
  TFIELD_CHOICES,
  TFIELD_SOURCE,
  TFIELD_KEY,
  TFIELD_REQUIRED,
  TFIELD_CARRIES,
  TFIELD_MAX,
  TFIELD_TO,
  TFIELD_FIELDS_
};
enum {
  TCHECK_TEMPLATE,
  TCHECK_UNIT,
  TCHECK_LEVEL,
  TCHECK_LEFT,
  TCHECK_OP,
  TCHECK_RIGHT,
  TCHECK_ZH,
  TCHECK_EN,
  TCHECK_FIELDS_
};
enum { LEVEL_TEMPLATE, LEVEL_UNIT, LEVEL_LEVEL, LEVEL_DUE_AT, LEVEL_FIELDS_ };
extern const struct kind return_template_kind, template_field_kind, template_check_kind,
    template_level_kind;
extern const struct module forms_module;

enum { TEMPLATE_FIELDS_MAX = 80, TEMPLATE_CHECKS_MAX = 40, TEMPLATES_MAX = 200 };

/* What the product knows already, so that no form may ask it again (docs/enterprises.md): rows of
 * `.facts` of the areas that know it. */
struct known_fact {
  const char *key;    /* "staff.total", "enterprise.headcount" */
  const char *source; /* the source that fills it: "enterprise", "staff_lines"; NULL: any */
  const char *words;  /* labels under which forms ask for it, "职工总数|员工总数" */
  const char *zh, *en;
};
const struct known_fact *known_fact_at(size_t i); /* of all areas; NULL behind the last */

enum template_level {
  LEVEL_COMMUNITY,
  LEVEL_SUBDISTRICT,
  LEVEL_DISTRICT,
  LEVEL_CITY,
  TEMPLATE_LEVELS
};
extern const char *const template_level_names[TEMPLATE_LEVELS];

enum value_type {
  VALUE_COUNT,
  VALUE_TEXT,
  VALUE_BOOL,
  VALUE_DATE,
  VALUE_CHOICE,
  VALUE_NUMBER, /* within low_tenths and high_tenths */
  VALUE_YES     /* where it is required, no is no answer */
};
enum value_source { SOURCE_TYPED, SOURCE_STAFF, SOURCE_ENTERPRISE, SOURCE_FORMULA };

struct template_item {
  struct str code, zh, en, zh_definition, en_definition, group_zh, group_en, choices, key;
  enum value_type type;
  enum value_source source;
  struct equation_side formula;
  bool required, carries;
  int64_t most; /* of a count, or letters of a text; INT64_MAX: none */
  int64_t low_tenths, high_tenths;
  int32_t to; /* last day on which it is asked */
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
  uint64_t serial; /* tells one reading from the next */
  struct arena *a;
  size_t n;
  struct return_form *forms;
};
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

#endif
