#include "api/api.h"
#include "base/limits.h"
#include "domain/units/units.h"

void unit_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps) {
  (void)c, (void)old;
  int32_t from = rec_day(rec, UNIT_VALID_FROM), to = rec_day(rec, UNIT_VALID_TO);
  if (!rec_null(rec, UNIT_VALID_FROM) && !rec_null(rec, UNIT_VALID_TO) && to < from)
    problem_add(ps, PROBLEM_dates_reversed, S("valid_to"));
}

/* ---- where a unit hangs ---- */

struct place {
  int64_t no;
  char path[UNIT_PATH_MAX];
  bool retired, merged;
};

QUERY(q_unit_place_by_code, "SELECT no, path, retired, state FROM unit WHERE code = $1");
QUERY(q_unit_place_by_no, "SELECT no, path, retired, state FROM unit WHERE no = $1");
QUERY(q_unit_next_no, "SELECT coalesce(max(no), 0) + 1 FROM unit");

static int find_place(struct tx *tx, const struct query *q, struct val key, struct place *ret,
                      struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, q, P(key), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  if (r == 0) return -E_NOROW;
  struct str path = cur_text(c, 1);
  ret->no = cur_i64(c, 0);
  if (path.n >= UNIT_PATH_MAX - 8) return err_set(e, E_BUG, "a unit's path is too long");
  memcpy(ret->path, path.p, path.n);
  ret->path[path.n] = '\0';
  ret->retired = cur_i64(c, 2) != 0;
  ret->merged = !str_is(cur_text(c, 3), "active");
  return 0;
}

static void path_below(const struct place *parent, int64_t no, char out[UNIT_PATH_MAX]) {
  struct unit_row up = {.path = str_from(parent ? parent->path : "")};
  unit_path_make(parent ? &up : NULL, (int32_t)no, out);
}

/* The parent by number or, from imports, by code: it may have come a row earlier. */
static int parent_place(struct tx *tx, const struct change *c, const struct record *rec,
                        struct place *ret, struct problems *ps, struct err *e) {
  struct str code = rec_text(rec, UNIT_PARENT_CODE);
  const bool by_no = !rec_null(rec, UNIT_PARENT);
  int r = by_no ? find_place(tx, &q_unit_place_by_no, V_I64(rec_i64(rec, UNIT_PARENT)), ret, e)
                : find_place(tx, &q_unit_place_by_code, V_TEXT(code), ret, e);
  if (r == -E_NOROW && c->key_in_file && c->key_in_file(c->file, code)) {
    *ret = (struct place){0}; /* it will be there when this row's turn comes */
    return 0;
  }
  if (r == -E_NOROW) {
    problem_text(ps, PROBLEM_not_found, by_no ? S("parent") : S("parent_code"), (struct str){0},
                 code, (struct str){0});
    return err_set(e, E_INVALID, "the parent does not exist");
  }
  if (r < 0) return r;
  if (ret->retired || ret->merged) problem_add(ps, PROBLEM_retired, S("parent"));
  return 0;
}

/* Units made a moment ago are not in the viewer's tree yet; whoever could make them may add to
 * them, so what counts is the nearest ancestor that the tree knows: it is in their path. */
static bool may_add_below(const struct change *c, const struct place *parent) {
  struct str rest = str_from(parent->path);
  int64_t no, known = 0;
  while (rest.p && rest.n)
    if (parse_i64(str_split(&rest, '/'), 1, INT32_MAX, &no) == 0 &&
        unit_by_no(c->viewer->tree, (int32_t)no))
      known = no;
  return viewer_may(c->viewer, kind_right(&unit_kind, VERB_CREATE), (int32_t)known);
}

static int create(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                  struct err *e) {
  struct place parent;
  char path[UNIT_PATH_MAX];
  int64_t no;
  const bool root = rec_null(rec, UNIT_PARENT) && rec_null(rec, UNIT_PARENT_CODE);
  int r = tx_i64(tx, &q_unit_next_no, P_NONE, &no, e);
  if (r < 0) return r;
  if (root) {
    /* one tree: a second root would stand outside every right */
    if (no != 1) problem_add(ps, PROBLEM_required, S("parent"));
    path_below(NULL, no, path);
  } else {
    r = parent_place(tx, c, rec, &parent, ps, e);
    if (r < 0) return r;
    if (!c->internal) {
      /* a parent that the file itself brings is judged in its own row */
      c->home_asked = !parent.no || may_add_below(c, &parent);
      if (!c->home_asked) problem_add(ps, PROBLEM_out_of_scope, S("parent"));
    }
    path_below(&parent, no, path);
    if (strlen(path) / 7 >= LIMIT_UNIT_DEPTH)
      problem_limit(ps, PROBLEM_too_many, S("parent"), LIMIT_UNIT_DEPTH);
    rec_set(rec, UNIT_PARENT, V_I64(parent.no));
  }
  rec_set(rec, UNIT_NO, V_I64(no));
  rec_set(rec, UNIT_PATH, V_TEXT(arena_dup(c->a, str_from(path))));
  return 0;
}

/* ---- moving ---- */

QUERY(q_branch_has_figures,
      "SELECT count(*) FROM (SELECT 1 FROM figure f JOIN unit u ON u.no = f.unit "
      "WHERE u.path BETWEEN $1 AND $2 AND f.day >= $3 LIMIT 1) AS t");
QUERY(q_branch_repath,
      "UPDATE unit SET path = CAST($3 AS TEXT) || substr(path, CAST($4 AS INTEGER)) "
      "WHERE path BETWEEN $1 AND $2");
QUERY(q_spell_end, "UPDATE unit_spell SET to_day = $2 WHERE unit = $1 AND to_day > $2 "
                   "AND from_day < $2");
QUERY(q_spell_drop, "DELETE FROM unit_spell WHERE unit = $1 AND from_day >= $2");
QUERY(q_spell_add, "INSERT INTO unit_spell (unit, from_day, to_day, parent) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT (unit, from_day) DO UPDATE SET "
                   "to_day = excluded.to_day, parent = excluded.parent");

/* What was counted stays where it was counted: a change takes effect from a day on which the
 * branch has no figures yet. */
static int no_figures_since(struct tx *tx, const char *path, int32_t day, struct problems *ps,
                            struct err *e) {
  char high[UNIT_PATH_MAX];
  struct unit_row u = {.path = str_from(path)};
  char low[UNIT_PATH_MAX];
  int64_t n = 0;
  unit_path_range(&u, low, high);
  int r = tx_i64(tx, &q_branch_has_figures, P(V_TEXTZ(low), V_TEXTZ(high), V_I64(day)), &n, e);
  if (r < 0) return r;
  if (n)
    problem_rule(ps, S("effective_on"), S("该日起已有统计数，请改用更晚的日期"),
                 S("figures exist from that day on: choose a later day"));
  return 0;
}

int unit_move(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
              struct problems *ps, struct err *e) {
  struct place parent;
  char path[UNIT_PATH_MAX];
  struct str was = rec_text(old, UNIT_PATH);
  const int32_t day = rec_day(rec, UNIT_EFFECTIVE_ON);
  int r = find_place(tx, &q_unit_place_by_no, V_I64(rec_i64(rec, UNIT_PARENT)), &parent, e);
  if (r == -E_NOROW) {
    problem_add(ps, PROBLEM_not_found, S("parent"));
    return 0;
  }
  if (r < 0) return r;
  struct str new_parent = str_from(parent.path);
  if (str_starts(new_parent, was) && (new_parent.n == was.n || new_parent.p[was.n] == '/')) {
    problem_add(ps, PROBLEM_cycle, S("parent"));
    return 0;
  }
  if (parent.retired || parent.merged) problem_add(ps, PROBLEM_retired, S("parent"));
  if (!c->internal && !viewer_may(c->viewer, right_by_name(S("unit.move")), (int32_t)parent.no))
    problem_add(ps, PROBLEM_out_of_scope, S("parent"));
  r = no_figures_since(tx, arena_strz(c->a, was), day, ps, e);
  if (r < 0 || problems_any(ps)) return r;
  path_below(&parent, rec_i64(rec, UNIT_NO), path);
  rec_set(rec, UNIT_PATH, V_TEXT(arena_dup(c->a, str_from(path))));
  const struct unit_row from = {.path = was};
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  unit_path_range(&from, low, high);
  const int64_t no = rec_i64(rec, UNIT_NO);
  r = tx_exec(tx, &q_branch_repath,
              P(V_TEXTZ(low), V_TEXTZ(high), V_TEXTZ(path), V_I64((int64_t)was.n + 1)), NULL, e);
  if (r >= 0) r = tx_exec(tx, &q_spell_drop, P(V_I64(no), V_I64(day)), NULL, e);
  if (r >= 0) r = tx_exec(tx, &q_spell_end, P(V_I64(no), V_I64(day)), NULL, e);
  if (r >= 0)
    r = tx_exec(tx, &q_spell_add, P(V_I64(no), V_I64(day), V_I64(INT32_MAX), V_I64(parent.no)),
                NULL, e);
  return r;
}

int unit_merge(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  (void)old;
  struct place into;
  int r = find_place(tx, &q_unit_place_by_no, V_I64(rec_i64(rec, UNIT_MERGED_INTO)), &into, e);
  if (r == -E_NOROW) {
    problem_add(ps, PROBLEM_not_found, S("merged_into"));
    return 0;
  }
  if (r < 0) return r;
  if (into.no == rec_i64(rec, UNIT_NO)) problem_add(ps, PROBLEM_cycle, S("merged_into"));
  if (into.retired || into.merged) problem_add(ps, PROBLEM_retired, S("merged_into"));
  if (!c->internal && !viewer_may(c->viewer, right_by_name(S("unit.move")), (int32_t)into.no))
    problem_add(ps, PROBLEM_out_of_scope, S("merged_into"));
  rec_set(rec, UNIT_VALID_TO, rec->v[UNIT_EFFECTIVE_ON]);
  return 0;
}

int unit_reopen(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                struct problems *ps, struct err *e) {
  (void)tx, (void)c, (void)old, (void)ps, (void)e;
  rec_set(rec, UNIT_MERGED_INTO, V_NULL);
  rec_set(rec, UNIT_VALID_TO, V_NULL);
  return 0;
}

int unit_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  return old ? 0 : create(tx, c, rec, ps, e);
}

int unit_applied(struct tx *tx, struct change *c, const struct record *old,
                 const struct record *rec, struct err *e) {
  (void)c;
  if (old) return 0;
  return tx_exec(tx, &q_spell_add,
                 P(V_I64(rec_i64(rec, UNIT_NO)), V_I64(-1000000), V_I64(INT32_MAX),
                   V_I64(rec_i64(rec, UNIT_PARENT))),
                 NULL, e);
}
