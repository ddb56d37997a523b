#include "app/jobs.h"
#include "base/limits.h"
#include "domain/enterprises/remind.h"
#include "domain/rosters/rosters.h"

/* The rows that say what is due. They are made when the day begins, and follow an enterprise that
 * comes, moves or goes during the day; a row is the same however often it is asked for. */

enum { OPEN_AT_ONCE = 500, FORMS_A_DAY = 16, CATCH_UP_DAYS = 14, OPEN_SLICES = 40 };

static struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, (struct str){text, 10}));
}

struct change *return_row(struct arena *a, struct registry *en, const struct viewer *v,
                          const struct return_form *f, const struct due_enterprise *of,
                          int32_t day) {
  struct change *in = change_make(a, en, v, &daily_return_kind, CHANGE_CREATE);
  change_set(in, RETURN_ENTERPRISE, V_UUID(of->id));
  change_set(in, RETURN_UNIT, V_I64(of->unit));
  change_set(in, RETURN_TEMPLATE, V_UUID(f->id));
  change_set(in, RETURN_CODE, V_TEXT(arena_dup(a, f->code)));
  change_set(in, RETURN_DAY, day_val(a, day));
  change_set(in, RETURN_NAME, V_TEXT(of->name));
  change_set(in, RETURN_VERSION, V_I64(0));
  if (!uuid_is_nil(&of->building)) change_set(in, RETURN_BUILDING, V_UUID(of->building));
  if (!uuid_is_nil(&of->caller)) change_set(in, RETURN_CALLER, V_UUID(of->caller));
  return in;
}

struct due_enterprise due_enterprise_of(const struct record *rec) {
  return (struct due_enterprise){.id = rec->id,
                                 .unit = rec_unit(rec, ENTERPRISE_UNIT),
                                 .name = rec_text(rec, ENTERPRISE_NAME),
                                 .building = rec_uuid(rec, ENTERPRISE_BUILDING),
                                 .caller = rec_uuid(rec, ENTERPRISE_CALLER)};
}

/* Rows are never retired; every query over them says so all the same, since the index by
 * enterprise, template and day holds only those that are not. */

/* ---- an enterprise comes, moves, goes ---- */

QUERY(q_rows_today, "SELECT id, template_code, state, unit FROM daily_return "
                    "WHERE op = $1 AND enterprise = $2 AND day = $3 AND retired = 0 LIMIT 40");

struct day_row {
  struct uuid id;
  struct str code, state;
  int32_t unit;
};

static int rows_of_day(struct tx *tx, struct change *c, const struct uuid *enterprise, int32_t day,
                       struct day_row *out, size_t max, size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  size_t n = 0;
  int r = cur_open(tx, &q_rows_today, P(V_I64(c->op), V_UUID(*enterprise), day_val(c->a, day)),
                   &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1 && n < max)
    out[n++] = (struct day_row){.id = cur_uuid(cur, 0),
                                .code = arena_dup(c->a, cur_text(cur, 1)),
                                .state = arena_dup(c->a, cur_text(cur, 2)),
                                .unit = (int32_t)cur_i64(cur, 3)};
  *ret_n = n;
  return r < 0 ? r : 0;
}

static int row_act(struct tx *tx, struct change *c, const struct uuid *id, const char *action,
                   struct err *e) {
  struct change *in = change_make(c->a, c->en, c->viewer, &daily_return_kind, CHANGE_ACTION);
  in->id = *id;
  in->transition = kind_transition(&daily_return_kind, str_from(action));
  return change_within(tx, c, in, e);
}

static bool still_open(const struct day_row *r) {
  return str_is(r->state, "missing") || str_is(r->state, "draft");
}

static const struct day_row *row_of(const struct day_row *rows, size_t n, struct str code) {
  for (size_t i = 0; i < n; i++)
    if (str_eq(rows[i].code, code)) return &rows[i];
  return NULL;
}

/* The chase goes by building and caller, so today's open rows bear what the file says now. */
static int row_follows(struct tx *tx, struct change *c, const struct uuid *row,
                       const struct due_enterprise *of, struct err *e) {
  struct change *in = change_make(c->a, c->en, c->viewer, &daily_return_kind, CHANGE_UPDATE);
  in->id = *row;
  change_set(in, RETURN_UNIT, V_I64(of->unit));
  change_set(in, RETURN_NAME, V_TEXT(of->name));
  change_set(in, RETURN_BUILDING, uuid_is_nil(&of->building) ? V_NULL : V_UUID(of->building));
  change_set(in, RETURN_CALLER, uuid_is_nil(&of->caller) ? V_NULL : V_UUID(of->caller));
  return change_within(tx, c, in, e);
}

static bool same_place(const struct record *old, const struct record *rec) {
  const struct uuid building = rec_uuid(old, ENTERPRISE_BUILDING),
                    now = rec_uuid(rec, ENTERPRISE_BUILDING);
  const struct uuid caller = rec_uuid(old, ENTERPRISE_CALLER),
                    rings = rec_uuid(rec, ENTERPRISE_CALLER);
  return uuid_eq(&building, &now) && uuid_eq(&caller, &rings) &&
         str_eq(rec_text(old, ENTERPRISE_NAME), rec_text(rec, ENTERPRISE_NAME));
}

/* It stands at `unit` now: what was still open there is due from here, and what only this place
 * asks for is due as well. */
static int stands_at(struct tx *tx, struct change *c, const struct record *rec, int32_t day,
                     const struct day_row *rows, size_t n, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct return_form *forms[FORMS_A_DAY];
  const struct due_enterprise of = due_enterprise_of(rec);
  const int32_t unit = of.unit;
  const size_t n_forms = forms_for(set, c->viewer->tree, c->op, unit, day, forms, ARRAY_LEN(forms));
  int r = 0;
  for (size_t i = 0; i < n_forms && r >= 0; i++) {
    const struct day_row *row = row_of(rows, n, forms[i]->code);
    if (!row) {
      r = change_within(tx, c, return_row(c->a, c->en, c->viewer, forms[i], &of, day), e);
      continue;
    }
    if (str_is(row->state, "exempt")) r = row_act(tx, c, &row->id, "due_again", e);
    if (r < 0 || !(still_open(row) || str_is(row->state, "exempt"))) continue;
    r = row_follows(tx, c, &row->id, &of, e);
  }
  /* what only the former place asked for is not due any more */
  for (size_t i = 0; i < n && r >= 0; i++) {
    bool asked = false;
    for (size_t k = 0; k < n_forms; k++) asked |= str_eq(forms[k]->code, rows[i].code);
    if (!asked && still_open(&rows[i])) r = row_act(tx, c, &rows[i].id, "exempt", e);
  }
  return r;
}

int returns_follow(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  const int32_t day = c->viewer->today;
  const bool gone = rec->retired || str_is(rec->state, "closed");
  const bool was_gone = !old || old->retired || str_is(old->state, "closed");
  const bool moved = old && rec_unit(old, ENTERPRISE_UNIT) != rec_unit(rec, ENTERPRISE_UNIT);
  const bool renamed = old && !same_place(old, rec);
  struct day_row rows[40];
  size_t n = 0;
  if (gone == was_gone && !moved && !renamed) return 0;
  int r = old ? rows_of_day(tx, c, &rec->id, day, rows, ARRAY_LEN(rows), &n, e) : 0;
  if (r >= 0 && !gone) r = stands_at(tx, c, rec, day, rows, n, e);
  for (size_t i = 0; gone && i < n && r >= 0; i++)
    if (still_open(&rows[i])) r = row_act(tx, c, &rows[i].id, "exempt", e);
  return r;
}

/* ---- the day begins ---- */

QUERY(q_lacking,
      "SELECT e.id, e.unit, e.name, e.building, e.caller FROM enterprise e JOIN unit u ON u.no = "
      "e.unit "
      "WHERE e.op = $1 AND e.retired = 0 AND e.state <> 'closed' AND e.registered_on <= $2 "
      "AND u.path BETWEEN $3 AND $4 AND NOT EXISTS (SELECT 1 FROM daily_return d WHERE d.op = $1 "
      "AND d.enterprise = e.id AND d.template_code = $5 AND d.day = $2 AND d.retired = 0) "
      "ORDER BY e.id LIMIT 500");

struct opening {
  struct app *app;
  struct arena *a;
  const struct viewer *v;
  const struct return_form *form;
  int32_t day;
  int64_t made;
};

static int open_run(struct tx *tx, void *arg, struct err *e) {
  struct opening *o = arg;
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  const struct unit_row *u = unit_by_no(o->v->tree, o->form->unit);
  struct due_enterprise *rows = arena_array(o->a, struct due_enterprise, OPEN_AT_ONCE);
  size_t n = 0;
  o->made = 0;
  if (!u || !rows) return 0;
  unit_path_range(u, low, high);
  struct cur *cur = NULL;
  int r = cur_open(
      tx, &q_lacking,
      P(V_I64(o->v->op), day_val(o->a, o->day), V_TEXTZ(low), V_TEXTZ(high), V_TEXT(o->form->code)),
      &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1 && n < OPEN_AT_ONCE)
    rows[n++] = (struct due_enterprise){.id = cur_uuid(cur, 0),
                                        .unit = (int32_t)cur_i64(cur, 1),
                                        .name = arena_dup(o->a, cur_text(cur, 2)),
                                        .building = cur_uuid(cur, 3),
                                        .caller = cur_uuid(cur, 4)};
  cur = cur_done(cur);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct change *in = return_row(o->a, &o->app->registry, o->v, o->form, &rows[i], o->day);
    in->source = "job";
    in->internal = true;
    in->at_ms = o->v->now_ms;
    r = change_ready(in, e);
    if (r >= 0) r = change_run(tx, in, e);
  }
  o->made = (int64_t)n;
  return r < 0 ? r : 0;
}
static const struct cmd_class open_cmd = {.name = "returns_open", .run = open_run};

static int open_day(struct app *app, const struct viewer *v, const struct template_set *set,
                    int32_t day, int64_t *slices, int64_t *ret_made, struct err *e) {
  int r = 0;
  for (size_t i = 0; set && i < set->n && r >= 0; i++) {
    const struct return_form *f = &set->forms[i], *in_force[FORMS_A_DAY];
    if (f->op != v->op) continue;
    const size_t n = forms_for(set, v->tree, v->op, f->unit, day, in_force, ARRAY_LEN(in_force));
    bool applies = false;
    for (size_t k = 0; k < n; k++) applies |= in_force[k] == f;
    for (int64_t made = OPEN_AT_ONCE; applies && r >= 0 && made == OPEN_AT_ONCE;) {
      _cleanup_(arena_freep) struct arena *mine = arena_create(MIB(32));
      if (!mine) return err_set(e, E_NOMEM, "no memory for the day's returns");
      struct opening o = {.app = app, .a = mine, .v = v, .form = f, .day = day};
      if ((*slices)-- <= 0) return 1;
      r = writer_run(app->writer, &open_cmd, &o, CMD_BULK, e);
      made = o.made;
      *ret_made += made;
    }
  }
  return r < 0 ? r : 0;
}

int returns_open_day(struct app *app, struct arena *a, const struct viewer *v, int32_t day,
                     int64_t *ret_made, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  int64_t slices = INT64_MAX;
  (void)a;
  *ret_made = 0;
  int r = open_day(app, v, set, day, &slices, ret_made, e);
  return r < 0 ? r : 0;
}

/* Days of which nothing can be lacking any more, by this process's knowledge. */
static struct {
  const void *set;
  int64_t op;
  int32_t day;
} opened;

int returns_open(struct app *app, struct arena *a, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  struct viewer *v;
  int64_t made = 0, slices = OPEN_SLICES;
  int r = app_system_viewer(app, a, 0, &v, e);
  if (r < 0 || !v->op || !set) return r;
  if (opened.set == set && opened.op == v->op && opened.day == v->today) return 0;
  /* after days without a server, each of them is still due */
  for (int32_t day = v->today - CATCH_UP_DAYS; day <= v->today && r == 0; day++)
    r = open_day(app, v, set, day, &slices, &made, e);
  if (r == 0) {
    opened.set = set;
    opened.op = v->op;
    opened.day = v->today;
  }
  return r < 0 ? r : 0;
}

const struct job return_jobs[] = {
    {.name = "returns_open", .every_ms = 20 * MS_SECOND, .run = returns_open},
    {.name = "returns_remind", .every_ms = MS_MINUTE, .run = returns_remind},
    {0}};
