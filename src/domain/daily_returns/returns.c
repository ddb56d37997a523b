#include "domain/daily_returns/returns.h"
#include "domain/daily_returns/consolidation.h"
#include "domain/daily_returns/values.h"

/* Taking one return: the boxes are filled and checked, the version is written down, the row that
 * was due moves on. After a level above has locked its figures a return is still taken, and kept
 * beside them. */

static int refuse(struct submission *s, struct err *e) {
  return problems_any(&s->problems) ? err_set(e, E_INVALID, "the return has problems") : 0;
}

/* ---- which form ---- */

static const struct return_form *pick_form(struct submission *s, const struct template_set *set,
                                           int32_t unit) {
  const struct return_form *forms[16];
  const size_t n =
      forms_for(set, s->viewer->tree, s->viewer->op, unit, s->day, forms, ARRAY_LEN(forms));
  if (!s->template_code.n) {
    if (n == 1) return forms[0];
    if (n > 1) problem_add(&s->problems, PROBLEM_required, S("template"));
  }
  for (size_t i = 0; i < n; i++)
    if (str_eq(forms[i]->code, s->template_code)) return forms[i];
  if (!problems_any(&s->problems))
    problem_rule(&s->problems, S("day"), S("当日不需要填报"), S("no return is due on that day"));
  return NULL;
}

/* ---- said before ---- */

static json_t *text_of(struct str t) {
  return json_stringn(t.n ? t.p : "", t.n);
}

/* What was said, of whom and for which day: the same again is answered as the first time, anything
 * else under the same id is refused as everywhere. */
static int said_before(struct tx *tx, struct submission *s, struct err *e) {
  char of[UUID_TEXT], taker[UUID_TEXT];
  if (s->dry || uuid_is_nil(&s->id)) return 0;
  struct change *c =
      change_make(s->a, &s->app->registry, s->viewer, &return_version_kind, CHANGE_CREATE);
  uuid_format(&s->enterprise, of);
  uuid_format(&s->taker, taker);
  json_t *body =
      json_pack("[ssiooobbbioO?]", of, taker, (int)s->day, text_of(s->template_code),
                text_of(s->channel), text_of(s->prevention), (int)s->nil, (int)s->no_change,
                (int)s->draft, s->reminder, text_of(s->note), s->values);
  if (!body) return err_set(e, E_NOMEM, "no memory for a return");
  c->id = s->id;
  c->client_id = true;
  int r = change_said(tx, c, body, e);
  json_decref(body);
  for (const struct problem *p = r == -E_CONFLICT ? c->problems.first : NULL; p; p = p->next)
    problem_add(&s->problems, p->code, p->field);
  s->sent = c;
  if (r <= 0) return r;
  s->row = rec_uuid(c->result, VERSION_RETURN);
  s->version = s->id;
  s->receipt = rec_text(c->result, VERSION_RECEIPT);
  s->number = rec_i64(c->result, VERSION_NUMBER);
  s->late = rec_i64(c->result, VERSION_LATE) != 0;
  s->beside = rec_i64(c->result, VERSION_BESIDE) != 0;
  s->replayed = true;
  return 1;
}

/* ---- the receipt ---- */

/* Month and day, eight characters of the version's id, one to check them: read out over the phone,
 * so without letters that sound or look alike. */
static struct str receipt_make(struct arena *a, int32_t day, const struct uuid *id) {
  static const char letters[] = "23456789ABCDEFGHJKLMNPQRTUVWXYZ"; /* 31: a prime */
  uint64_t h = hash64(id->b, sizeof id->b);
  unsigned sum = 0;
  char text[10];
  int y, m, d;
  day_to_civil(day, &y, &m, &d);
  for (unsigned i = 0; i < 8; i++) {
    const unsigned v = (unsigned)(h % 31);
    h /= 31;
    text[i] = letters[v];
    sum += v * (i + 1);
  }
  text[8] = letters[sum % 31];
  text[9] = 0;
  return arena_printf(a, "%02d%02d-%s", m, d, text);
}

/* ---- writing ---- */

static struct change *inner(struct submission *s, struct registry *en, const struct kind *k,
                            enum change_verb verb) {
  struct change *c = change_make(s->a, en, s->viewer, k, verb);
  c->at_ms = s->at_ms;
  c->source = s->source;
  c->internal = true;
  return c;
}

static int run(struct tx *tx, struct submission *s, struct change *c, struct err *e) {
  int r = change_ready(c, e);
  if (r >= 0) r = change_run(tx, c, e);
  for (const struct problem *p = c->problems.first; r == -E_INVALID && p; p = p->next)
    if (!p->warning) problem_text(&s->problems, p->code, p->field, p->limit, p->value, p->other);
  return r;
}

static struct val text_or_null(struct str s) {
  return s.n ? V_TEXT(s) : V_NULL;
}

QUERY(q_last_number, "SELECT COALESCE(MAX(number), 0) FROM return_version WHERE daily_return = $1");

/* One that was taken back, or stands beside the locked figures, keeps its number too. */
static int next_number(struct tx *tx, const struct uuid *row, int64_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_last_number, P(V_UUID(*row)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r > 0) *ret_n = cur_i64(c, 0) + 1;
  return r < 0 ? r : 0;
}

static int write_version(struct tx *tx, struct submission *s, struct registry *en,
                         const struct record *row, struct err *e) {
  struct change *c = inner(s, en, &return_version_kind, CHANGE_CREATE);
  if (s->sent) {
    c->id = s->id;
    change_sent_as(c, s->sent);
  }
  if (uuid_is_nil(&c->id)) c->id = idgen_next(en->ids, s->at_ms);
  s->version = c->id;
  s->receipt = receipt_make(s->a, s->day, &c->id);
  int r = next_number(tx, &row->id, &s->number, e);
  if (r < 0) return r;
  change_set(c, VERSION_RETURN, V_UUID(row->id));
  change_set(c, VERSION_UNIT, V_I64(rec_unit(row, RETURN_UNIT)));
  change_set(c, VERSION_NUMBER, V_I64(s->number));
  change_set(c, VERSION_DAY, row->v[RETURN_DAY]);
  change_set(c, VERSION_CHANNEL, V_TEXT(s->channel));
  if (!uuid_is_nil(&s->taker)) change_set(c, VERSION_TAKER, V_UUID(s->taker));
  change_set(c, VERSION_VALUES, V_TEXT(s->result_values));
  change_set(c, VERSION_NIL, V_I64(s->nil));
  change_set(c, VERSION_NO_CHANGE, V_I64(s->no_change));
  change_set(c, VERSION_LATE, V_I64(s->late));
  change_set(c, VERSION_BESIDE, V_I64(s->beside));
  change_set(c, VERSION_RECEIPT, V_TEXT(s->receipt));
  change_set(c, VERSION_PREVENTION, text_or_null(s->prevention));
  change_set(c, VERSION_NOTE, text_or_null(s->note));
  return run(tx, s, c, e);
}

static int move_row(struct tx *tx, struct submission *s, struct registry *en,
                    const struct record *row, const struct values *v, struct err *e) {
  struct change *c = inner(s, en, &daily_return_kind, CHANGE_ACTION);
  c->id = row->id;
  c->transition = kind_transition(&daily_return_kind, s->draft  ? S("save")
                                                      : s->late ? S("submit_late")
                                                                : S("submit"));
  change_set(c, RETURN_VALUES, V_TEXT(s->result_values));
  change_set(c, RETURN_TEMPLATE, V_UUID(v->form->id));
  if (!s->draft) {
    change_set(c, RETURN_VERSION, V_I64(s->number));
    /* how and when the day was answered is of the first time; a correction has its own version */
    const bool first = rec_i64(row, RETURN_VERSION) == 0;
    change_set(c, RETURN_CHANNEL, first ? V_TEXT(s->channel) : row->v[RETURN_CHANNEL]);
    if (!first) change_set(c, RETURN_SUBMITTED_AT, row->v[RETURN_SUBMITTED_AT]);
    change_set(c, RETURN_TAKER, uuid_is_nil(&s->taker) ? V_NULL : V_UUID(s->taker));
    change_set(c, RETURN_NIL, V_I64(s->nil));
    change_set(c, RETURN_NO_CHANGE, V_I64(s->no_change));
    change_set(c, RETURN_LATE, V_I64(s->late));
    change_set(c, RETURN_RECEIPT, V_TEXT(s->receipt));
    return_set_counts(c, v);
  }
  if (s->reminder >= 0) change_set(c, RETURN_REMINDER, V_I64(s->reminder != 0));
  if (s->prevention.n) change_set(c, RETURN_PREVENTION, V_TEXT(s->prevention));
  if (s->note.n) change_set(c, RETURN_PREVENTION_NOTE, V_TEXT(s->note));
  return run(tx, s, c, e);
}

/* The head-count is asked once: what the return says of it is what the file says from now on. */
static int keep_headcount(struct tx *tx, struct submission *s, struct registry *en,
                          const struct prefill *p, const struct values *v, struct err *e) {
  int64_t n;
  if (!v->headcount_given || !values_by_key(v, S("staff.total"), &n)) return 0;
  if (!rec_null(p->enterprise, ENTERPRISE_HEADCOUNT) &&
      rec_i64(p->enterprise, ENTERPRISE_HEADCOUNT) == n)
    return 0;
  struct change *c = inner(s, en, &enterprise_kind, CHANGE_UPDATE);
  c->id = p->enterprise->id;
  change_set(c, ENTERPRISE_HEADCOUNT, V_I64(n));
  return run(tx, s, c, e);
}

/* A plan that was said is a plan: the enterprise takes its step, or its planned day moves. */
static int keep_plan(struct tx *tx, struct submission *s, struct registry *en,
                     const struct prefill *p, const struct values *v, struct err *e) {
  const struct str state = p->enterprise->state;
  if (!v->planned_given.n ||
      str_eq(v->planned_given, rec_text(p->enterprise, ENTERPRISE_PLANNED_ON)))
    return 0;
  if (!str_is(state, "open") && !str_is(state, "planned")) return 0;
  struct change *c = inner(s, en, &enterprise_kind, CHANGE_ACTION);
  c->id = p->enterprise->id;
  c->transition = kind_transition(&enterprise_kind, S("plan"));
  change_set(c, ENTERPRISE_PLANNED_ON, V_TEXT(v->planned_given));
  return run(tx, s, c, e);
}

static int make_row(struct tx *tx, struct submission *s, struct registry *en,
                    const struct return_form *form, struct prefill *p, struct err *e) {
  const struct due what = duty_due(s->app, s->viewer, &returns_duty, form, s->day);
  struct change *c;
  int r = duty_record(tx, s->a, en, s->viewer, &what, p->enterprise, &c, e);
  if (r < 0) return r;
  c->at_ms = s->at_ms;
  c->source = s->source;
  c->internal = true;
  r = run(tx, s, c, e);
  if (r >= 0) p->row = c->result;
  return r;
}

/* ---- the whole ---- */

/* A later day that was answered says what the file says now. */
QUERY(q_later, "SELECT count(*) FROM daily_return WHERE op = $1 AND enterprise = $2 AND day > $3 "
               "AND (template_code = $4 OR staff_total IS NOT NULL) AND version > 0 "
               "AND retired = 0");

static int write_all(struct tx *tx, struct submission *s, struct registry *en,
                     const struct return_form *form, struct prefill *p, const struct values *v,
                     struct err *e) {
  int r = p->row ? 0 : make_row(tx, s, en, form, p, e);
  if (r < 0) return r;
  s->row = p->row->id;
  r = return_locked(tx, s->viewer, p->row, &s->beside, e);
  const int64_t deadline = zone_moment(s->viewer->zone, s->day, form->deadline);
  s->late =
      rec_i64(p->row, RETURN_VERSION) ? rec_i64(p->row, RETURN_LATE) != 0 : s->at_ms > deadline;
  if (r >= 0 && !s->draft) r = write_version(tx, s, en, p->row, e);
  if (r >= 0 && !(s->beside && !s->draft)) r = move_row(tx, s, en, p->row, v, e);
  if (r < 0 || s->draft || s->beside) return r;
  int64_t later = 0;
  r = tx_i64(
      tx, &q_later,
      P(V_I64(s->viewer->op), V_UUID(s->enterprise), p->row->v[RETURN_DAY], V_TEXT(form->code)),
      &later, e);
  if (r >= 0 && !later) r = keep_headcount(tx, s, en, p, v, e);
  if (r >= 0 && !later) r = keep_plan(tx, s, en, p, v, e);
  return r;
}

/* May this viewer take returns where the enterprise stands? */
static int whose(struct submission *s, const struct record *enterprise, struct err *e) {
  const right_t right = right_by_name(S("daily_return.create"));
  if (s->viewer->link)
    return record_visible(s->viewer, enterprise) ? 0
                                                 : err_set(e, E_NOT_FOUND, "no such enterprise");
  if (s->viewer->system) return 0;
  if (viewer_may(s->viewer, right, rec_unit(enterprise, ENTERPRISE_UNIT))) return 0;
  return record_visible(s->viewer, enterprise)
             ? err_set(e, E_FORBIDDEN, "the right to take returns is missing there")
             : err_set(e, E_NOT_FOUND, "no such enterprise");
}

int submission_run(struct tx *tx, struct submission *s, struct err *e) {
  struct registry *en = &s->app->registry;
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  struct record *enterprise;
  struct prefill p;
  struct values v;
  problems_init(&s->problems, s->a);
  int r = said_before(tx, s, e);
  if (r != 0) return r < 0 ? r : 0;
  if (s->day > s->viewer->today) problem_add(&s->problems, PROBLEM_in_future, S("day"));
  r = record_load(tx, s->a, &enterprise_kind, s->viewer->op, &s->enterprise, &enterprise, e);
  if (r == -E_NOROW) return err_set(e, E_NOT_FOUND, "no such enterprise");
  if (r >= 0) r = whose(s, enterprise, e);
  if (r < 0) return r;
  if (enterprise->retired || str_is(enterprise->state, "closed"))
    problem_add(&s->problems, PROBLEM_retired, S("enterprise"));
  const struct return_form *form = pick_form(s, set, rec_unit(enterprise, ENTERPRISE_UNIT));
  if (!form || problems_any(&s->problems)) return refuse(s, e);
  r = prefill_read(tx, en, s->a, s->viewer, &s->enterprise, form, s->day, &p, e);
  if (r >= 0) r = values_fill(&v, s, form, &p, e);
  if (r >= 0) r = refuse(s, e);
  if (r < 0) return r;
  return s->dry ? 0 : write_all(tx, s, en, form, &p, &v, e);
}

static int submission_cmd_run(struct tx *tx, void *arg, struct err *e) {
  return submission_run(tx, arg, e);
}
const struct cmd_class submission_cmd = {.name = "return_submit", .run = submission_cmd_run};
