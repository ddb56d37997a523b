#include "kind/list_inner.h"
#include <assert.h>

/* In what order a list may be read, where a page goes on, and what would have to be sorted. */

/* ---- which orders an index holds ---- */

/* Compared with one value, so that an index which begins with the field holds what comes after. */
static bool fixed(const struct kind *k, const struct list_query *lq, struct str name) {
  for (size_t i = 0; i < lq->n_filters; i++) {
    const struct field *f = list_filter_field(k, &lq->filters[i]);
    const struct str text = lq->filters[i].text;
    if (f && f->type != FT_MOMENT && f->type != FT_TAGS && str_is(name, f->name) &&
        !str_starts(text, S("~")) && !str_ends(text, S("null")) &&
        str_find(text, S(",")) == (size_t)-1 && str_find(text, S("..")) == (size_t)-1)
      return true;
  }
  return false;
}

/* "op, day, name, id" holds the order of names while one day is asked for. */
static bool further(const struct kind *k, const struct list_query *lq, const char *index) {
  struct str rest = str_from(index);
  const struct str by = field_name(k, (size_t)lq->sort.field);
  if (!str_is(str_split(&rest, ','), "op")) return false;
  while (rest.p) {
    const struct str name = str_trim(str_split(&rest, ','));
    if (str_eq(name, by)) return str_is(str_trim(rest), "id");
    if (!fixed(k, lq, name)) return false;
  }
  return false;
}

bool list_indexed(const struct kind *k, const struct list_query *lq) {
  if (lq->sort.what != LIST_FIELD || field_sorts_wide(&k->fields[lq->sort.field])) return true;
  for (const char *const *x = k->indexes; x && *x; x++)
    if (further(k, lq, *x)) return true;
  return false;
}

const char *field_sorts_with(const struct kind *k, size_t field) {
  for (size_t day = 0; day < k->n_fields; day++) {
    const struct list_query lq = {.filters = {{list_field((int)day), S("x")}},
                                  .n_filters = 1,
                                  .sort = list_field((int)field)};
    if (!field_sorts_wide(&k->fields[field]) && list_indexed(k, &lq)) return k->fields[day].name;
  }
  return NULL;
}

bool field_narrows(const struct kind *k, const struct field *f) {
  if (!(f->flags & (FF_FILTER | FF_LOOKUP))) return false;
  if (f->flags & (FF_LOOKUP | FF_KEY)) return true;
  if (f->type != FT_REF) return false;
  if (!(k->flags & KF_EVENT) || f->flags & FF_INDEX) return true;
  for (const char *const *x = k->indexes; x && *x; x++) {
    struct str rest = str_from(*x), first = str_split(&rest, ',');
    if (str_is(str_split(&first, ' '), f->name)) return true;
  }
  return false;
}

static bool narrowed(const struct kind *k, const struct list_query *lq) {
  for (size_t i = 0; i < lq->n_filters; i++) {
    const struct field *f = list_filter_field(k, &lq->filters[i]);
    if (f && field_narrows(k, f) && !str_ends(lq->filters[i].text, S("null"))) return true;
  }
  return false;
}

/* ---- how wide a list is ---- */

static bool several(const struct viewer *v, const int32_t *roots, size_t n) {
  int32_t first = 0;
  for (size_t i = 0; i < n; i++) {
    int32_t in = unit_ancestor_of_kind(v->tree, roots[i], v->today, "subdistrict");
    if (!in && unit_has_children(v->tree, roots[i])) return true;
    if (!in) in = roots[i];
    if (first && first != in) return true;
    first = in;
  }
  return false;
}

bool list_wide(const struct viewer *v, const struct kind *k, int32_t unit) {
  struct scope s;
  if (!kind_scoped(k)) return true;
  if (unit && !several(v, &unit, 1)) return false;
  scope_of(v, kind_right(k, VERB_READ), &s);
  return s.all || several(v, s.roots, (size_t)s.n);
}

void list_check(const struct list_query *lq, const struct viewer *v, const struct kind *k,
                struct type_ctx *c) {
  struct buf zh = BUF_INIT(KIB(4)), en = BUF_INIT(KIB(4));
  if (list_indexed(k, lq) || narrowed(k, lq) || !list_wide(v, k, lq->unit)) return;
  for (size_t i = 0; i < k->n_fields; i++) {
    if (!field_sorts_wide(&k->fields[i]) || !list_may(v, k, list_field((int)i), true)) continue;
    buf_printf(&zh, "、%s", k->fields[i].zh);
    buf_printf(&en, ", %s", k->fields[i].en);
  }
  problem_text(c->ps, PROBLEM_sort_wide, S("sort"), buf_str(&en),
               field_name(k, (size_t)lq->sort.field), buf_str(&zh));
  buf_done(&zh);
  buf_done(&en);
}

/* ---- orders and cursors ---- */

enum { CURSOR_VERSION = 1, CURSOR_HEAD = 1 + 4 + 1 + 16 };

static uint32_t fingerprint(const struct kind *k, const struct order *o) {
  struct {
    uint16_t kind, descending;
    int32_t field;
    uint32_t seq;
  } parts = {k->no, o->descending, o->field, o->column && o->field < 0};
  return (uint32_t)hash64(&parts, sizeof parts);
}

struct str cursor_make(struct arena *a, const struct kind *k, const struct order *o,
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

int cursor_read(struct arena *a, const struct kind *k, const struct order *o, struct str text,
                struct place *ret_at, struct err *e) {
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
  *ret_at = (struct place){.v = v};
  memcpy(ret_at->id.b, bytes.p + 6, 16);
  return 0;
}

int order_of(const struct viewer *v, const struct kind *k, const struct list_query *lq,
             const struct scope *read, struct order *o, struct err *e) {
  int home;
  *o = (struct order){.field = ORDER_SEQ, .descending = lq->descending};
  assert(lq->sort.what == LIST_ID || lq->sort.what == LIST_FIELD);
  if (lq->sort.what == LIST_FIELD) {
    assert(lq->sort.field >= 0 && (size_t)lq->sort.field < k->n_fields);
    const struct field *f = &k->fields[lq->sort.field];
    if (!list_may(v, k, lq->sort, true))
      return err_field(e, E_FORBIDDEN, "the list cannot be sorted by this field", f->name);
    *o = (struct order){f->name, lq->sort.field, field_type(f)->storage,
                        true,    lq->descending, list_indexed(k, lq)};
    return 0;
  }
  /* Events of one community lie in the order of their change numbers: no sorting at all. */
  const int32_t unit = lq->unit ? lq->unit : !read->all && read->n == 1 ? read->roots[0] : 0;
  if (k->flags & KF_EVENT && kind_scope_field(k, 0, &home) && !kind_scope_field(k, 1, &home) &&
      unit && !unit_has_children(v->tree, unit))
    *o = (struct order){"seq", ORDER_SEQ, VAL_I64, false, lq->descending, true};
  return 0;
}

struct str list_cursor(struct arena *a, const struct viewer *v, const struct kind *k,
                       const struct list_query *lq, const struct record *r) {
  struct scope read;
  struct order o;
  scope_of(v, kind_right(k, VERB_READ), &read);
  if (order_of(v, k, lq, &read, &o, NULL) < 0) return (struct str){NULL, 0};
  return cursor_make(a, k, &o, r);
}
