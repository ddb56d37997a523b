#include "domain/residents/residents.h"
#include "domain/rosters/rosters.h"

/* Compounds, buildings, households and building heads: their rules. */

static const struct str communities[] = {STR_INIT("community"), STR_INIT("compound")};

/* What hangs on it goes before it does. */
static int refuse_in_use(struct tx *tx, const struct change *c, const struct query *q,
                         const char *what_zh, const char *what_en, struct problems *ps,
                         struct err *e) {
  int64_t n = 0;
  int r = tx_i64(tx, q, P(V_UUID(c->id)), &n, e);
  if (r >= 0 && n)
    problem_text(ps, PROBLEM_in_use, S(""), (struct str){0}, (struct str){0},
                 arena_printf(ps->a, "%lld %s / %s", (long long)n, what_zh, what_en));
  return r;
}

/* ---- compounds ---- */

void compound_check(const struct change *c, const struct record *old, struct record *rec,
                    struct problems *ps) {
  if (old || rec_null(rec, COMPOUND_UNIT)) return;
  const struct unit_row *u = unit_by_no(c->viewer->tree, rec_unit(rec, COMPOUND_UNIT));
  for (size_t i = 0; u && i < ARRAY_LEN(communities); i++)
    if (str_eq(u->kind, communities[i])) return;
  problem_text(ps, PROBLEM_rule, S("unit"), (struct str){0},
               S("小区须属于一个社区（村） / a compound belongs to a community"), (struct str){0});
}

QUERY(q_next_estate, "SELECT coalesce(max(estate), 0) + 1 FROM compound WHERE op = $1");
QUERY(q_buildings_of, "SELECT count(*) FROM building WHERE compound = $1 AND retired = 0");

int compound_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  int64_t estate;
  if (c->verb == CHANGE_RETIRE)
    return refuse_in_use(tx, c, &q_buildings_of, "栋楼", "buildings", ps, e);
  if (old) return 0;
  int r = tx_i64(tx, &q_next_estate, P(V_I64(c->op)), &estate, e);
  if (r >= 0) rec_set(rec, COMPOUND_ESTATE, V_I64(estate));
  return r;
}

/* ---- buildings ---- */

QUERY(q_households_of, "SELECT count(*) FROM household WHERE building = $1 AND retired = 0");
QUERY(q_lone_building, "SELECT count(*) FROM building WHERE op = $1 AND unit = $2 AND code = $3 "
                       "AND compound IS NULL AND retired = 0 AND id <> $4");

static int building_place(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                          struct err *e) {
  struct record *compound;
  if (rec_null(rec, BUILDING_COMPOUND)) {
    if (rec_null(rec, BUILDING_UNIT)) problem_add(ps, PROBLEM_required, S("unit"));
    return 0;
  }
  const struct uuid id = rec_uuid(rec, BUILDING_COMPOUND);
  int r = record_load(tx, c->a, &compound_kind, c->op, &id, &compound, e);
  if (r < 0) return r;
  const int32_t unit = rec_unit(compound, COMPOUND_UNIT);
  if (!rec_null(rec, BUILDING_UNIT) && rec_unit(rec, BUILDING_UNIT) != unit)
    problem_text(ps, PROBLEM_rule, S("unit"), (struct str){0},
                 S("与小区所在社区不同 / is not the compound's community"), (struct str){0});
  rec_set(rec, BUILDING_UNIT, V_I64(unit));
  return 0;
}

int building_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  int64_t n = 0;
  if (c->verb == CHANGE_RETIRE)
    return refuse_in_use(tx, c, &q_households_of, "户", "households", ps, e);
  int r = old ? 0 : building_place(tx, c, rec, ps, e);
  if (r < 0 || problems_any(ps)) return r;
  rec_set(rec, BUILDING_CODE, V_TEXT(place_normal(c->a, rec_text(rec, BUILDING_NAME))));
  if (!rec_null(rec, BUILDING_COMPOUND)) return 0;
  /* within a compound the unique index says it */
  r = tx_i64(tx, &q_lone_building,
             P(V_I64(c->op), rec->v[BUILDING_UNIT], rec->v[BUILDING_CODE], V_UUID(rec->id)), &n, e);
  if (r >= 0 && n)
    problem_text(ps, PROBLEM_duplicate, S("name"), (struct str){0}, (struct str){0},
                 rec_text(rec, BUILDING_NAME));
  return r;
}

QUERY(q_household_ids, "SELECT id FROM household WHERE building = $1 AND retired = 0 ORDER BY id");

/* A renamed building renames its households: their apply hook makes the code anew. */
int building_applied(struct tx *tx, struct change *c, const struct record *old,
                     const struct record *rec, struct err *e) {
  struct uuid *ids = NULL;
  size_t n = 0, cap = 0;
  if (!old || str_eq(rec_text(old, BUILDING_CODE), rec_text(rec, BUILDING_CODE))) return 0;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, &q_household_ids, P(V_UUID(rec->id)), &cur, e);
    while (r >= 0 && (r = cur_next(cur, e)) == 1) {
      if (n == cap) {
        struct uuid *more = arena_array(c->a, struct uuid, cap ? cap * 2 : 64);
        if (arena_failed(c->a)) return err_set(e, E_NOMEM, "no memory for the households");
        if (n) memcpy(more, ids, n * sizeof *ids);
        ids = more;
        cap = cap ? cap * 2 : 64;
      }
      ids[n++] = cur_uuid(cur, 0);
    }
    if (r < 0) return r;
  }
  for (size_t i = 0; i < n; i++) {
    struct change *in = change_make(c->a, c->en, c->viewer, &household_kind, CHANGE_UPDATE);
    in->id = ids[i];
    int r = change_within(tx, c, in, e);
    if (r < 0) return r;
  }
  return 0;
}

/* ---- households ---- */

static void normal_field(struct record *rec, int field, struct problems *ps) {
  if (rec_null(rec, field)) return;
  struct str s = place_normal(ps->a, rec_text(rec, field));
  rec_set(rec, field, s.n ? V_TEXT(s) : V_NULL);
}

void household_check(const struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps) {
  (void)c, (void)old;
  normal_field(rec, HOUSEHOLD_STAIRWELL, ps);
  normal_field(rec, HOUSEHOLD_DOOR, ps);
}

QUERY(q_residents_of, "SELECT count(*) FROM resident WHERE household = $1 AND retired = 0");

static struct val day_of_change(const struct change *c) {
  char text[DAY_TEXT];
  day_format(zone_day(c->viewer->zone, c->at_ms, NULL), text);
  return V_TEXT(arena_dup(c->a, str_from(text)));
}

int household_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                    struct problems *ps, struct err *e) {
  struct record *building;
  if (c->verb == CHANGE_RETIRE)
    return refuse_in_use(tx, c, &q_residents_of, "位居民", "residents", ps, e);
  const struct uuid id = rec_uuid(rec, HOUSEHOLD_BUILDING);
  int r = record_load(tx, c->a, &building_kind, c->op, &id, &building, e);
  if (r < 0) return r;
  if (!old) {
    rec_set(rec, HOUSEHOLD_COMPOUND, building->v[BUILDING_COMPOUND]);
    rec_set(rec, HOUSEHOLD_UNIT, building->v[BUILDING_UNIT]);
    rec_set(rec, HOUSEHOLD_SINCE, day_of_change(c));
  }
  rec_set(
      rec, HOUSEHOLD_CODE,
      V_TEXT(household_code(c->a, rec_text(building, BUILDING_CODE),
                            rec_text(rec, HOUSEHOLD_STAIRWELL), rec_text(rec, HOUSEHOLD_DOOR))));
  return 0;
}

void household_contribute(const struct record *r, struct contribs *out) {
  if (r->retired || rec_null(r, HOUSEHOLD_SINCE)) return;
  contrib_add(out, &ind_households, rec_unit(r, HOUSEHOLD_UNIT), rec_day(r, HOUSEHOLD_SINCE), 1);
}

/* ---- building heads ---- */

void head_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps) {
  (void)c, (void)old;
  normal_field(rec, HEAD_STAIRWELL, ps);
  if (!rec_null(rec, HEAD_STARTS) && !rec_null(rec, HEAD_ENDS) &&
      rec_day(rec, HEAD_ENDS) < rec_day(rec, HEAD_STARTS))
    problem_add(ps, PROBLEM_dates_reversed, S("ends"));
  const bool phone = !rec_null(rec, HEAD_PHONE) || rec->sealed[HEAD_PHONE].p;
  if (rec_null(rec, HEAD_RESPONDER) == rec_null(rec, HEAD_NAME))
    problem_text(ps, PROBLEM_rule, S("responder"), (struct str){0},
                 S("下沉人员和姓名须填其中一项 / either a responder or a name"), (struct str){0});
  else if (!rec_null(rec, HEAD_NAME) && !phone)
    problem_add(ps, PROBLEM_required, S("phone"));
}

QUERY(q_head_same_side,
      "SELECT id, starts, ends FROM building_head WHERE op = $1 AND building = $2 AND retired = 0 "
      "AND id <> $3 AND coalesce(stairwell, '') = $4 AND side = $5 "
      "AND (ends IS NULL OR ends >= $6) AND starts <= $7 ORDER BY starts LIMIT 2");
QUERY(q_head_overlap,
      "SELECT starts, ends FROM building_head WHERE op = $1 AND building = $2 AND retired = 0 "
      "AND id <> $3 AND coalesce(stairwell, '') = $4 AND (ends IS NULL OR ends >= $5) "
      "AND starts <= $6 AND (responder = $7 OR (responder IS NULL AND name = $8)) LIMIT 1");

static struct str term_text(struct arena *a, struct cur *cur, size_t starts) {
  const struct str to = cur_null(cur, starts + 1) ? S("…") : cur_text(cur, starts + 1);
  return arena_printf(a, STR_FMT " – " STR_FMT, STR_ARG(cur_text(cur, starts)), STR_ARG(to));
}

static int same_side(struct tx *tx, const struct change *c, const struct record *rec,
                     struct cur **ret_cur, struct err *e) {
  const struct val none = V_TEXTZ(""), open_end = V_TEXTZ("9999-12-31");
  return cur_open(tx, &q_head_same_side,
                  P(V_I64(c->op), rec->v[HEAD_BUILDING], V_UUID(rec->id),
                    rec_null(rec, HEAD_STAIRWELL) ? none : rec->v[HEAD_STAIRWELL],
                    rec->v[HEAD_SIDE], rec->v[HEAD_STARTS],
                    rec_null(rec, HEAD_ENDS) ? open_end : rec->v[HEAD_ENDS]),
                  ret_cur, e);
}

/* Whom an appointment follows: the one of the same side who is in office without an end and began
 * before. Any other overlap would give a side two heads. */
static bool follows(const struct record *old, const struct record *rec, struct cur *cur) {
  int32_t began;
  return !old && rec_null(rec, HEAD_ENDS) && cur_null(cur, 2) &&
         day_parse(cur_text(cur, 1), &began) == 0 && began < rec_day(rec, HEAD_STARTS);
}

static int one_per_side(struct tx *tx, const struct change *c, const struct record *old,
                        const struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (rec_null(rec, HEAD_SIDE)) return 0;
  int r = same_side(tx, c, rec, &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1)
    if (!follows(old, rec, cur)) {
      const struct str term = term_text(ps->a, cur, 1);
      problem_text(ps, PROBLEM_rule, S("starts"), (struct str){0},
                   arena_printf(ps->a,
                                "同一方已有楼长：" STR_FMT
                                " / this side has a head already: " STR_FMT,
                                STR_ARG(term), STR_ARG(term)),
                   (struct str){0});
      return 0;
    }
  return r < 0 ? r : 0;
}

/* The term of the one before ends with the day before. */
int head_applied(struct tx *tx, struct change *c, const struct record *old,
                 const struct record *rec, struct err *e) {
  struct uuid before;
  char text[DAY_TEXT];
  if (old || rec_null(rec, HEAD_SIDE)) return 0;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = same_side(tx, c, rec, &cur, e);
    if (r >= 0) r = cur_next(cur, e);
    if (r <= 0) return r;
    before = cur_uuid(cur, 0);
  }
  struct change *in = change_make(c->a, c->en, c->viewer, &building_head_kind, CHANGE_UPDATE);
  in->id = before;
  day_format(rec_day(rec, HEAD_STARTS) - 1, text);
  change_set(in, HEAD_ENDS, V_TEXT(arena_dup(c->a, str_from(text))));
  return change_within(tx, c, in, e);
}

int head_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  struct record *building;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (c->verb == CHANGE_RETIRE) return 0;
  const struct uuid id = rec_uuid(rec, HEAD_BUILDING);
  int r = old ? 0 : record_load(tx, c->a, &building_kind, c->op, &id, &building, e);
  if (r < 0) return r;
  if (!old) rec_set(rec, HEAD_UNIT, building->v[BUILDING_UNIT]);
  const struct val open_end = V_TEXTZ("9999-12-31");
  const struct val stairwell = rec_null(rec, HEAD_STAIRWELL) ? V_TEXTZ("") : rec->v[HEAD_STAIRWELL];
  r = cur_open(tx, &q_head_overlap,
               P(V_I64(c->op), V_UUID(id), V_UUID(rec->id), stairwell, rec->v[HEAD_STARTS],
                 rec_null(rec, HEAD_ENDS) ? open_end : rec->v[HEAD_ENDS], rec->v[HEAD_RESPONDER],
                 rec->v[HEAD_NAME]),
               &cur, e);
  if (r < 0 || (r = cur_next(cur, e)) < 0) return r;
  if (r == 1) {
    problem_text(ps, PROBLEM_term_overlap, S("starts"), (struct str){0}, (struct str){0},
                 term_text(ps->a, cur, 0));
    return 0;
  }
  return one_per_side(tx, c, old, rec, ps, e);
}
