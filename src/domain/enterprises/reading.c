#include "domain/enterprises/reading.h"
#include "base/limits.h"
#include <stdlib.h>

/* What chats and sheets share: the form, the names, and the judging of each row. */

const char *const row_status_words[ROW_STATUSES_] = {
    "nothing", "unknown", "several", "repeated", "taken", "same", "wrong", "check", "ready"};

enum { SCOPES = 16, AGAIN_MAX = 8 };

/* ---- beginning ---- */

/* A form concerns whoever may take returns within its branch. */
static bool concerns(const struct viewer *v, const struct return_form *f) {
  const right_t right = right_by_name(S("daily_return.create"));
  int32_t roots[SCOPES];
  if (viewer_may(v, right, f->unit)) return true;
  const int n = viewer_scope(v, right, roots, SCOPES);
  for (int i = 0; i < n; i++)
    if (unit_within(v->tree, roots[i], f->unit)) return true;
  return n == SCOPE_ALL;
}

static bool code_seen(const struct return_form *const *list, size_t n, struct str code) {
  for (size_t i = 0; i < n; i++)
    if (str_eq(list[i]->code, code)) return true;
  return false;
}

size_t reading_forms(const struct template_set *set, const struct viewer *v, int32_t day,
                     const struct return_form **out, size_t max) {
  size_t n = 0;
  for (size_t i = 0; set && i < set->n && n < max; i++) {
    const struct return_form *f = &set->forms[i];
    if (f->op == v->op && day >= f->from && day <= f->to && concerns(v, f) &&
        !code_seen(out, n, f->code))
      out[n++] = f;
  }
  return n;
}

static const struct return_form *choose(struct reading *r, struct str code) {
  const struct return_form *found[TEMPLATES_MAX];
  struct str codes = S("");
  const size_t n = reading_forms(r->set, r->viewer, r->day, found, TEMPLATES_MAX);
  for (size_t i = 0; i < n; i++) {
    if (code.n && str_eq(found[i]->code, code)) return found[i];
    codes = arena_printf(r->a, STR_FMT "%s" STR_FMT, STR_ARG(codes), i ? ", " : "",
                         STR_ARG(found[i]->code));
  }
  if (!code.n && n == 1) return found[0];
  if (code.n)
    problem_text(&r->problems, PROBLEM_not_in_list, S("template"), codes, code, codes);
  else if (n > 1)
    problem_add(&r->problems, PROBLEM_required, S("template"));
  else
    problem_text(&r->problems, PROBLEM_rule, S("day"), (struct str){0},
                 S("当日没有生效的报表 / no return is in force on that day"), (struct str){0});
  return NULL;
}

int reading_begin(struct app *app, struct arena *a, const struct viewer *v,
                  struct str template_code, int32_t day, struct reading *ret, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  *ret = (struct reading){.app = app, .a = a, .viewer = v, .day = day, .set = template_set_ref()};
  problems_init(&ret->problems, a);
  if (day > v->today) problem_add(&ret->problems, PROBLEM_in_future, S("day"));
  ret->form = choose(ret, template_code);
  if (problems_any(&ret->problems)) return err_set(e, E_INVALID, "the return has problems");
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = names_load(tx, a, v, &ret->names, e);
  ret->rows = arena_array(a, struct reading_row, READING_ROWS);
  return r < 0 || ret->rows ? r : err_set(e, E_NOMEM, "no memory for rows");
}

/* ---- what a row would be kept as ---- */

/* In the form of the other ids, with the day for its time: the same content gives the same. */
static struct uuid content_id(struct reading *r, const struct reading_row *row, int again) {
  char *values = row->values ? json_dumps(row->values, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  const struct str text =
      arena_printf(r->a, STR_FMT "|%d|%d%d|%d|" STR_FMT "|%s", STR_ARG(r->form->code), r->day,
                   row->nil, row->no_change, again, STR_ARG(row->note), values ? values : "");
  free(values);
  struct uuid u = uuid_derive(&row->enterprise->id, text);
  const uint64_t ms = (uint64_t)r->day * 86400000U;
  for (int i = 0; i < 6; i++) u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
  u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x70);
  return u;
}

void reading_submission(const struct reading *r, struct reading_row *row, struct submission *sub) {
  *sub = (struct submission){.app = r->app,
                             .a = r->a,
                             .viewer = r->viewer,
                             .source = "import",
                             .enterprise = row->enterprise->id,
                             .template_code = r->form->code,
                             .day = r->day,
                             .at_ms = r->viewer->now_ms,
                             .values = row->values,
                             .nil = row->nil,
                             .no_change = row->no_change,
                             .reminder = -1,
                             .note = row->note,
                             .taker = r->viewer->responder};
  problems_init(&sub->problems, r->a);
}

QUERY(q_version_state, "SELECT COALESCE(withdrawn, 0) FROM return_version WHERE id = $1");

int reading_version(struct tx *tx, struct reading *r, struct reading_row *row, bool *ret_taken,
                    struct err *e) {
  *ret_taken = false;
  for (int again = 0; again < AGAIN_MAX; again++) {
    struct cur *c = NULL;
    bool withdrawn = false;
    row->version = content_id(r, row, again);
    int x = cur_open(tx, &q_version_state, P(V_UUID(row->version)), &c, e);
    if (x >= 0) x = cur_next(c, e);
    if (x > 0) withdrawn = cur_i64(c, 0) != 0;
    c = cur_done(c);
    if (x < 0) return x;
    *ret_taken = x > 0 && !withdrawn;
    if (x == 0 || !withdrawn) return 0;
  }
  row->version = (struct uuid){{0}};
  return 0;
}

/* ---- judging ---- */

static void mark_repeated(struct reading *r) {
  for (size_t i = 0; i < r->n; i++) {
    struct reading_row *row = &r->rows[i];
    for (size_t k = i + 1; row->enterprise && k < r->n && !row->repeated_by; k++)
      if (r->rows[k].enterprise == row->enterprise) row->repeated_by = r->rows[k].n;
  }
}

QUERY(q_stands, "SELECT state, content, nil, no_change FROM daily_return WHERE op = $1 AND "
                "enterprise = $2 AND template_code = $3 AND day = $4 AND retired = 0");

/* Says it what stands there? *ret_other: something else stands there. */
static int compare(struct tx *tx, struct reading *r, struct reading_row *row, bool *ret_same,
                   bool *ret_other, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  char day[DAY_TEXT];
  day_format(r->day, day);
  *ret_same = *ret_other = false;
  int x = cur_open(
      tx, &q_stands,
      P(V_I64(r->viewer->op), V_UUID(row->enterprise->id), V_TEXT(r->form->code), V_TEXTZ(day)), &c,
      e);
  if (x >= 0) x = cur_next(c, e);
  if (x <= 0) return x < 0 ? x : 0;
  const struct str state = cur_text(c, 0);
  if (str_is(state, "missing") || str_is(state, "draft") || str_is(state, "exempt")) return 0;
  if (!cur_null(c, 1)) row->stands = arena_dup(r->a, cur_text(c, 1));
  json_t *now, *then;
  if (!row->stands.n || !row->sub.result_values.n) return 0;
  x = json_read(r->a, row->stands, &then, e);
  if (x >= 0) x = json_read(r->a, row->sub.result_values, &now, e);
  if (x < 0) return x;
  *ret_same = json_equal(now, then) && !str_is(state, "returned");
  *ret_other = !*ret_same;
  return 0;
}

static bool doubtful(const struct reading_row *row) {
  if (row->looked) return false;
  return row->ditto || row->n_unclear ||
         (row->matches.n && row->matches.by == NAME_PART && !row->matches.more);
}

static bool says_nothing(const struct reading_row *row) {
  return !json_object_size(row->values) && !row->nil && !row->no_change;
}

static int judge(struct tx *tx, struct reading *r, struct reading_row *row, struct err *e) {
  bool taken = false, same = false, other = false;
  if (!row->enterprise) {
    row->status = row->matches.n > 1                                         ? ROW_SEVERAL
                  : says_nothing(row) && !row->n_unclear && !row->n_inferred ? ROW_NOTHING
                                                                             : ROW_UNKNOWN;
    return 0;
  }
  reading_submission(r, row, &row->sub);
  row->sub.dry = true;
  int x = row->again ? 0 : reading_version(tx, r, row, &taken, e);
  if (x >= 0) x = submission_run(tx, &row->sub, e);
  if (x < 0 && x != -E_INVALID) {
    if (err_class(x) != ERR_CALLER) return x;
    problem_text(&row->sub.problems, PROBLEM_rule, S("enterprise"), (struct str){0},
                 str_from(err_text(x, r->viewer->zh)), (struct str){0});
  }
  if (!problems_any(&row->sub.problems)) {
    x = compare(tx, r, row, &same, &other, e);
    if (x < 0) return x;
  }
  const bool wrong =
      problems_any(&row->sub.problems) || (row->cells.a && problems_any(&row->cells));
  row->status = row->repeated_by                           ? ROW_REPEATED
                : taken                                    ? ROW_TAKEN
                : wrong                                    ? ROW_WRONG
                : same                                     ? ROW_SAME
                : doubtful(row) || (other && !row->looked) ? ROW_CHECK
                                                           : ROW_READY;
  return 0;
}

int reading_check(struct reading *r, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  mark_repeated(r);
  int x = store_read(r->app->store, &tx, e);
  for (size_t i = 0; i < r->n && x >= 0; i++) x = judge(tx, r, &r->rows[i], e);
  if (x >= 0 && arena_failed(r->a)) x = err_set(e, E_NOMEM, "no memory for rows");
  return x < 0 ? x : 0;
}

/* ---- telling ---- */

static void write_texts(struct jw *w, const char *key, const struct str *list, size_t n) {
  jw_key(w, str_from(key));
  jw_array(w);
  for (size_t i = 0; i < n; i++) jw_str(w, list[i]);
  jw_end(w);
}

static void write_named(struct jw *w, const struct named *n) {
  jw_object(w);
  jw_k(w, "id");
  jw_uuid(w, &n->id);
  jw_k(w, "name");
  jw_str(w, n->name);
  jw_k(w, "address");
  jw_str(w, n->address);
  jw_end(w);
}

static bool said_of(const struct problems *ps, struct str field) {
  for (const struct problem *p = ps->a ? ps->first : NULL; p; p = p->next)
    if (str_eq(p->field, field)) return true;
  return false;
}

/* The column under which a box stands in the sheet. */
static struct str title_of(const struct reading *r, struct str field) {
  for (size_t i = 0; i < r->form->n_items; i++)
    if (r->titles[i].n && str_starts(field, S("values.")) &&
        str_eq(str_sub(field, 7, field.n), r->form->items[i].code))
      return r->titles[i];
  return (struct str){NULL, 0};
}

static void add_problem(struct reading *r, const struct reading_row *row, const struct problem *p,
                        struct problems *to) {
  struct problem *q = p->warning
                          ? problem_warn(to, p->code, p->field)
                          : problem_text(to, p->code, p->field, p->limit, p->value, p->other);
  const struct str title = title_of(r, p->field);
  q->limit = p->limit;
  q->value = p->value;
  q->other = p->other;
  q->column = p->column.n ? p->column : title;
  q->row = q->column.n ? row->number : p->row;
}

/* Those of the cells, then those of the return as a whole; a cell that was wrong is not called
 * empty as well. */
static void write_problems(struct jw *w, struct reading *r, const struct reading_row *row) {
  struct problems all;
  problems_init(&all, r->a);
  for (const struct problem *p = row->cells.a ? row->cells.first : NULL; p; p = p->next)
    add_problem(r, row, p, &all);
  for (const struct problem *p = row->sub.problems.a ? row->sub.problems.first : NULL; p;
       p = p->next)
    if (p->code != PROBLEM_required || !said_of(&row->cells, p->field))
      add_problem(r, row, p, &all);
  problems_write(w, &all);
}

static void write_row(struct jw *w, struct reading *r, const struct reading_row *row) {
  jw_object(w);
  jw_k(w, "n");
  jw_i64(w, row->n);
  jw_k(w, "number");
  jw_i64(w, row->number);
  jw_k(w, "text");
  jw_str(w, row->text);
  jw_k(w, "name");
  jw_str(w, row->name);
  jw_k(w, "status");
  jw_strz(w, row_status_words[row->status]);
  jw_k(w, "enterprise");
  if (row->enterprise)
    write_named(w, row->enterprise);
  else
    jw_null(w);
  jw_k(w, "by");
  if (row->matches.n)
    jw_strz(w, name_by_words[row->matches.by]);
  else
    jw_null(w);
  jw_k(w, "candidates");
  jw_array(w);
  for (size_t i = 0; i < row->matches.n; i++) write_named(w, row->matches.found[i]);
  jw_end(w);
  jw_k(w, "values");
  if (row->values)
    jw_tree(w, row->values);
  else
    jw_raw(w, S("{}"));
  jw_k(w, "filled");
  if (row->sub.result_values.n)
    jw_raw(w, row->sub.result_values);
  else
    jw_null(w);
  jw_k(w, "stands");
  if (row->stands.n)
    jw_raw(w, row->stands);
  else
    jw_null(w);
  const struct {
    const char *name;
    bool is;
  } flags[] = {{"nil", row->nil},
               {"no_change", row->no_change},
               {"ditto", row->ditto},
               {"correction", row->correction}};
  for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
    jw_key(w, str_from(flags[i].name));
    jw_bool(w, flags[i].is);
  }
  jw_k(w, "note");
  jw_str(w, row->note);
  write_texts(w, "unclear", row->unclear, row->n_unclear);
  write_texts(w, "rest", row->rest, row->n_rest);
  write_texts(w, "inferred", row->inferred, row->n_inferred);
  jw_k(w, "repeated_by");
  if (row->repeated_by)
    jw_i64(w, row->repeated_by);
  else
    jw_null(w);
  if (row->sub.receipt.n) {
    jw_k(w, "receipt");
    jw_str(w, row->sub.receipt);
    jw_k(w, "version");
    jw_i64(w, row->sub.number);
    jw_k(w, "late");
    jw_bool(w, row->sub.late);
    jw_k(w, "beside");
    jw_bool(w, row->sub.beside);
  }
  jw_k(w, "problems");
  write_problems(w, r, row);
  jw_end(w);
}

static void write_totals(struct jw *w, const struct reading *r) {
  jw_k(w, "totals");
  jw_array(w);
  for (size_t i = 0; i < r->n_totals; i++) {
    const struct reading_total *t = &r->totals[i];
    jw_object(w);
    jw_k(w, "row");
    jw_i64(w, t->row);
    jw_k(w, "label");
    jw_str(w, t->label);
    jw_k(w, "column");
    jw_str(w, t->column);
    jw_k(w, "says");
    jw_i64(w, t->says);
    jw_k(w, "sum");
    jw_i64(w, t->sum);
    jw_k(w, "differs");
    jw_i64(w, t->says - t->sum);
    jw_end(w);
  }
  jw_end(w);
}

void reading_write_members(struct jw *w, struct reading *r) {
  char day[DAY_TEXT];
  int64_t counts[ROW_STATUSES_] = {0};
  day_format(r->day, day);
  for (size_t i = 0; i < r->n; i++) counts[r->rows[i].status]++;
  jw_k(w, "day");
  jw_strz(w, day);
  jw_k(w, "template");
  jw_str(w, r->form->code);
  jw_k(w, "fields");
  jw_array(w);
  for (size_t i = 0; i < r->form->n_items; i++) {
    const struct template_item *it = &r->form->items[i];
    if (!form_asks(it, r->day)) continue;
    jw_object(w);
    jw_k(w, "code");
    jw_str(w, it->code);
    jw_k(w, "zh");
    jw_str(w, it->zh);
    jw_k(w, "en");
    jw_str(w, it->en);
    jw_k(w, "type");
    jw_strz(w, it->type == VALUE_COUNT ? "count" : "other");
    jw_k(w, "formula");
    jw_bool(w, it->source == SOURCE_FORMULA);
    jw_end(w);
  }
  jw_end(w);
  jw_k(w, "counts");
  jw_object(w);
  for (int s = 0; s < ROW_STATUSES_; s++) {
    jw_key(w, str_from(row_status_words[s]));
    jw_i64(w, counts[s]);
  }
  jw_end(w);
  jw_k(w, "heading_lines");
  jw_i64(w, (int64_t)r->n_heading);
  jw_k(w, "more");
  jw_bool(w, r->cut);
  jw_k(w, "rows");
  jw_array(w);
  for (size_t i = 0; i < r->n; i++) write_row(w, r, &r->rows[i]);
  jw_end(w);
  write_totals(w, r);
  jw_k(w, "problems");
  problems_write(w, &r->problems);
}
