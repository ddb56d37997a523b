#include "forms/forms_inner.h"

enum { FACTS_MAX = 200 };

/* Made once at start of the areas' rows. */
static const struct known_fact *facts[FACTS_MAX];
static size_t n_facts;

static int declare(const struct module *const *list, struct err *e) {
  n_facts = 0;
  for (; *list; list++)
    for (const struct known_fact *f = (*list)->facts; f && f->key; f++) {
      if (n_facts == FACTS_MAX) return err_field(e, E_BUG, "too many known facts", f->key);
      facts[n_facts++] = f;
    }
  return 0;
}

const struct known_fact *known_fact_at(size_t i) {
  return i < n_facts ? facts[i] : NULL;
}

static const struct kind *const kinds[] = {&return_template_kind, &template_field_kind,
                                           &template_check_kind, &template_level_kind, NULL};
static const struct role_grant grants[] = {
    {"auditor", "return_template.read"},
    {"viewer", "return_template.read"},
    {"lead", "return_template.read"},
    {"city_duty", "return_template.*"},
    {"district_duty", "return_template.*"},
    {"coordinator", "return_template.read return_template.create return_template.update "
                    "return_template.publish"},
    {0}};

const struct module forms_module = {MODULE("forms", "报表模板", "Forms"), .kinds = kinds,
                                    .grants = grants, .declare = declare,
                                    .snapshots = form_snapshots};
