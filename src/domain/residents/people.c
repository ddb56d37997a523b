#include "domain/residents/residents.h"

/* Residents: what the ID number says, doubles, when they count. */

static void day_value(struct arena *a, int32_t day, struct val *ret) {
  char text[DAY_TEXT];
  day_format(day, text);
  *ret = V_TEXT(arena_dup(a, str_from(text)));
}

void resident_check(const struct change *c, const struct record *old, struct record *rec,
                    struct problems *ps) {
  (void)old;
  if (!rec_null(rec, RESIDENT_BIRTH) && rec_day(rec, RESIDENT_BIRTH) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, S("birth"));
}

/* The number of one who has it is opened only where something hangs on it. */
static int id_number(struct change *c, struct record *rec, struct str *ret, struct err *e) {
  *ret = rec_text(rec, RESIDENT_CITIZEN_ID);
  if (ret->p || !rec->sealed[RESIDENT_CITIZEN_ID].p) return 0;
  struct record *copy = record_copy(c->a, rec);
  int r = record_plain(c->en->sealer, copy, RESIDENT_CITIZEN_ID, c->a, e);
  if (r >= 0) *ret = rec_text(copy, RESIDENT_CITIZEN_ID);
  return r;
}

static void warn_differs(struct problems *ps, struct str field) {
  struct problem *p = problem_warn(ps, PROBLEM_rule, field);
  p->value = S("与身份证号不符，已按身份证号登记 / differs from the ID number, which was taken");
}

/* Sex and birth are in the number (GB 11643): asked once, and the number is what counts. */
static void derive(struct change *c, struct record *rec, struct str id, struct problems *ps) {
  int32_t birth;
  bool female;
  struct val born;
  if (!id.p || !citizen_id_valid(id, &birth, &female)) return;
  const char *sex = female ? "female" : "male";
  day_value(c->a, birth, &born);
  if (c->given[RESIDENT_SEX] && !rec_null(rec, RESIDENT_SEX) && !rec_is(rec, RESIDENT_SEX, sex))
    warn_differs(ps, S("sex"));
  if (c->given[RESIDENT_BIRTH] && !rec_null(rec, RESIDENT_BIRTH) &&
      !str_eq(rec_text(rec, RESIDENT_BIRTH), born.s))
    warn_differs(ps, S("birth"));
  rec_set(rec, RESIDENT_SEX, V_TEXTZ(sex));
  rec_set(rec, RESIDENT_BIRTH, born);
}

/* One number is one person, who lives in one household; whoever has moved out may live elsewhere.
 * One phone may be a family's: nothing is said of it. */
static int look_for_double(struct tx *tx, struct change *c, struct record *rec, struct str id,
                           struct problems *ps, struct err *e) {
  struct record *found[4];
  size_t n = 0;
  if (!id.p || rec_is(rec, RESIDENT_LIVING, "moved_out")) return 0;
  int r =
      record_find(tx, c->en, c->a, &resident_kind, c->op, RESIDENT_CITIZEN_ID, id, found, 4, &n, e);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct emit em = {.tx = tx, .en = c->en, .viewer = c->viewer, .a = c->a};
    if (uuid_eq(&found[i]->id, &rec->id) || found[i]->retired ||
        rec_is(found[i], RESIDENT_LIVING, "moved_out"))
      continue;
    if (c->viewer->system || record_visible(c->viewer, found[i]))
      problem_text(ps, PROBLEM_duplicate, S("citizen_id"), (struct str){0}, (struct str){0},
                   record_title(&em, found[i]));
    else
      problem_add(ps, PROBLEM_duplicate_elsewhere, S("citizen_id"));
    return 0;
  }
  return r;
}

/* The figures count from the day of entry to the day of moving out. */
static void count_days(struct change *c, const struct record *old, struct record *rec) {
  const bool out = rec_is(rec, RESIDENT_LIVING, "moved_out");
  struct val today;
  day_value(c->a, zone_day(c->viewer->zone, c->at_ms, NULL), &today);
  if (!old) rec_set(rec, RESIDENT_SINCE, today);
  if (!out)
    rec_set(rec, RESIDENT_LEFT_ON, V_NULL);
  else if (rec_null(rec, RESIDENT_LEFT_ON))
    rec_set(rec, RESIDENT_LEFT_ON, today);
}

int resident_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  struct record *household;
  struct str id = {NULL, 0};
  int r = 0;
  if (c->verb == CHANGE_RETIRE) return 0;
  const struct uuid home = rec_uuid(rec, RESIDENT_HOUSEHOLD);
  const struct uuid was = old ? rec_uuid(old, RESIDENT_HOUSEHOLD) : (struct uuid){{0}};
  if (!old || !uuid_eq(&home, &was)) {
    r = record_load(tx, c->a, &household_kind, c->op, &home, &household, e);
    if (r < 0) return r;
    rec_set(rec, RESIDENT_COMPOUND, household->v[HOUSEHOLD_COMPOUND]);
    rec_set(rec, RESIDENT_UNIT, household->v[HOUSEHOLD_UNIT]);
  }
  count_days(c, old, rec);
  const bool numbered = c->given[RESIDENT_CITIZEN_ID];
  const bool back =
      old && (!str_eq(rec_text(old, RESIDENT_LIVING), rec_text(rec, RESIDENT_LIVING)) ||
              c->verb == CHANGE_RESTORE);
  if (!numbered && !back && !c->given[RESIDENT_SEX] && !c->given[RESIDENT_BIRTH]) return 0;
  r = id_number(c, rec, &id, e);
  if (r < 0) return r;
  derive(c, rec, id, ps);
  return numbered || back ? look_for_double(tx, c, rec, id, ps, e) : 0;
}

void resident_contribute(const struct record *r, struct contribs *out) {
  const int32_t unit = rec_unit(r, RESIDENT_UNIT);
  if (r->retired || rec_null(r, RESIDENT_SINCE)) return;
  contrib_add(out, &ind_living, unit, rec_day(r, RESIDENT_SINCE), 1);
  if (!rec_null(r, RESIDENT_LEFT_ON))
    contrib_add(out, &ind_living, unit, rec_day(r, RESIDENT_LEFT_ON), -1);
}
