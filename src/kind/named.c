#include "kind/inner.h"
#include <assert.h>

/* Records by what people call them: a title, a key, a further name. */

static bool names(const struct field *f) {
  if (f->flags & (FF_SEALED | FF_REVEAL)) return false;
  if (f->flags & FF_ALIAS) return true;
  return f->flags & (FF_TITLE | FF_KEY) &&
         (f->type == FT_TEXT || f->type == FT_CREDIT_CODE || f->type == FT_UNIT_CODE);
}

bool kind_has_names(const struct kind *k) {
  for (size_t f = 0; f < k->n_fields; f++)
    if (names(&k->fields[f])) return !(k->flags & KF_EVENT);
  return false;
}

/* Who may not see a person's name finds nobody by it. */
static bool may_know(const struct viewer *v, const struct record *r) {
  if (r->retired || !record_visible(v, r)) return false;
  for (size_t f = 0; f < r->kind->n_fields; f++)
    if (names(&r->kind->fields[f]) && r->kind->fields[f].flags & FF_PERSONAL)
      return record_may(v, r, kind_right(r->kind, VERB_NAMES));
  return true;
}

/* The first half: who mistypes a name mistypes its end. */
static struct str beginning(struct str text) {
  size_t want = (str_utf8_len(text) + 1) / 2, n = 0;
  while (n < text.n && want) {
    n++;
    while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80) n++;
    want--;
  }
  return str_sub(text, 0, n);
}

/* From names of the tables alone; $1 the name, $2 a pattern, $3 the operation. */
static struct str statement(struct arena *a, const struct kind *k, bool near) {
  const struct kind_sql *ks = kind_sql(k);
  struct buf b = BUF_INIT(KIB(8));
  const char *before = "";
  buf_printf(&b, "SELECT %s FROM %s t WHERE t.retired = 0 AND (", ks->columns, ks->table);
  for (size_t f = 0; f < k->n_fields; f++) {
    const struct field *fd = &k->fields[f];
    if (!names(fd)) continue;
    if (fd->flags & FF_ALIAS)
      buf_printf(&b, "%s',' || lower(t.\"%s\") || ',' LIKE $2 ESCAPE '\\'", before, fd->name);
    else
      buf_printf(&b, near ? "%slower(t.\"%s\") LIKE $2 ESCAPE '\\'" : "%st.\"%s\" = $1", before,
                 fd->name);
    before = " OR ";
  }
  buf_printf(&b, ") AND $1 <> '' AND $2 <> ''%s ORDER BY t.id",
             k->flags & KF_GLOBAL ? "" : " AND t.op = $3");
  struct str sql = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return sql;
}

/* Before the record is read: a city has thousands of buildings called "1". */
static bool row_visible(const struct cur *cur, const struct kind_sql *ks, const struct viewer *v) {
  int32_t units[MAX_SCOPES];
  if (v->system) return true;
  for (size_t i = 0; i < ks->n_scopes; i++)
    units[i] = (int32_t)cur_i64(cur, (size_t)ks->col_field[ks->scopes[i]]);
  return units_visible(v, ks->k, units, ks->n_scopes);
}

int records_named(struct tx *tx, struct arena *a, const struct viewer *v, const struct kind *k,
                  int32_t unit, struct str name, bool near, struct record **out, size_t max,
                  size_t *ret_n, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  const struct val p[] = {
      V_TEXT(name), near ? list_like(a, "%", beginning(name), "%") : list_like(a, "%,", name, ",%"),
      V_I64(v->op)};
  _cleanup_(cur_donep) struct cur *cur = NULL;
  assert(out && max > 0 && unit >= 0);
  *ret_n = 0;
  if (!kind_has_names(k)) return 0;
  int r = cur_open_sql(tx, statement(a, k, near), p, k->flags & KF_GLOBAL ? 2 : 3, &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) > 0) {
    struct record *rec = row_visible(cur, ks, v) ? row_record(cur, ks, a) : NULL;
    if (!rec || !may_know(v, rec) || (unit && record_unit(rec) != unit)) continue;
    if (*ret_n < max) out[*ret_n] = rec;
    if (++*ret_n > max || (near && *ret_n == max)) break;
  }
  return r < 0 ? r : 0;
}
