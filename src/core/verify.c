#include "core/verify.h"
#include "core/operation.h"
#include "base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEALED_SAMPLE = 200, OPS_MAX = 256 };

void verify_wrong(struct verify *v, const char *fmt, ...) {
  char line[512];
  va_list ap;
  if (v->wrong++ >= VERIFY_SHOWN) return;
  va_start(ap, fmt);
  vsnprintf(line, sizeof line, fmt, ap);
  va_end(ap);
  buf_printf(v->out, "  %s\n", line);
}

static size_t operation_numbers(struct app *app, int64_t *out, size_t max) {
  size_t n = 0;
  OPERATIONS(app, all);
  for (; n < all->n && n < max; n++) out[n] = all->list[n].no;
  return n;
}

/* ---- references ---- */

static int check_reference(struct verify *v, const struct kind *k, const struct field *f,
                           struct err *e) {
  const bool unit = f->type == FT_UNIT;
  const char *target = unit ? "unit" : f->ref;
  const struct str count = arena_printf(v->a, "SELECT count(\"%s\") FROM \"%s\"", f->name, k->name);
  const struct str loose =
      arena_printf(v->a,
                   "SELECT t.id FROM \"%s\" AS t LEFT JOIN \"%s\" AS r ON r.%s = t.\"%s\" "
                   "WHERE t.\"%s\" IS NOT NULL AND r.id IS NULL",
                   k->name, target, unit ? "no" : "id", f->name, f->name);
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open_sql(v->tx, count, NULL, 0, &c, e);
    if (r >= 0) r = cur_next(c, e);
    if (r < 0) return r;
    v->checked += cur_i64(c, 0);
  }
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(v->tx, loose, NULL, 0, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    char id[UUID_TEXT];
    struct uuid u = cur_uuid(c, 0);
    uuid_format(&u, id);
    verify_wrong(v, "%s %s: field %s refers to a %s that is not there", k->name, id, f->name,
                 target);
  }
  return r < 0 ? r : 0;
}

static int check_references(struct verify *v, struct err *e) {
  const bool units = kind_by_name(S("unit")) != NULL;
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    for (size_t f = 0; f < k->n_fields; f++) {
      const struct field *fd = &k->fields[f];
      if (fd->type != FT_REF && !(fd->type == FT_UNIT && units)) continue;
      int r = check_reference(v, k, fd, e);
      if (r < 0) return r;
    }
  }
  return 0;
}

/* ---- the tree ---- */

static int check_tree(struct verify *v, struct err *e) {
  struct unit_tree *tree = NULL;
  int r = unit_tree_load(v->tx, &tree, e);
  if (r < 0) return r;
  const int32_t today = zone_day(zone_get("Asia/Shanghai"), clock_now_ms(&v->app->clock), NULL);
  for (size_t i = 0; i < unit_count(tree); i++) {
    const struct unit_row *u = unit_at(tree, i);
    const struct unit_row *parent = unit_by_no(tree, u->parent);
    char path[UNIT_PATH_MAX];
    int32_t up[2] = {0, 0};
    v->checked++;
    unit_path_make(parent, u->no, path);
    if (u->parent && !parent)
      verify_wrong(v, "unit " STR_FMT ": its parent %d is not there", STR_ARG(u->code),
                   (int)u->parent);
    else if (!str_is(u->path, path))
      verify_wrong(v, "unit " STR_FMT ": path " STR_FMT ", should be %s", STR_ARG(u->code),
                   STR_ARG(u->path), path);
    unit_ancestors(tree, u->no, today, up, 2);
    if (up[1] != u->parent)
      verify_wrong(v, "unit " STR_FMT ": parent %d, by its dated places %d", STR_ARG(u->code),
                   (int)u->parent, (int)up[1]);
    for (uint16_t s = 1; s < u->n_spells; s++)
      if (u->spells[s].from != u->spells[s - 1].to)
        verify_wrong(v, "unit " STR_FMT ": its dated places leave a gap or overlap",
                     STR_ARG(u->code));
  }
  unit_tree_unref(tree);
  return 0;
}

/* ---- change numbers ---- */

QUERY(q_verify_seq, "SELECT seq FROM unit_seq WHERE unit = $1");

static int check_numbers(struct verify *v, struct err *e) {
  struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  bool any = false;
  buf_lit(&sql, "SELECT u, CAST(max(s) AS BIGINT), count(*), count(DISTINCT s) FROM (");
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    int home;
    if (!kind_scope_field(k, 0, &home)) continue;
    const char *scope = k->fields[home].name;
    buf_printf(&sql, "%sSELECT \"%s\" AS u, seq AS s FROM \"%s\" WHERE \"%s\" IS NOT NULL",
               any ? " UNION ALL " : "", scope, k->name, scope);
    any = true;
  }
  buf_lit(&sql, ") AS n GROUP BY u");
  int r = buf_ok(&sql) ? 0 : err_set(e, E_BUG, "too many kinds for one statement");
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (r == 0 && any) r = cur_open_sql(v->tx, buf_str(&sql), NULL, 0, &c, e);
  while (any && r >= 0 && (r = cur_next(c, e)) == 1) {
    const int64_t unit = cur_i64(c, 0), max = cur_i64(c, 1);
    int64_t given = 0;
    v->checked += cur_i64(c, 2);
    if (cur_i64(c, 2) != cur_i64(c, 3))
      verify_wrong(v, "unit %lld: %lld change numbers are used twice", (long long)unit,
                   (long long)(cur_i64(c, 2) - cur_i64(c, 3)));
    r = tx_i64(v->tx, &q_verify_seq, P(V_I64(unit)), &given, e);
    if (r == -E_NOROW) r = 0;
    if (r == 0 && given < max)
      verify_wrong(v, "unit %lld: change number %lld stands, %lld was given last", (long long)unit,
                   (long long)max, (long long)given);
  }
  buf_done(&sql);
  return r < 0 ? r : 0;
}

/* ---- sealed values ---- */

struct opening {
  struct verify *v;
  int64_t left; /* records still to be opened of this kind and operation */
};

static int open_record(struct record *rec, void *arg, struct err *e) {
  struct opening *o = arg;
  struct verify *v = o->v;
  if (o->left-- == 0) return 1;
  for (size_t f = 0; f < rec->kind->n_fields; f++) {
    struct err why = {0};
    if (!rec->sealed[f].p) continue;
    arena_reset(v->a);
    v->checked++;
    int r = record_plain(v->app->registry.sealer, rec, (int)f, v->a, &why);
    if (r == 0 || r == -E_GONE) continue; /* a destroyed key is meant to leave noise behind */
    if (err_class(r) == ERR_ENVIRONMENT) {
      if (e) *e = why;
      return r;
    }
    char id[UUID_TEXT];
    uuid_format(&rec->id, id);
    verify_wrong(v, "%s %s: field %s does not open (%s)", rec->kind->name, id,
                 rec->kind->fields[f].name, err_name(why.code));
  }
  return 0;
}

static bool has_sealed(const struct kind *k) {
  for (size_t f = 0; f < k->n_fields; f++)
    if (k->fields[f].flags & FF_SEALED) return true;
  return false;
}

static int check_sealed(struct verify *v, struct err *e) {
  int64_t ops[OPS_MAX];
  const size_t n = operation_numbers(v->app, ops, OPS_MAX);
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    if (!has_sealed(k)) continue;
    const size_t rounds = k->flags & KF_GLOBAL ? 1 : n;
    for (size_t o = 0; o < rounds; o++) {
      struct opening op = {.v = v, .left = v->deep ? INT64_MAX : SEALED_SAMPLE};
      int r = record_each(v->tx, k, k->flags & KF_GLOBAL ? 0 : ops[o], open_record, &op, e);
      if (r < 0) return r;
    }
  }
  return 0;
}

/* ---- all of them ---- */

const struct verify_check core_checks[] = {
    {"references", "引用", "references to records and units", check_references},
    {"tree", "单位树", "the unit tree and its dated places", check_tree},
    {"numbers", "变更序号", "change numbers", check_numbers},
    {"sealed", "加密字段", "sealed values", check_sealed},
    {0}};

static int run_check(struct app *app, const struct verify_check *check, bool deep,
                     struct buf *report, int64_t *total, struct err *e) {
  struct buf found = BUF_INIT(MIB(1));
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_JOB);
  if (!a) return err_set(e, E_NOMEM, "no memory for verify");
  struct verify v = {.app = app, .a = a, .deep = deep, .out = &found};
  int r = store_read(app->store, &tx, e);
  v.tx = tx;
  if (r == 0) r = check->run(&v, e);
  if (r == 0) {
    buf_printf(report, "%-12s %s (%s): %lld checked, %lld wrong\n", check->name, check->en,
               check->zh, (long long)v.checked, (long long)v.wrong);
    buf_str_add(report, buf_str(&found));
    *total += v.wrong;
  }
  buf_done(&found);
  return r;
}

static int run_checks(struct app *app, const struct verify_check *list, bool deep,
                      struct buf *report, int64_t *total, struct err *e) {
  for (; list && list->name; list++) {
    int r = run_check(app, list, deep, report, total, e);
    if (r < 0) return r;
  }
  return 0;
}

int verify_all(struct app *app, bool deep, struct buf *report, int64_t *ret_wrong, struct err *e) {
  int64_t wrong = 0;
  int r = 0;
  for (const struct module *const *m = modules; *m && r == 0; m++)
    r = run_checks(app, (*m)->checks, deep, report, &wrong, e);
  if (r < 0) return r;
  *ret_wrong = wrong;
  return 0;
}
