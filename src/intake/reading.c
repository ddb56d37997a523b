#include "intake/reading.h"
#include "base/limits.h"

/* Whom the reader may take something about. */
static int names_load(struct tx *tx, struct arena *a, const struct viewer *v,
                      const struct intake *area, struct name_index *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  const right_t right = right_by_name(str_from(area->right));
  const struct unit_row *root = unit_by_no(v->tree, unit_root(v->tree));
  struct str *shorts = NULL;
  size_t cap = 0;
  int32_t asked = 0;
  bool may = false;
  *ret = (struct name_index){.a = a, .place = root ? arena_dup(a, root->name) : S("")};
  int r = cur_open(tx, area->names, P(V_I64(v->op)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const int32_t unit = (int32_t)cur_i64(c, 1);
    if (unit != asked) may = viewer_may(v, right, unit);
    asked = unit;
    if (!may) continue;
    if (ret->n == NAMES_MAX) return err_set(e, E_TOO_LARGE, "too many to tell by name");
    if (ret->n == cap) {
      const size_t more = cap ? cap * 2 : 1024;
      struct named *all = arena_array(a, struct named, more);
      struct str *list = arena_array(a, struct str, more);
      if (!all || !list) return err_set(e, E_NOMEM, "no memory for names");
      if (cap) memcpy(all, ret->all, cap * sizeof *all);
      if (cap) memcpy(list, shorts, cap * sizeof *list);
      ret->all = all;
      shorts = list;
      cap = more;
    }
    shorts[ret->n] = cur_null(c, 5) ? (struct str){NULL, 0} : arena_dup(a, cur_text(c, 5));
    ret->all[ret->n++] = (struct named){.id = cur_uuid(c, 0),
                                        .unit = unit,
                                        .name = arena_dup(a, cur_text(c, 2)),
                                        .credit_code = arena_dup(a, cur_text(c, 3)),
                                        .address = arena_dup(a, cur_text(c, 4))};
  }
  return r < 0 ? r : names_index(ret, shorts, e);
}

/* What chats and sheets share: the form, the names, and the judging of each row. */

const char *const row_status_words[ROW_STATUSES_] = {
    "nothing", "unknown", "several", "repeated", "taken", "same", "wrong", "check", "ready"};

enum { SCOPES = 16, AGAIN_MAX = 8 };

/* ---- beginning ---- */

/* A form concerns whoever has the right within its branch. */
static bool concerns(const struct viewer *v, const struct return_form *f, right_t right) {
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

size_t reading_forms(const struct template_set *set, const struct viewer *v, const char *right,
                     int32_t day, const struct return_form **out, size_t max) {
  const right_t may = right_by_name(str_from(right));
  size_t n = 0;
  for (size_t i = 0; set && i < set->n && n < max; i++) {
    const struct return_form *f = &set->forms[i];
    if (f->op == v->op && day >= f->from && day <= f->to && concerns(v, f, may) &&
        !code_seen(out, n, f->code))
      out[n++] = f;
  }
  return n;
}

static const struct return_form *choose(struct reading *r, struct str code) {
  const struct return_form *found[TEMPLATES_MAX];
  struct str codes = S("");
  const size_t n = reading_forms(r->set, r->viewer, r->area->right, r->day, found, TEMPLATES_MAX);
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
    problem_rule(&r->problems, S("day"), S("当日没有生效的报表"),
                 S("no return is in force on that day"));
  return NULL;
}

int reading_begin(struct app *app, struct arena *a, const struct viewer *v,
                  const struct intake *area, struct str template_code, int32_t day,
                  struct reading *ret, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  *ret = (struct reading){
      .area = area, .app = app, .a = a, .viewer = v, .day = day, .set = template_set_ref()};
  problems_init(&ret->problems, a);
  if (day > v->today) problem_add(&ret->problems, PROBLEM_in_future, S("day"));
  ret->form = choose(ret, template_code);
  if (problems_any(&ret->problems)) return err_set(e, E_INVALID, "the return has problems");
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = names_load(tx, a, v, area, &ret->names, e);
  ret->rows = arena_array(a, struct reading_row, READING_ROWS);
  return r < 0 || ret->rows ? r : err_set(e, E_NOMEM, "no memory for rows");
}

/* ---- judging ---- */

static void mark_repeated(struct reading *r) {
  for (size_t i = 0; i < r->n; i++) {
    struct reading_row *row = &r->rows[i];
    for (size_t k = i + 1; row->subject && k < r->n && !row->repeated_by; k++)
      if (r->rows[k].subject == row->subject) row->repeated_by = r->rows[k].n;
  }
}

static bool doubtful(const struct reading_row *row) {
  if (row->looked) return false;
  return row->ditto || row->n_unclear ||
         (row->matches.n && row->matches.by == NAME_PART && !row->matches.more);
}

static bool says_nothing(const struct reading_row *row) {
  return !json_object_size(row->values) && !row->nil && !row->no_change;
}

/* Whoever looked saw what stood there then; it may be another's correction by now. */
static bool saw_this(struct reading *r, const struct reading_row *row) {
  json_t *now = NULL;
  if (!row->saw) return true;
  if (!row->stands.n) return json_is_null(row->saw);
  return json_read(r->a, row->stands, &now, NULL) >= 0 && json_equal(now, row->saw);
}

static int judge(struct tx *tx, struct reading *r, struct reading_row *row, struct err *e) {
  struct verdict v = {.taken = false};
  if (!row->subject) {
    row->status = row->matches.n > 1                                         ? ROW_SEVERAL
                  : says_nothing(row) && !row->n_unclear && !row->n_inferred ? ROW_NOTHING
                                                                             : ROW_UNKNOWN;
    return 0;
  }
  const int x = r->area->judge(tx, r, row, &v, e);
  if (x < 0) return x;
  if (row->looked && !saw_this(r, row)) row->looked = false;
  const bool wrong = (row->problems.a && problems_any(&row->problems)) ||
                     (row->cells.a && problems_any(&row->cells));
  row->status = row->repeated_by                             ? ROW_REPEATED
                : v.taken                                    ? ROW_TAKEN
                : wrong                                      ? ROW_WRONG
                : v.same                                     ? ROW_SAME
                : doubtful(row) || (v.other && !row->looked) ? ROW_CHECK
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
  jw_kuuid(w, "id", &n->id);
  jw_kstr(w, "name", n->name);
  jw_kstr(w, "address", n->address);
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
  for (const struct problem *p = row->problems.a ? row->problems.first : NULL; p; p = p->next)
    if (p->code != PROBLEM_required || !said_of(&row->cells, p->field))
      add_problem(r, row, p, &all);
  problems_write(w, &all);
}

static void write_row(struct jw *w, struct reading *r, const struct reading_row *row) {
  jw_object(w);
  jw_ki64(w, "n", row->n);
  jw_ki64(w, "number", row->number);
  jw_kstr(w, "text", row->text);
  jw_kstr(w, "name", row->name);
  jw_kstrz(w, "status", row_status_words[row->status]);
  jw_key(w, str_from(r->area->subject));
  if (row->subject)
    write_named(w, row->subject);
  else
    jw_null(w);
  jw_kstrz(w, "by", row->matches.n ? name_by_words[row->matches.by] : NULL);
  jw_karray(w, "candidates");
  for (size_t i = 0; i < row->matches.n; i++) write_named(w, row->matches.found[i]);
  jw_end(w);
  jw_k(w, "values");
  if (row->values)
    jw_tree(w, row->values);
  else
    jw_raw(w, S("{}"));
  jw_k(w, "filled");
  if (row->filled.n)
    jw_raw(w, row->filled);
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
  jw_kstr(w, "note", row->note);
  write_texts(w, "unclear", row->unclear, row->n_unclear);
  write_texts(w, "rest", row->rest, row->n_rest);
  write_texts(w, "inferred", row->inferred, row->n_inferred);
  jw_k(w, "repeated_by");
  if (row->repeated_by)
    jw_i64(w, row->repeated_by);
  else
    jw_null(w);
  if (r->area->write) r->area->write(w, row);
  jw_k(w, "problems");
  write_problems(w, r, row);
  jw_end(w);
}

static void write_totals(struct jw *w, const struct reading *r) {
  jw_karray(w, "totals");
  for (size_t i = 0; i < r->n_totals; i++) {
    const struct reading_total *t = &r->totals[i];
    jw_object(w);
    jw_ki64(w, "row", t->row);
    jw_kstr(w, "label", t->label);
    jw_kstr(w, "column", t->column);
    jw_ki64(w, "says", t->says);
    jw_ki64(w, "sum", t->sum);
    jw_ki64(w, "differs", t->says - t->sum);
    jw_end(w);
  }
  jw_end(w);
}

void reading_write_members(struct jw *w, struct reading *r) {
  char day[DAY_TEXT];
  int64_t counts[ROW_STATUSES_] = {0};
  day_format(r->day, day);
  for (size_t i = 0; i < r->n; i++) counts[r->rows[i].status]++;
  jw_kstrz(w, "day", day);
  jw_kstr(w, "template", r->form->code);
  jw_karray(w, "fields");
  for (size_t i = 0; i < r->form->n_items; i++) {
    const struct template_item *it = &r->form->items[i];
    if (!form_asks(it, r->day)) continue;
    jw_object(w);
    jw_kstr(w, "code", it->code);
    jw_kstr(w, "zh", it->zh);
    jw_kstr(w, "en", it->en);
    jw_kstrz(w, "type", it->type == VALUE_COUNT ? "count" : "other");
    jw_kbool(w, "formula", it->source == SOURCE_FORMULA);
    jw_end(w);
  }
  jw_end(w);
  jw_kobject(w, "counts");
  for (int s = 0; s < ROW_STATUSES_; s++) {
    jw_key(w, str_from(row_status_words[s]));
    jw_i64(w, counts[s]);
  }
  jw_end(w);
  jw_ki64(w, "heading_lines", (int64_t)r->n_heading);
  jw_kbool(w, "more", r->cut);
  jw_karray(w, "rows");
  for (size_t i = 0; i < r->n; i++) write_row(w, r, &r->rows[i]);
  jw_end(w);
  write_totals(w, r);
  jw_k(w, "problems");
  problems_write(w, &r->problems);
}
