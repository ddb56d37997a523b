#include "domain/enterprises/taking.h"
#include "app/operation.h"
#include "domain/enterprises/values.h"
#include <semaphore.h>

enum { FLIGHT = 64 };

/* ---- one row ---- */

struct one {
  struct cmd cmd;
  struct reading *r;
  struct reading_row *row;
  const struct taken *to;
  struct str channel;
  struct arena *a; /* this row's: its command runs on the writer's thread */
  sem_t *done;
};

static int one_run(struct tx *tx, void *arg, struct err *e) {
  struct one *o = arg;
  struct submission *sub = &o->row->sub;
  reading_submission(o->r, o->row, sub);
  sub->a = o->a;
  sub->id = o->row->version;
  sub->channel = o->channel;
  int x = submission_run(tx, sub, e);
  if (x < 0 || sub->replayed) return x;
  return import_traced(tx, &o->to->import, o->row->n, &return_version_kind, &sub->version, 1, e);
}
static const struct cmd_class one_cmd = {.name = "return_take", .run = one_run};

static void one_done(struct cmd *c) {
  sem_post(((struct one *)c->owner)->done);
}

/* ---- all of them ---- */

static int fly(struct reading *r, struct one *flight, size_t n, struct taken *ret, struct err *e) {
  sem_t done;
  size_t sent = 0;
  int x = 0;
  sem_init(&done, 0, 0);
  for (; sent < n && x >= 0; sent++) {
    flight[sent].done = &done;
    flight[sent].cmd = (struct cmd){.cls = &one_cmd,
                                    .arg = &flight[sent],
                                    .owner = &flight[sent],
                                    .priority = CMD_BULK,
                                    .done = one_done};
    x = writer_submit(r->app->writer, &flight[sent].cmd, e);
    if (x < 0) break;
  }
  for (size_t i = 0; i < sent; i++) sem_wait(&done);
  sem_destroy(&done);
  for (size_t i = 0; i < sent && x >= 0; i++) {
    const int result = flight[i].cmd.result;
    struct reading_row *row = flight[i].row;
    if (result >= 0) {
      row->status = ROW_TAKEN;
      ret->taken += !row->sub.replayed;
      ret->again += row->sub.replayed;
    } else if (err_class(result) == ERR_CALLER) {
      row->status = ROW_WRONG;
      ret->refused++;
    } else {
      *e = flight[i].cmd.err;
      x = result;
    }
  }
  return x;
}

static bool to_take(const struct reading_row *row) {
  return row->status == ROW_READY || (row->status == ROW_CHECK && row->looked);
}

static int take_all(struct reading *r, struct str channel, struct taken *ret, struct err *e) {
  struct one *flight = arena_array(r->a, struct one, FLIGHT);
  size_t n = 0;
  int x = 0;
  if (!flight) return err_set(e, E_NOMEM, "no memory for rows");
  for (size_t i = 0; i < r->n && x >= 0; i++) {
    if (to_take(&r->rows[i]))
      flight[n++] =
          (struct one){.r = r, .row = &r->rows[i], .to = ret, .channel = channel, .a = r->a};
    else if (r->rows[i].status == ROW_TAKEN || r->rows[i].status == ROW_SAME)
      ret->again++;
    else
      ret->refused++;
    if (n < FLIGHT && i + 1 < r->n) continue;
    if (n) x = fly(r, flight, n, ret, e);
    n = 0;
  }
  return x;
}

int taking_run(struct reading *r, struct str channel, struct str filename, struct taken *ret,
               struct err *e) {
  bool any = false;
  *ret = (struct taken){.taken = 0};
  for (size_t i = 0; i < r->n; i++) any |= to_take(&r->rows[i]);
  if (!any) return take_all(r, channel, ret, e);
  int x = import_begin(r->app, r->viewer, r->a, &daily_return_kind, filename, &ret->import, e);
  if (x < 0) return x;
  x = take_all(r, channel, ret, e);
  const struct import_counts n = {
      .rows = (int64_t)r->n, .created = ret->taken, .unchanged = ret->again, .bad = ret->refused};
  struct err own = {0};
  const int y = import_end(r->app, r->viewer, r->a, &ret->import, &n, &own);
  if (x >= 0 && y < 0) {
    *e = own;
    return y;
  }
  return x;
}

/* ---- taking back ---- */

QUERY(q_version, "SELECT id FROM return_version WHERE daily_return = $1 AND number < $2 AND "
                 "COALESCE(withdrawn, 0) = 0 AND COALESCE(beside, 0) = 0 "
                 "ORDER BY number DESC LIMIT 1");

static struct change *inner(const struct import_undoing *u, const struct kind *k,
                            enum change_verb verb, const struct uuid *id) {
  struct change *c = change_make(u->a, &u->app->registry, u->viewer, k, verb);
  c->id = *id;
  c->at_ms = u->at_ms;
  c->source = "import";
  c->internal = true;
  return c;
}

static int run(struct tx *tx, struct change *c, struct err *e) {
  const int x = change_ready(c, e);
  return x < 0 ? x : change_run(tx, c, e);
}

static int version_before(struct tx *tx, const struct import_undoing *u, const struct uuid *row,
                          int64_t number, struct record **ret, struct err *e) {
  struct cur *c = NULL;
  struct uuid id = {{0}};
  *ret = NULL;
  int x = cur_open(tx, &q_version, P(V_UUID(*row), V_I64(number)), &c, e);
  if (x >= 0 && (x = cur_next(c, e)) == 1) id = cur_uuid(c, 0);
  c = cur_done(c);
  if (x < 0 || uuid_is_nil(&id)) return x < 0 ? x : 0;
  return record_load(tx, u->a, &return_version_kind, u->viewer->op, &id, ret, e);
}

static int counts_of(const struct import_undoing *u, const struct record *row, struct str content,
                     struct change *c, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct uuid form = rec_uuid(row, RETURN_TEMPLATE);
  struct values v = {.form = form_by_id(set, &form)};
  if (!v.form) return err_set(e, E_STATE, "the template is no more");
  const int x = json_read(u->a, content, &v.set, e);
  if (x >= 0) return_set_counts(c, &v);
  return x;
}

static int back_to(struct tx *tx, const struct import_undoing *u, const struct record *row,
                   const struct record *before, struct err *e) {
  struct change *c = inner(u, &daily_return_kind, CHANGE_ACTION, &row->id);
  static const struct {
    int row, version;
  } same[] = {{RETURN_VERSION, VERSION_NUMBER}, {RETURN_CHANNEL, VERSION_CHANNEL},
              {RETURN_TAKER, VERSION_TAKER},    {RETURN_VALUES, VERSION_VALUES},
              {RETURN_NIL, VERSION_NIL},        {RETURN_NO_CHANGE, VERSION_NO_CHANGE},
              {RETURN_LATE, VERSION_LATE},      {RETURN_RECEIPT, VERSION_RECEIPT}};
  static const int counts[] = {RETURN_TOTAL, RETURN_HUBEI, RETURN_AWAY, RETURN_RETURNED_TODAY,
                               RETURN_PRESENT};
  const bool late = before && rec_i64(before, VERSION_LATE) != 0;
  c->transition = kind_transition(&daily_return_kind, !before ? S("withdraw")
                                                      : late  ? S("submit_late")
                                                              : S("submit"));
  for (size_t i = 0; i < ARRAY_LEN(same); i++)
    change_set(c, same[i].row, before ? before->v[same[i].version] : V_NULL);
  if (!before) {
    change_set(c, RETURN_VERSION, V_I64(0));
    change_set(c, RETURN_SUBMITTED_AT, V_NULL);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) change_set(c, counts[i], V_NULL);
    return run(tx, c, e);
  }
  const int x = counts_of(u, row, rec_text(before, VERSION_VALUES), c, e);
  return x < 0 ? x : run(tx, c, e);
}

/* Nobody would be asked for what is missing of an enterprise that has closed or gone since. */
static int still_there(struct tx *tx, const struct import_undoing *u, const struct record *row,
                       struct err *e) {
  const struct uuid id = rec_uuid(row, RETURN_ENTERPRISE);
  struct record *of;
  const int x = record_load(tx, u->a, &enterprise_kind, u->viewer->op, &id, &of, e);
  if (x < 0) return x;
  const bool there = !of->retired && !str_is(of->state, "closed") &&
                     rec_unit(of, ENTERPRISE_UNIT) == rec_unit(row, RETURN_UNIT);
  return there ? 0 : err_set(e, E_CONFLICT, "the enterprise has closed or moved since");
}

int taking_undo(struct tx *tx, const struct import_undoing *u, struct err *e) {
  struct record *version, *row, *before;
  bool locked = false;
  int x = record_load(tx, u->a, &return_version_kind, u->viewer->op, &u->id, &version, e);
  if (x < 0) return x;
  if (version->rev != u->rev) return err_set(e, E_CONFLICT, "changed since");
  const struct uuid of = rec_uuid(version, VERSION_RETURN);
  const int64_t number = rec_i64(version, VERSION_NUMBER);
  x = record_load(tx, u->a, &daily_return_kind, u->viewer->op, &of, &row, e);
  if (x < 0) return x;
  if (!viewer_may(u->viewer, right_by_name(S("daily_return.create")), rec_unit(row, RETURN_UNIT)))
    return err_set(e, E_FORBIDDEN, "the right to take returns is missing there");
  struct change *c = inner(u, &return_version_kind, CHANGE_UPDATE, &u->id);
  change_set(c, VERSION_WITHDRAWN, V_I64(1));
  if (rec_i64(version, VERSION_BESIDE)) return run(tx, c, e);
  /* corrected, sent back or accepted since: it stays */
  const bool newest = rec_i64(row, RETURN_VERSION) == number;
  const bool as_taken = str_is(row->state, "submitted") || str_is(row->state, "late");
  x = return_locked(tx, u->viewer, row, &locked, e);
  if (x < 0) return x;
  if (!newest || !as_taken || locked) return err_set(e, E_CONFLICT, "changed since");
  x = version_before(tx, u, &of, number, &before, e);
  if (x >= 0 && !before) x = still_there(tx, u, row, e);
  if (x >= 0) x = run(tx, c, e);
  return x < 0 ? x : back_to(tx, u, row, before, e);
}

static const struct import_plan versions_plan = {.kind = &return_version_kind, .undo = taking_undo};
static const struct import_plan returns_plan = {.kind = &daily_return_kind,
                                                .right = "daily_return.create"};
const struct import_plan *const return_imports[] = {&versions_plan, &returns_plan,
                                                    &enterprise_sheet, NULL};
