#include "domain/enterprises/enterprises.h"
#include "domain/rosters/rosters.h"

/* Guidance, who answers for what, gaps. */

static struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, (struct str){text, 10}));
}

static void in_order(const struct record *r, int from, int to, struct problems *ps) {
  if (!rec_null(r, from) && !rec_null(r, to) && rec_day(r, to) < rec_day(r, from))
    problem_add(ps, PROBLEM_dates_reversed, str_from(r->kind->fields[to].name));
}

static void not_in_future(const struct change *c, const struct record *r, int field,
                          struct problems *ps) {
  if (!rec_null(r, field) && rec_day(r, field) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, str_from(r->kind->fields[field].name));
}

/* ---- guidance ---- */

int guidance_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  not_in_future(c, rec, GUIDANCE_DAY, ps);
  if (!old && rec_null(rec, GUIDANCE_BY) && !uuid_is_nil(&c->viewer->responder))
    rec_set(rec, GUIDANCE_BY, V_UUID(c->viewer->responder));
  return of_enterprise_apply(tx, c, old, rec, ps, e);
}

int guidance_applied(struct tx *tx, struct change *c, const struct record *old,
                     const struct record *rec, struct err *e) {
  struct record *enterprise;
  const struct uuid id = rec_uuid(rec, GUIDANCE_ENTERPRISE);
  if (old) return 0;
  int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
  if (r < 0 || !rec_null(enterprise, ENTERPRISE_GUIDED_ON)) return r;
  struct change *in = change_make(c->a, c->en, c->viewer, &enterprise_kind, CHANGE_UPDATE);
  in->id = id;
  change_set(in, ENTERPRISE_GUIDED_ON, rec->v[GUIDANCE_DAY]);
  change_set(in, ENTERPRISE_EFFECTIVE_ON, rec->v[GUIDANCE_DAY]);
  return change_within(tx, c, in, e);
}

/* ---- responsibilities and gaps ---- */

void duty_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps) {
  (void)c, (void)old;
  in_order(rec, DUTY_FROM, DUTY_TO, ps);
}

/* Whose part it is on a day is read from the dates: without a first one it begins today. */
int duty_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  if (!old && rec_null(rec, DUTY_FROM) &&
      (rec_null(rec, DUTY_TO) || rec_day(rec, DUTY_TO) >= c->viewer->today))
    rec_set(rec, DUTY_FROM, day_val(c->a, c->viewer->today));
  return of_enterprise_apply(tx, c, old, rec, ps, e);
}

void gap_check(const struct change *c, const struct record *old, struct record *rec,
               struct problems *ps) {
  (void)old;
  in_order(rec, GAP_FOUND_ON, GAP_DUE_ON, ps);
  in_order(rec, GAP_FOUND_ON, GAP_FIXED_ON, ps);
  not_in_future(c, rec, GAP_FOUND_ON, ps);
  not_in_future(c, rec, GAP_FIXED_ON, ps);
  if (rec_is(rec, GAP_KIND, "unregistered") && rec_null(rec, GAP_NAME) &&
      rec_null(rec, GAP_ENTERPRISE))
    problem_add(ps, PROBLEM_required, S("found_name"));
}

/* A gap of this kind is closed by the enterprise standing on the register. What is found at an
 * enterprise is found in its building. */
int gap_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
              struct problems *ps, struct err *e) {
  if (!old && rec_null(rec, GAP_BUILDING) && !rec_null(rec, GAP_ENTERPRISE)) {
    struct record *enterprise;
    const struct uuid id = rec_uuid(rec, GAP_ENTERPRISE);
    int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
    if (r < 0) return r == -E_NOROW ? 0 : r;
    rec_set(rec, GAP_BUILDING, enterprise->v[ENTERPRISE_BUILDING]);
  }
  if (str_is(rec->state, "fixed") && rec_is(rec, GAP_KIND, "unregistered") &&
      rec_null(rec, GAP_ENTERPRISE))
    problem_add(ps, PROBLEM_required, S("enterprise"));
  return 0;
}
