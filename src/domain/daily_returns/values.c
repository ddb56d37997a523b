#include "domain/daily_returns/values.h"
#include "forms/answer.h"

static void release(void *j) {
  json_decref(j);
}

static struct str path_of(struct submission *s, const struct template_item *it) {
  return arena_printf(s->a, "values." STR_FMT, STR_ARG(it->code));
}

static json_t *value_at(const json_t *set, struct str code) {
  return set ? json_object_getn(set, code.p, code.n) : NULL;
}

static void put(struct values *v, struct str code, json_t *value) {
  json_object_setn_new(v->set, code.p, code.n, value);
}

/* ---- filling ---- */

/* What stands in the file and is changed there. */
static void from_file(struct values *v, struct submission *s, const struct template_item *it,
                      const json_t *given) {
  json_t *known = prefill_value(v->before, it);
  const bool said = given && !json_is_null(given) && json_str(given).n + !json_is_string(given) > 0;
  if (said && !(known && json_equal(given, known)))
    problem_add(&s->problems, PROBLEM_read_only, path_of(s, it));
  if (known) put(v, it->code, known);
}

/* A head-count is the clerk's to say, an opening as long as it is a plan; what was counted may be
 * repeated, never contradicted. */
static bool may_say(const struct values *v, const struct template_item *it) {
  const struct str state = v->before->enterprise->state;
  if (it->source != SOURCE_ENTERPRISE) return false;
  return !str_is(it->key, "enterprise.planned_on") || str_is(state, "open") ||
         str_is(state, "planned");
}

static bool known_taken(struct values *v, struct submission *s, const struct template_item *it,
                        json_t *given, json_t *known) {
  if (!known) return false;
  if (given && !json_is_null(given) && !json_equal(given, known)) {
    if (may_say(v, it)) {
      json_decref(known);
      return false;
    }
    problem_add(&s->problems, PROBLEM_read_only, path_of(s, it));
  }
  put(v, it->code, known);
  return true;
}

static void fill_one(struct values *v, struct submission *s, const struct template_item *it) {
  json_t *given = value_at(s->values, it->code);
  if (it->source == SOURCE_ENTERPRISE && !item_said_in_return(it)) {
    from_file(v, s, it, given);
    return;
  }
  const bool known =
      it->source == SOURCE_ENTERPRISE || (it->source == SOURCE_STAFF && v->before->has_lines);
  if (known && known_taken(v, s, it, given, prefill_value(v->before, it))) return;
  if (given && !json_is_null(given)) {
    if (!answer_ok(&s->problems, path_of(s, it), it, given)) return;
    if (it->source == SOURCE_ENTERPRISE && str_is(it->key, "enterprise.planned_on"))
      v->planned_given = json_str(given);
    else if (it->source == SOURCE_ENTERPRISE)
      v->headcount_given = true;
    put(v, it->code, json_incref(given));
    return;
  }
  if (s->no_change || s->nil) {
    json_t *before = known ? NULL : prefill_value(v->before, it);
    if (before) {
      put(v, it->code, before);
      return;
    }
    if (it->type == VALUE_COUNT && (!it->carries || s->nil)) {
      put(v, it->code, json_integer(0));
      return;
    }
  }
  if (it->required && !s->draft) problem_add(&s->problems, PROBLEM_required, path_of(s, it));
}

static bool look(void *arg, struct str code, bool yesterday, int64_t *ret_v) {
  const struct values *v = arg;
  const json_t *j = value_at(yesterday ? v->before->yesterday : v->set, code);
  /* "yesterday" is the day before, not the last time somebody reported */
  if (yesterday && v->before->yesterday_on != v->day - 1) return false;
  if (!json_is_integer(j)) return false;
  *ret_v = json_integer_value(j);
  return true;
}

static void fill_formula(struct values *v, struct submission *s, const struct template_item *it) {
  json_t *given = value_at(s->values, it->code);
  int64_t n;
  if (!equation_sum(&it->formula, look, v, &n)) return;
  /* a sum that somebody worked out by hand (a sheet's total column) and that is another */
  if (json_is_integer(given) && json_integer_value(given) != n)
    problem_text(&s->problems, PROBLEM_unbalanced, path_of(s, it),
                 arena_printf(s->a, "%lld", (long long)(json_integer_value(given) - n)),
                 arena_printf(s->a, STR_FMT " = " STR_FMT " (%lld ≠ %lld)", STR_ARG(it->zh),
                              STR_ARG(it->key), (long long)json_integer_value(given), (long long)n),
                 arena_printf(s->a, STR_FMT " = " STR_FMT, STR_ARG(it->en), STR_ARG(it->key)));
  put(v, it->code, json_integer(n));
}

/* ---- equations ---- */

static void check_rules(struct values *v, struct submission *s) {
  for (size_t i = 0; i < v->form->n_rules; i++) {
    const struct template_rule *ru = &v->form->rules[i];
    int64_t left, right;
    if (!equation_sum(&ru->left, look, v, &left) || !equation_sum(&ru->right, look, v, &right))
      continue;
    const bool holds = ru->op == '='   ? left == right
                       : ru->op == '<' ? left <= right
                                       : left >= right;
    if (holds) continue;
    const struct str path = arena_printf(s->a, "checks[%zu]", i);
    const struct str sum =
        arena_printf(s->a, STR_FMT " (%lld %s %lld)", STR_ARG(ru->zh), (long long)left,
                     ru->op == '='   ? "≠"
                     : ru->op == '<' ? ">"
                                     : "<",
                     (long long)right);
    const struct str by = arena_printf(s->a, "%lld", (long long)(left - right));
    if (ru->hard) {
      problem_text(&s->problems, PROBLEM_unbalanced, path, by, sum, ru->en);
      continue;
    }
    struct problem *p = problem_warn(&s->problems, PROBLEM_unbalanced, path);
    p->limit = by;
    p->value = sum;
    p->other = arena_dup(s->a, ru->en);
  }
}

int values_fill(struct values *v, struct submission *s, const struct return_form *form,
                const struct prefill *p, struct err *e) {
  *v = (struct values){.form = form, .before = p, .day = s->day, .set = json_object()};
  if (!v->set) return err_set(e, E_NOMEM, "no memory for a return");
  arena_defer(s->a, release, v->set);
  if (s->no_change && !p->yesterday)
    problem_rule(&s->problems, S("no_change"), S("此前没有填报过，请先填一次"),
                 S("nothing was reported before: fill it in once"));
  answers_known(&s->problems, "values", s->values, form->items, form->n_items, s->day);
  for (size_t i = 0; i < form->n_items; i++)
    if (form->items[i].source != SOURCE_FORMULA && form_asks(&form->items[i], s->day))
      fill_one(v, s, &form->items[i]);
  for (size_t i = 0; i < form->n_items; i++)
    if (form->items[i].source == SOURCE_FORMULA && form_asks(&form->items[i], s->day))
      fill_formula(v, s, &form->items[i]);
  if (!s->draft) check_rules(v, s);
  char *text = json_dumps(v->set, JSON_COMPACT | JSON_SORT_KEYS);
  if (!text) return err_set(e, E_NOMEM, "no memory for a return");
  s->result_values = arena_dup(s->a, str_from(text));
  free(text);
  return arena_failed(s->a) ? err_set(e, E_NOMEM, "no memory for a return") : 0;
}

bool values_by_key(const struct values *v, struct str key, int64_t *ret_n) {
  for (size_t i = 0; i < v->form->n_items; i++) {
    const struct template_item *it = &v->form->items[i];
    if (!str_eq(it->key, key) || it->source == SOURCE_FORMULA) continue;
    const json_t *j = value_at(v->set, it->code);
    if (!json_is_integer(j)) return false;
    *ret_n = json_integer_value(j);
    return true;
  }
  return false;
}

void return_set_counts(struct change *c, const struct values *v) {
  static const struct {
    const char *key;
    int field;
  } counts[] = {{"staff.total", RETURN_TOTAL},
                {"staff.hubei", RETURN_HUBEI},
                {"staff.away", RETURN_AWAY},
                {"staff.returned_today", RETURN_RETURNED_TODAY},
                {"staff.present", RETURN_PRESENT}};
  for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
    int64_t n = 0;
    const bool known = values_by_key(v, str_from(counts[i].key), &n);
    change_set(c, counts[i].field, known ? V_I64(n) : V_NULL);
  }
}
