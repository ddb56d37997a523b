#include "kind/list_inner.h"
#include <assert.h>

/* Statements of lists are put together from names of the kinds' tables and from parameters: no
 * text from outside ever becomes part of them. Scope is added here and nowhere else. */

enum {
  ROOTS_AS_PATHS = 12,
  /* From this part of the tree on (1 in so many units) a list in the order of ids is found sooner
   * by walking the ids than by gathering the branch and sorting it. */
  WALK_FROM = 256,
};

struct sql {
  struct buf b;
  struct arena *a;
  struct val p[LIMIT_PARAMS];
  size_t n;
  bool full;
  /* Before columns whose index SQLite's planner should leave alone: the places, and the operation.
   */
  const char *plus, *plus_op;
  const char *each; /* " IS TRUE" after a place: PostgreSQL asks row by row, and joins no units */
};

static void sql_done(struct sql *q) {
  buf_done(&q->b);
}

static size_t param(struct sql *q, struct val v) {
  if (q->n == LIMIT_PARAMS) {
    q->full = true;
    return q->n;
  }
  q->p[q->n] = v;
  return ++q->n;
}

static void put(struct sql *q, struct val v) {
  buf_printf(&q->b, "$%zu", param(q, v));
}

/* ---- scope ---- */

void scope_of(const struct viewer *v, right_t r, struct scope *out) {
  int n = viewer_scope(v, r, out->roots, LIMIT_ROOTS);
  out->all = n == SCOPE_ALL;
  out->n = n > 0 ? n : 0;
}

static bool scope_same(const struct scope *a, const struct scope *b) {
  if (a->all || b->all) return a->all == b->all;
  return a->n == b->n && memcmp(a->roots, b->roots, (size_t)a->n * sizeof a->roots[0]) == 0;
}

static bool dense(const struct unit_tree *tree, const int32_t *roots, size_t n) {
  size_t units = 0;
  for (size_t i = 0; i < n; i++) {
    const struct unit_row *u = unit_by_no(tree, roots[i]);
    if (u) units += (size_t)(u->last - u->first + 1);
  }
  return units * WALK_FROM >= unit_count(tree);
}

static bool whole(const struct unit_tree *tree, int32_t root) {
  const struct unit_row *u = unit_by_no(tree, root);
  return u && (size_t)(u->last - u->first + 1) == unit_count(tree);
}

/* "… IN (the units of these branches)", for each scope field. */
static void scope_clause(struct sql *q, const struct kind_sql *ks, const struct unit_tree *tree,
                         const int32_t *roots, size_t n) {
  struct buf in = BUF_INIT(KIB(4));
  if (n == 1 && whole(tree, roots[0])) {
    buf_lit(&in, "IS NOT NULL");
  } else if (n == 1 && !unit_has_children(tree, roots[0])) {
    buf_printf(&in, "= $%zu", param(q, V_I64(roots[0])));
  } else if (n <= ROOTS_AS_PATHS) {
    buf_lit(&in, "IN (SELECT u.no FROM unit u WHERE ");
    for (size_t i = 0; i < n; i++) {
      char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
      unit_path_range(unit_by_no(tree, roots[i]), low, high);
      const size_t a = param(q, V_TEXT(arena_dup(q->a, str_from(low))));
      const size_t b = param(q, V_TEXT(arena_dup(q->a, str_from(high))));
      buf_printf(&in, "%su.path BETWEEN $%zu AND $%zu", i ? " OR " : "", a, b);
    }
    buf_lit(&in, ")");
  } else {
    /* Many grants: their numbers, which are ours, stand in the text instead of parameters. */
    buf_lit(&in, "IN (SELECT u.no FROM unit r JOIN unit u ON u.path BETWEEN r.path AND "
                 "r.path || '/~' WHERE r.no IN (");
    for (size_t i = 0; i < n; i++) buf_printf(&in, "%s%d", i ? "," : "", (int)roots[i]);
    buf_lit(&in, "))");
  }
  buf_lit(&q->b, "(");
  for (size_t i = 0; i < ks->n_scopes; i++) {
    buf_printf(&q->b, "%s%st.\"%s\" ", i ? " OR " : "", q->plus, ks->k->fields[ks->scopes[i]].name);
    buf_str_add(&q->b, buf_str(&in));
  }
  buf_printf(&q->b, ")%s", q->each);
  if (!buf_ok(&in)) q->full = true;
  buf_done(&in);
}

/* Also what was issued above these branches: their numbers, which are ours, stand in the text. */
static void above_clause(struct sql *q, const struct kind_sql *ks, const struct unit_tree *tree,
                         const struct scope *s) {
  bool first = true;
  for (int i = 0; i < s->n; i++) {
    const struct unit_row *u = unit_by_no(tree, s->roots[i]);
    for (int depth = 0; u && u->parent && depth < LIMIT_UNIT_DEPTH; depth++) {
      u = unit_by_no(tree, u->parent);
      if (!u) break;
      if (first)
        buf_printf(&q->b, " OR %st.\"%s\" IN (", q->plus, ks->k->fields[ks->scopes[0]].name);
      buf_printf(&q->b, first ? "%d" : ",%d", (int)u->no);
      first = false;
    }
  }
  if (!first) buf_lit(&q->b, ")");
}

static void scope_and(struct sql *q, const struct viewer *v, const struct kind_sql *ks,
                      const struct scope *s) {
  if (s->all || (ks->n_scopes == 0 && s->n > 0)) return;
  buf_lit(&q->b, " AND ");
  if (s->n == 0) {
    buf_lit(&q->b, "1 = 0");
    return;
  }
  const bool issued = ks->k->flags & KF_INHERITED_DOWN;
  if (issued) buf_lit(&q->b, "(");
  scope_clause(q, ks, v->tree, s->roots, (size_t)s->n);
  if (issued) {
    above_clause(q, ks, v->tree, s);
    buf_lit(&q->b, ")");
  }
}

/* What a reader may not see he may not ask for: where a filter or an order tells of masked values,
 * only records whose values he may see are listed. */
static void right_and(struct sql *q, const struct viewer *v, const struct kind_sql *ks,
                      const struct scope *read, right_t right) {
  struct scope s;
  scope_of(v, right, &s);
  if (!scope_same(&s, read)) scope_and(q, v, ks, &s);
}

/* ---- filters ---- */

static void column(struct sql *q, const struct term *t) {
  if (t->f)
    buf_printf(&q->b, "t.\"%s%s\"", t->f->name, t->f->flags & FF_LOOKUP ? "_bi" : "");
  else if (t->what == LIST_STATE)
    buf_lit(&q->b, "t.state");
  else if (t->what == LIST_RETIRED)
    buf_lit(&q->b, "t.retired");
  else if (t->what == LIST_CREATED)
    buf_lit(&q->b, "t.created_ms");
  else
    buf_lit(&q->b, "t.id");
}

static int term_in(struct sql *q, struct registry *en, int64_t op, const struct term *t,
                   struct err *e) {
  const bool tags = t->f && t->f->type == FT_TAGS;
  buf_lit(&q->b, "(");
  for (size_t i = 0; i < t->n; i++) {
    struct val v = t->v[i];
    if (i) buf_lit(&q->b, " OR ");
    if (t->f && t->f->flags & FF_LOOKUP) {
      uint8_t *blind = arena_alloc(q->a, 16);
      int r = en->sealer->ops->blind(en->sealer, op, t->k->no, t->f->no, v.s, blind, e);
      if (r < 0) return r;
      v = V_BLOB(((struct str){(const char *)blind, 16}));
    }
    if (tags) {
      buf_lit(&q->b, "(',' || lower(");
      column(q, t);
      buf_lit(&q->b, ") || ',') LIKE ");
      put(q, list_like(q->a, "%,", v.s, ",%"));
      buf_lit(&q->b, " ESCAPE '\\'");
    } else {
      column(q, t);
      buf_lit(&q->b, " = ");
      put(q, v);
    }
  }
  buf_lit(&q->b, ")");
  return 0;
}

static int term_and(struct sql *q, struct registry *en, int64_t op, const struct term *t,
                    struct err *e) {
  buf_lit(&q->b, " AND ");
  switch (t->op) {
  case TERM_IN:
    return term_in(q, en, op, t, e);
  case TERM_NULL:
    column(q, t);
    buf_lit(&q->b, " IS NULL");
    break;
  case TERM_RANGE:
    if (t->has_lo) {
      column(q, t);
      buf_lit(&q->b, " >= ");
      put(q, t->v[0]);
    }
    if (t->has_lo && t->has_hi) buf_lit(&q->b, " AND ");
    if (t->has_hi) {
      column(q, t);
      buf_lit(&q->b, " <= ");
      put(q, t->v[1]);
    }
    if (!t->has_lo && !t->has_hi) {
      column(q, t);
      buf_lit(&q->b, " IS NOT NULL");
    }
    break;
  case TERM_CONTAINS:
    buf_lit(&q->b, "lower(");
    column(q, t);
    buf_lit(&q->b, ") LIKE ");
    put(q, list_like(q->a, "%", t->v[0].s, "%"));
    buf_lit(&q->b, " ESCAPE '\\'");
    break;
  }
  return 0;
}

static int filter_and(struct sql *q, struct registry *en, const struct viewer *v,
                      const struct kind_sql *ks, const struct scope *read,
                      const struct list_filter *lf, struct err *e) {
  struct problems ps;
  struct term *t = arena_new(q->a, struct term);
  problems_init(&ps, q->a);
  struct type_ctx c = {.a = q->a, .tree = v->tree, .zone = v->zone, .today = v->today, .ps = &ps};
  const struct field *by = list_filter_field(ks->k, lf);
  const char *name = by ? by->name : "filter";
  if (!list_may(v, ks->k, lf->by, false))
    return err_field(e, E_FORBIDDEN, "the list cannot be filtered by this field", name);
  if (!term_parse(t, ks->k, lf, str_from(name), &c))
    return err_field(e, E_INVALID, "not a filter for this field", name);
  if (t->f && t->f->flags & (FF_SEALED | FF_REVEAL))
    right_and(q, v, ks, read, kind_right(ks->k, VERB_REVEAL));
  else if (t->f && t->f->flags & FF_PERSONAL)
    right_and(q, v, ks, read, kind_right(ks->k, VERB_NAMES));
  return term_and(q, en, ks->col_op >= 0 ? v->op : 0, t, e);
}

/* One half of a search: the fields that anybody may read, or those with names in them. */
static void search_fields(struct sql *q, const struct kind *k, bool personal, size_t *pattern,
                          struct str text) {
  for (size_t f = 0; f < k->n_fields; f++) {
    const uint32_t flags = k->fields[f].flags;
    if (!(flags & FF_SEARCH) || (flags & FF_PERSONAL) / FF_PERSONAL != personal) continue;
    if (!*pattern) *pattern = param(q, list_like(q->a, "%", text, "%"));
    buf_printf(&q->b, " OR lower(t.\"%s\") LIKE $%zu ESCAPE '\\'", k->fields[f].name, *pattern);
  }
}

/* A kind without searchable fields finds nothing, rather than everything. */
static void search_and(struct sql *q, const struct viewer *v, const struct kind_sql *ks,
                       const struct scope *read, struct str text) {
  struct scope names;
  size_t pattern = 0;
  scope_of(v, kind_right(ks->k, VERB_NAMES), &names);
  buf_lit(&q->b, " AND (1 = 0");
  search_fields(q, ks->k, false, &pattern, text);
  if (names.all || names.n > 0) {
    buf_lit(&q->b, " OR ((1 = 0");
    search_fields(q, ks->k, true, &pattern, text);
    buf_lit(&q->b, ")");
    if (!scope_same(&names, read)) scope_and(q, v, ks, &names);
    buf_lit(&q->b, ")");
  }
  buf_lit(&q->b, ")");
}

/* ---- whose work it is ---- */

/* The units of the grant's branch but those below which somebody has the role nearer by: whoever
 * has the whole city has not the whole city's work. */
static void nearest_role(struct sql *q, const struct viewer *v, const struct unit_row *u,
                         const char *role) {
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  unit_path_range(u, low, high);
  const size_t a = param(q, V_TEXT(arena_dup(q->a, str_from(low))));
  const size_t b = param(q, V_TEXT(arena_dup(q->a, str_from(high))));
  const size_t day = param(q, day_val(q->a, v->today));
  buf_printf(&q->b,
             "IN (SELECT u.no FROM unit u WHERE u.path BETWEEN $%zu AND $%zu AND u.no NOT IN "
             "(SELECT x.no FROM role_grant g JOIN unit n ON n.no = g.unit AND n.path > $%zu AND "
             "n.path <= $%zu JOIN unit x ON x.path BETWEEN n.path AND n.path || '/~' "
             "WHERE g.role = $%zu AND " GRANT_IN_FORCE("$%zu", "$%zu") " AND x.no IS NOT NULL))",
             a, b, a, b, param(q, V_TEXTZ(role)), day, day, param(q, V_I64(v->op)));
}

static void state_in(struct sql *q, const char *before, const char *states) {
  struct str rest = str_from(states);
  for (bool first = true; rest.p; first = false) {
    const struct str state = str_split(&rest, ' ');
    buf_printf(&q->b, "%s'" STR_FMT "'%s", first ? before : ", ", STR_ARG(state),
               rest.p ? "" : ")");
  }
}

/* Named, and still there: what was given to one who has left is the role's again. */
static void nobody_named(struct sql *q, const struct kind *k) {
  const struct owner *o = k->owner;
  const struct kind *person = kind_by_name(str_from(k->fields[field_named(k, o->responder)].ref));
  buf_printf(&q->b,
             " AND (t.\"%s\" IS NULL OR NOT EXISTS (SELECT 1 FROM %s p WHERE p.id = t.\"%s\" "
             "AND p.retired = 0",
             o->responder, kind_sql(person)->table, o->responder);
  if (person->states) buf_printf(&q->b, " AND p.state = '%s'", person->states[0].value);
  buf_lit(&q->b, ")");
  if (o->checks) state_in(q, " OR t.state IN (", o->checks);
  buf_lit(&q->b, ")");
}

static void mine_and(struct sql *q, const struct viewer *v, const struct kind *k) {
  const struct owner *o = k->owner;
  const right_t may = kind_right(k, VERB_UPDATE);
  buf_lit(&q->b, " AND (1 = 0");
  if (o->responder && !uuid_is_nil(&v->responder)) {
    buf_printf(&q->b, " OR t.\"%s\" = ", o->responder);
    put(q, V_UUID(v->responder));
    if (o->checks) state_in(q, " AND t.state NOT IN (", o->checks);
  }
  for (size_t i = 0; o->unit && i < v->n_grants; i++) {
    const struct viewer_grant *g = &v->grants[i];
    const struct unit_row *u = unit_by_no(v->tree, g->unit);
    if (!u || (o->role ? !g->role || strcmp(g->role, o->role) != 0 : !right_has(&g->rights, may)))
      continue;
    buf_printf(&q->b, " OR (t.\"%s\" ", o->unit);
    if (o->role)
      nearest_role(q, v, u, o->role);
    else
      buf_printf(&q->b, "= %d", (int)g->unit);
    if (o->responder) nobody_named(q, k);
    buf_lit(&q->b, ")");
  }
  buf_lit(&q->b, ")");
}

static void open_and(struct sql *q, const struct viewer *v, const struct kind *k) {
  if (k->owner->states) {
    state_in(q, " AND (t.state IN (", k->owner->states);
    if (k->owner->checks) state_in(q, " OR t.state IN (", k->owner->checks);
    buf_lit(&q->b, ")");
  }
  if (!k->owner->until) return;
  buf_printf(&q->b, " AND t.\"%s\" > ", k->owner->until);
  put(q, V_I64(v->now_ms));
}

/* ---- order ---- */

/* The rows of a page with a value in the order's column, behind the last one seen, or those without
 * one. Both are ranges of an index where there is one, also a page far down. */
static void part_and(struct sql *q, const struct order *o, const struct place *at, bool nulls) {
  const char *beyond = o->descending ? "<" : ">";
  if (o->nulls) buf_printf(&q->b, " AND t.\"%s\" IS %s", o->column, nulls ? "NULL" : "NOT NULL");
  if (!at) return;
  if (!o->column || nulls) {
    buf_printf(&q->b, " AND t.id %s ", beyond);
  } else {
    buf_printf(&q->b, " AND (t.\"%s\", t.id) %s (", o->column, beyond);
    put(q, at->v);
    buf_lit(&q->b, ", ");
  }
  put(q, V_UUID(at->id));
  if (o->column && !nulls) buf_lit(&q->b, ")");
}

static void order_by(struct sql *q, const struct order *o) {
  const char *way = o->descending ? " DESC" : "";
  buf_lit(&q->b, " ORDER BY ");
  if (o->column) buf_printf(&q->b, "t.\"%s\"%s, ", o->column, way);
  buf_printf(&q->b, "t.id%s", way);
}

/* ---- the list ---- */

/* Do the rows lie densely enough to be found by walking the ids, or an index, in their order? */
static bool walks(const struct viewer *v, const struct list_query *lq, const struct scope *read,
                  const struct order *o) {
  if (lq->mine || (o->column && !o->indexed)) return false;
  if (lq->unit) return dense(v->tree, &lq->unit, 1);
  return read->all || dense(v->tree, read->roots, (size_t)read->n);
}

/* Does a filter name a field of a unique index, which begins with the operation? */
static bool keyed(const struct kind_sql *ks, const struct list_query *lq) {
  for (size_t i = 0; i < lq->n_filters; i++)
    for (size_t u = 0; u < ks->n_uniques; u++)
      for (size_t f = 0; f < ks->uniques[u].n; f++)
        if (lq->filters[i].by.what == LIST_FIELD &&
            ks->uniques[u].fields[f] == lq->filters[i].by.field)
          return true;
  return false;
}

static int where(struct sql *q, struct registry *en, const struct viewer *v,
                 const struct kind_sql *ks, const struct list_query *lq, const struct scope *read,
                 struct err *e) {
  bool retired_asked = false;
  buf_printf(&q->b, " FROM %s t WHERE ", ks->table);
  if (ks->col_op >= 0) {
    buf_printf(&q->b, "%st.op = ", keyed(ks, lq) ? "" : q->plus_op);
    put(q, V_I64(v->op));
  } else {
    buf_lit(&q->b, "1 = 1");
  }
  scope_and(q, v, ks, read);
  if (lq->unit && ks->n_scopes) {
    buf_lit(&q->b, " AND ");
    scope_clause(q, ks, v->tree, &lq->unit, 1);
  }
  for (size_t i = 0; i < lq->n_filters; i++) {
    retired_asked = retired_asked || lq->filters[i].by.what == LIST_RETIRED;
    int r = filter_and(q, en, v, ks, read, &lq->filters[i], e);
    if (r < 0) return r;
  }
  if (lq->mine) mine_and(q, v, ks->k);
  if (lq->open) open_and(q, v, ks->k);
  if (ks->col_retired >= 0 && !lq->with_retired && !retired_asked)
    buf_printf(&q->b, " AND %st.retired = 0", q->plus); /* nor partial ones, without the id */
  if (lq->q.n) search_and(q, v, ks, read, lq->q);
  if (lq->sort.what == LIST_FIELD && ks->k->fields[lq->sort.field].flags & FF_PERSONAL)
    right_and(q, v, ks, read, kind_right(ks->k, VERB_NAMES));
  return 0;
}

static int check_sql(const struct sql *q, struct err *e) {
  if (q->full || !buf_ok(&q->b)) return err_set(e, E_INVALID, "too many filters at once");
  return arena_failed(q->a) ? err_set(e, E_NOMEM, "no memory for the list") : 0;
}

static int total(struct tx *tx, struct sql *q, int64_t *ret_total, struct err *e) {
  struct str rest = buf_str(&q->b);
  struct buf b = BUF_INIT(LIMIT_SQL_TEXT);
  _cleanup_(cur_donep) struct cur *c = NULL;
  buf_lit(&b, "SELECT count(*)");
  buf_str_add(&b, rest);
  int r = buf_ok(&b) ? check_sql(q, e) : err_set(e, E_INVALID, "too many filters at once");
  if (r == 0) r = cur_open_sql(tx, buf_str(&b), q->p, q->n, &c, e);
  if (r == 0 && (r = cur_next(c, e)) > 0) {
    *ret_total = cur_i64(c, 0);
    r = 0;
  }
  buf_done(&b);
  return r;
}

/* What both parts of a page, and its total, share. */
struct asked {
  struct sql q;
  struct scope read;
  struct order o;
  bool walks;
};

static void asked_done(struct asked *k) {
  buf_done(&k->q.b);
}

static int ask(struct asked *s, struct arena *a, enum engine engine, struct registry *en,
               const struct viewer *v, const struct kind *k, const struct list_query *lq,
               struct err *e) {
  *s = (struct asked){
      .q = {.b = BUF_INIT(LIMIT_SQL_TEXT), .a = a, .plus = "", .plus_op = "", .each = ""}};
  scope_of(v, kind_right(k, VERB_READ), &s->read);
  if (!s->read.all && s->read.n == 0) return err_field(e, E_FORBIDDEN, "no right to read", k->name);
  assert(k->owner || !(lq->mine || lq->open));
  if (lq->unit && !unit_by_no(v->tree, lq->unit))
    return err_field(e, E_NOT_FOUND, "no such unit", "unit");
  int r = order_of(v, k, lq, &s->read, &s->o, e);
  if (r < 0) return r;
  s->walks = walks(v, lq, &s->read, &s->o);
  /* PostgreSQL plans by statistics; SQLite would take the index of any column compared. An order's
   * index begins with the operation. */
  if (s->walks && engine == ENGINE_SQLITE) s->q.plus = "+";
  if (!s->o.column) s->q.plus_op = s->q.plus;
  if (s->walks && s->o.column && engine == ENGINE_POSTGRES) s->q.each = " IS TRUE";
  return where(&s->q, en, v, kind_sql(k), lq, &s->read, e);
}

int list_statement(struct arena *a, enum engine engine, struct registry *en, const struct viewer *v,
                   const struct kind *k, const struct list_query *lq, bool nulls, size_t limit,
                   struct list_statement *ret, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  _cleanup_(asked_done) struct asked s;
  struct place at;
  *ret = (struct list_statement){.n = 0};
  int r = ask(&s, a, engine, en, v, k, lq, e);
  if (r >= 0 && lq->after.n) r = cursor_read(a, k, &s.o, lq->after, &at, e);
  if (r < 0) return r;
  const bool past = lq->after.n && s.o.nulls && at.v.t == VAL_NULL;
  if (past && !nulls) return 0; /* the page before ended among those without a value */
  part_and(&s.q, &s.o, lq->after.n && past == nulls ? &at : NULL, nulls);
  order_by(&s.q, &s.o);
  buf_lit(&s.q.b, " LIMIT ");
  put(&s.q, V_I64((int64_t)limit));
  if ((r = check_sql(&s.q, e)) < 0) return r;

  struct sql whole = {.b = BUF_INIT(LIMIT_SQL_TEXT)};
  buf_printf(&whole.b, "SELECT %s", ks->columns);
  if (s.walks || (s.o.column && s.o.field == ORDER_SEQ)) {
    buf_str_add(&whole.b, buf_str(&s.q.b));
  } else {
    /* What must be sorted is sorted as ids; only the page's rows are read in full. */
    buf_printf(&whole.b, " FROM %s t WHERE t.id IN (SELECT t.id", ks->table);
    buf_str_add(&whole.b, buf_str(&s.q.b));
    buf_lit(&whole.b, ")");
    order_by(&whole, &s.o);
  }
  ret->text = arena_dup(a, buf_str(&whole.b));
  const bool good = buf_ok(&whole.b);
  sql_done(&whole);
  if (!good) return err_set(e, E_INVALID, "too many filters at once");
  ret->p = arena_array(a, struct val, s.q.n);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the list");
  ret->n = s.q.n;
  memcpy(ret->p, s.q.p, s.q.n * sizeof *ret->p);
  return 0;
}

static int read_part(struct tx *tx, struct arena *a, const struct kind_sql *ks,
                     const struct list_statement *st, size_t most, struct list_page *page,
                     struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(tx, st->text, st->p, st->n, &c, e);
  while (r >= 0 && page->n < most && !arena_failed(a) && (r = cur_next(c, e)) > 0)
    page->items[page->n++] = row_record(c, ks, a);
  return r;
}

int record_list(struct tx *tx, struct arena *a, struct registry *en, const struct viewer *v,
                const struct kind *k, const struct list_query *lq, struct list_page *ret_page,
                struct err *e) {
  const size_t limit = lq->limit > 0 && lq->limit <= LIMIT_PAGE ? (size_t)lq->limit
                       : lq->limit > LIMIT_PAGE                 ? LIMIT_PAGE
                                                                : LIMIT_PAGE_DEFAULT;
  struct list_page page = {.total = -1};
  _cleanup_(asked_done) struct asked s;
  int r = ask(&s, a, tx_engine(tx), en, v, k, lq, e);
  if (r >= 0 && lq->count) r = total(tx, &s.q, &page.total, e);
  if (r < 0) return r;
  page.items = arena_array(a, struct record *, limit + 1);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the list");
  for (int nulls = 0; nulls <= s.o.nulls && page.n <= limit; nulls++) {
    struct list_statement st;
    r = list_statement(a, tx_engine(tx), en, v, k, lq, nulls, limit + 1 - page.n, &st, e);
    if (r >= 0 && st.text.p) r = read_part(tx, a, kind_sql(k), &st, limit + 1, &page, e);
    if (r < 0) return r;
  }
  if (page.n > limit) {
    page.n = limit;
    page.next = cursor_make(a, k, &s.o, page.items[limit - 1]);
  }
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the list");
  *ret_page = page;
  return 0;
}
