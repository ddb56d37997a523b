#include "kind/inner.h"

/* Statements of lists are put together from names of the kinds' tables and from parameters: no
 * text from outside ever becomes part of them. Scope is added here and nowhere else. */

enum {
  LIMIT_ROOTS = 64,
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
  bool walks;       /* rows lie densely enough to be found by walking the ids in their order */
  const char *plus; /* before a column whose index SQLite's planner should then leave alone */
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

struct scope {
  bool all;
  int n;
  int32_t roots[LIMIT_ROOTS];
};

static void scope_of(const struct viewer *v, right_t r, struct scope *out) {
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

/* One branch by one of the scope fields, and only of some kinds of unit: what a figure counted. */
static void branch_clause(struct sql *q, const struct kind *k, const struct unit_tree *tree,
                          const struct list_query *lq) {
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  unit_path_range(unit_by_no(tree, lq->unit), low, high);
  const size_t a = param(q, V_TEXT(arena_dup(q->a, str_from(low))));
  const size_t b = param(q, V_TEXT(arena_dup(q->a, str_from(high))));
  buf_printf(&q->b, "(%st.\"%s\" IN (SELECT u.no FROM unit u WHERE u.path BETWEEN $%zu AND $%zu",
             q->plus, k->fields[lq->unit_field - 1].name, a, b);
  if (lq->unit_kinds) {
    const bool not = lq->unit_kinds[0] == '!';
    struct str rest = str_from(lq->unit_kinds + not );
    buf_printf(&q->b, " AND u.kind %sIN (", not ? "NOT " : "");
    for (bool first = true; rest.p; first = false) {
      buf_printf(&q->b, "%s$%zu", first ? "" : ", ", param(q, V_TEXT(str_split(&rest, ' '))));
    }
    buf_lit(&q->b, ")");
  }
  buf_lit(&q->b, "))");
}

/* "… IN (the units of these branches)", for each scope field. */
static void scope_clause(struct sql *q, const struct kind_sql *ks, const struct unit_tree *tree,
                         const int32_t *roots, size_t n) {
  struct buf in = BUF_INIT(KIB(4));
  if (n == 1 && !unit_has_children(tree, roots[0])) {
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
  buf_lit(&q->b, ")");
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
  const bool issued = ks->k->flags & KF_ISSUED;
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

/* The text with % and _ escaped, in lower case as far as both engines fold: ASCII. */
static struct val like(struct arena *a, const char *before, struct str text, const char *after) {
  struct buf b = BUF_INIT(KIB(16));
  buf_printf(&b, "%s", before);
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c == '%' || c == '_' || c == '\\') buf_char(&b, '\\');
    buf_char(&b, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
  }
  buf_printf(&b, "%s", after);
  struct val v = V_TEXT(arena_dup(a, buf_str(&b)));
  buf_done(&b);
  return v;
}

static void column(struct sql *q, const struct term *t) {
  if (t->f)
    buf_printf(&q->b, "t.\"%s%s\"", t->f->name, t->f->flags & FF_LOOKUP ? "_bi" : "");
  else if (t->field == LIST_STATE)
    buf_lit(&q->b, "t.state");
  else if (t->field == LIST_RETIRED)
    buf_lit(&q->b, "t.retired");
  else if (t->field == LIST_CREATED)
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
      put(q, like(q->a, "%,", v.s, ",%"));
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
    put(q, like(q->a, "%", t->v[0].s, "%"));
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
  const char *name = lf->field >= 0 ? ks->k->fields[lf->field].name : "filter";
  if (!list_may(v, ks->k, lf->field, false))
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
    if (!*pattern) *pattern = param(q, like(q->a, "%", text, "%"));
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

/* ---- order and cursors ---- */

struct order {
  const char *column; /* NULL: by id alone */
  int field;          /* of the column; -1: seq */
  enum val_type type;
  bool nulls, descending;
};

enum { CURSOR_VERSION = 1, CURSOR_HEAD = 1 + 4 + 1 + 16 };

static uint32_t fingerprint(const struct kind *k, const struct order *o) {
  struct {
    uint16_t kind, descending;
    int32_t field;
    uint32_t seq;
  } parts = {k->no, o->descending, o->field, o->column && o->field < 0};
  return (uint32_t)hash64(&parts, sizeof parts);
}

static struct str cursor_make(struct arena *a, const struct kind *k, const struct order *o,
                              const struct record *r) {
  char bytes[CURSOR_HEAD + 8 + 16];
  struct str value = {NULL, 0};
  const uint32_t print = fingerprint(k, o);
  struct val v = !o->column ? V_NULL : o->field < 0 ? V_I64(r->seq) : r->v[o->field];
  bytes[0] = CURSOR_VERSION;
  memcpy(bytes + 1, &print, sizeof print);
  bytes[5] = (char)v.t;
  memcpy(bytes + 6, r->id.b, 16);
  if (v.t == VAL_I64) value = (struct str){(const char *)&v.i, sizeof v.i};
  if (v.t == VAL_UUID) value = (struct str){(const char *)v.u.b, sizeof v.u.b};
  if (v.t == VAL_TEXT) value = v.s;
  char *whole = arena_alloc(a, CURSOR_HEAD + value.n);
  if (!whole || arena_failed(a)) return (struct str){NULL, 0};
  memcpy(whole, bytes, CURSOR_HEAD);
  if (value.n) memcpy(whole + CURSOR_HEAD, value.p, value.n);
  return b64_encode(a, (struct str){whole, CURSOR_HEAD + value.n});
}

static int cursor_read(struct arena *a, const struct kind *k, const struct order *o,
                       struct str text, struct val *ret_v, struct uuid *ret_id, struct err *e) {
  struct str bytes;
  const uint32_t print = fingerprint(k, o);
  if (text.n > KIB(8) || b64_decode(a, text, &bytes) < 0 || bytes.n < CURSOR_HEAD ||
      bytes.p[0] != CURSOR_VERSION || memcmp(bytes.p + 1, &print, sizeof print) != 0)
    return err_field(e, E_INVALID, "not a cursor of this list", "after");
  struct str value = str_sub(bytes, CURSOR_HEAD, bytes.n);
  struct val v = {.t = (enum val_type)bytes.p[5]};
  bool good = v.t == VAL_NULL ? value.n == 0 && (!o->column || o->nulls) : v.t == o->type;
  if (v.t == VAL_I64 && (good = good && value.n == sizeof v.i)) memcpy(&v.i, value.p, sizeof v.i);
  if (v.t == VAL_UUID && (good = good && value.n == 16)) memcpy(v.u.b, value.p, 16);
  if (v.t == VAL_TEXT) {
    v.s = value;
    good = good && str_utf8_valid(value);
  }
  if (!good) return err_field(e, E_INVALID, "not a cursor of this list", "after");
  memcpy(ret_id->b, bytes.p + 6, 16);
  *ret_v = v;
  return 0;
}

/* Everything that comes after (v, id) in the order. */
static void after_and(struct sql *q, const struct order *o, struct val v, struct uuid id) {
  const char *beyond = o->descending ? "<" : ">";
  if (!o->column) {
    buf_printf(&q->b, " AND t.id %s $%zu", beyond, param(q, V_UUID(id)));
    return;
  }
  const size_t at = param(q, V_UUID(id));
  if (v.t == VAL_NULL) {
    buf_printf(&q->b, " AND t.\"%s\" IS NULL AND t.id %s $%zu", o->column, beyond, at);
    return;
  }
  const size_t p = param(q, v);
  buf_printf(&q->b, " AND (t.\"%s\" %s $%zu OR (t.\"%s\" = $%zu AND t.id %s $%zu)", o->column,
             beyond, p, o->column, p, beyond, at);
  if (o->nulls) buf_printf(&q->b, " OR t.\"%s\" IS NULL", o->column);
  buf_lit(&q->b, ")");
}

static void order_by(struct sql *q, const struct order *o) {
  const char *way = o->descending ? " DESC" : "";
  buf_lit(&q->b, " ORDER BY ");
  if (o->column) buf_printf(&q->b, "t.\"%s\"%s%s, ", o->column, way, o->nulls ? " NULLS LAST" : "");
  buf_printf(&q->b, "t.id%s", way);
}

static int order_of(const struct viewer *v, const struct kind_sql *ks, const struct list_query *lq,
                    const struct scope *read, struct order *o, struct err *e) {
  const struct kind *k = ks->k;
  *o = (struct order){.field = -1, .descending = lq->descending};
  if (lq->sort >= 0) {
    const struct field *f = &k->fields[lq->sort];
    if (!list_may(v, k, lq->sort, true))
      return err_field(e, E_FORBIDDEN, "the list cannot be sorted by this field", f->name);
    *o = (struct order){f->name, lq->sort, field_type(f)->storage, true, lq->descending};
    return 0;
  }
  /* Events of one community lie in the order of their change numbers: no sorting at all. */
  const int32_t unit = lq->unit ? lq->unit : !read->all && read->n == 1 ? read->roots[0] : 0;
  if (k->flags & KF_EVENT && ks->n_scopes == 1 && unit && !unit_has_children(v->tree, unit))
    *o = (struct order){"seq", -1, VAL_I64, false, lq->descending};
  return 0;
}

/* ---- the list ---- */

static bool walks(const struct viewer *v, const struct list_query *lq, const struct scope *read,
                  const struct order *o) {
  if (o->column) return false;
  if (lq->unit) return dense(v->tree, &lq->unit, 1);
  return read->all || dense(v->tree, read->roots, (size_t)read->n);
}

/* Does a filter name a field of a unique index, which begins with the operation? */
static bool keyed(const struct kind_sql *ks, const struct list_query *lq) {
  for (size_t i = 0; i < lq->n_filters; i++)
    for (size_t u = 0; u < ks->n_uniques; u++)
      for (size_t f = 0; f < ks->uniques[u].n; f++)
        if (ks->uniques[u].fields[f] == lq->filters[i].field) return true;
  return false;
}

static int where(struct sql *q, struct registry *en, const struct viewer *v,
                 const struct kind_sql *ks, const struct list_query *lq, const struct scope *read,
                 struct err *e) {
  bool retired_asked = false;
  buf_printf(&q->b, " FROM %s t WHERE ", ks->table);
  if (ks->col_op >= 0) {
    buf_printf(&q->b, "%st.op = ", keyed(ks, lq) ? "" : q->plus);
    put(q, V_I64(v->op));
  } else {
    buf_lit(&q->b, "1 = 1");
  }
  scope_and(q, v, ks, read);
  if (lq->unit && ks->n_scopes) {
    buf_lit(&q->b, " AND ");
    if (lq->unit_field)
      branch_clause(q, ks->k, v->tree, lq);
    else
      scope_clause(q, ks, v->tree, &lq->unit, 1);
  }
  for (size_t i = 0; i < lq->n_filters; i++) {
    retired_asked = retired_asked || lq->filters[i].field == LIST_RETIRED;
    int r = filter_and(q, en, v, ks, read, &lq->filters[i], e);
    if (r < 0) return r;
  }
  if (ks->col_retired >= 0 && !lq->with_retired && !retired_asked)
    buf_lit(&q->b, " AND t.retired = 0");
  if (lq->q.n) search_and(q, v, ks, read, lq->q);
  if (lq->sort >= 0 && ks->k->fields[lq->sort].flags & FF_PERSONAL)
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

int record_list(struct tx *tx, struct arena *a, struct registry *en, const struct viewer *v,
                const struct kind *k, const struct list_query *lq, struct list_page *ret_page,
                struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  const size_t limit = lq->limit > 0 && lq->limit <= LIMIT_PAGE ? (size_t)lq->limit
                       : lq->limit > LIMIT_PAGE                 ? LIMIT_PAGE
                                                                : LIMIT_PAGE_DEFAULT;
  struct list_page page = {.total = -1};
  struct scope read;
  struct order o;
  int r;
  scope_of(v, kind_right(k, VERB_READ), &read);
  if (!read.all && read.n == 0) return err_field(e, E_FORBIDDEN, "no right to read", k->name);
  if (lq->unit && !unit_by_no(v->tree, lq->unit))
    return err_field(e, E_NOT_FOUND, "no such unit", "unit");
  if ((r = order_of(v, ks, lq, &read, &o, e)) < 0) return r;

  _cleanup_(sql_done) struct sql q = {
      .b = BUF_INIT(LIMIT_SQL_TEXT), .a = a, .walks = walks(v, lq, &read, &o), .plus = ""};
  /* PostgreSQL plans by statistics; SQLite would take the index of any column compared. */
  if (q.walks && tx_engine(tx) == ENGINE_SQLITE) q.plus = "+";
  if ((r = where(&q, en, v, ks, lq, &read, e)) < 0) return r;
  if (lq->count && (r = total(tx, &q, &page.total, e)) < 0) return r;
  if (lq->after.n) {
    struct val at;
    struct uuid id = {{0}};
    if ((r = cursor_read(a, k, &o, lq->after, &at, &id, e)) < 0) return r;
    after_and(&q, &o, at, id);
  }
  order_by(&q, &o);
  buf_lit(&q.b, " LIMIT ");
  put(&q, V_I64((int64_t)limit + 1));
  if ((r = check_sql(&q, e)) < 0) return r;

  struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  if (q.walks || (o.column && o.field < 0)) {
    buf_printf(&sql, "SELECT %s", ks->columns);
    buf_str_add(&sql, buf_str(&q.b));
  } else {
    /* What must be sorted is sorted as ids; only the page's rows are read in full. */
    struct sql again = {.b = BUF_INIT(KIB(1))};
    order_by(&again, &o);
    buf_printf(&sql, "SELECT %s FROM %s t WHERE t.id IN (SELECT t.id", ks->columns, ks->table);
    buf_str_add(&sql, buf_str(&q.b));
    buf_lit(&sql, ")");
    buf_str_add(&sql, buf_str(&again.b));
    sql_done(&again);
  }
  struct str text = arena_dup(a, buf_str(&sql));
  const bool good = buf_ok(&sql);
  buf_done(&sql);
  if (!good) return err_set(e, E_INVALID, "too many filters at once");

  page.items = arena_array(a, struct record *, limit + 1);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the list");
  _cleanup_(cur_donep) struct cur *c = NULL;
  if ((r = cur_open_sql(tx, text, q.p, q.n, &c, e)) < 0) return r;
  while (page.n <= limit && !arena_failed(a) && (r = cur_next(c, e)) > 0)
    page.items[page.n++] = row_record(c, ks, a);
  if (r < 0) return r;
  if (page.n > limit) {
    page.n = limit;
    page.next = cursor_make(a, k, &o, page.items[limit - 1]);
  }
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the list");
  *ret_page = page;
  return 0;
}
