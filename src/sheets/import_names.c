#include "sheets/import_inner.h"

/* What a cell refers to, by the name that people write: read on the import's own thread, so that
 * the writer is not kept from others; the row's transaction asks again whether it still stands. */

enum { NAMED = 5 };

static struct str titles(struct emit *em, struct record **recs, size_t n, bool more) {
  struct str list = S("");
  for (size_t i = 0; i < n; i++) {
    const struct unit_row *u = unit_by_no(em->viewer->tree, record_unit(recs[i]));
    const struct str title = record_title(em, recs[i]);
    list = arena_printf(em->a, STR_FMT "%s" STR_FMT, STR_ARG(list), i ? "、" : "", STR_ARG(title));
    if (u) list = arena_printf(em->a, STR_FMT "（" STR_FMT "）", STR_ARG(list), STR_ARG(u->name));
  }
  return more ? arena_printf(em->a, STR_FMT "……", STR_ARG(list)) : list;
}

/* The row's own unit, as far as its cells say; 0: they do not. */
static int32_t row_unit(const struct run_row *r) {
  int home;
  if (r->r.unit) return r->r.unit;
  if (!kind_scope_field(r->rn->o->kind, 0, &home) || !r->r.given[home]) return 0;
  return (int32_t)r->r.values[home].i;
}

static int look(struct run_row *r, const struct field *f, struct str text, struct uuid *ret_id,
                struct err *e) {
  struct record *recs[NAMED];
  const int32_t unit = row_unit(r);
  const struct kind *k = kind_by_name(str_from(f->ref));
  const struct str name = str_from(f->name);
  size_t n;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int x = store_read(r->r.app->store, &tx, e);
  /* of several that are called so, those at the row's own unit are meant */
  if (x >= 0) x = records_named(tx, r->r.a, r->r.viewer, k, unit, text, false, recs, NAMED, &n, e);
  if (x >= 0 && unit && !n)
    x = records_named(tx, r->r.a, r->r.viewer, k, 0, text, false, recs, NAMED, &n, e);
  if (x < 0) return x;
  struct emit em = {.tx = tx, .en = &r->r.app->registry, .viewer = r->r.viewer, .a = r->r.a};
  if (n == 1) {
    *ret_id = recs[0]->id;
    return 0;
  }
  if (n > 1) {
    const size_t shown = n < NAMED ? n : NAMED;
    problem_text(&r->r.problems, PROBLEM_several, name, (struct str){0}, text,
                 titles(&em, recs, shown, n > NAMED));
    return 0;
  }
  x = records_named(tx, r->r.a, r->r.viewer, k, 0, text, true, recs, NAMED, &n, e);
  if (x < 0) return x;
  problem_text(&r->r.problems, n ? PROBLEM_not_found_near : PROBLEM_not_found, name,
               (struct str){0}, text, titles(&em, recs, n, false));
  return 0;
}

struct str import_ref_text(struct run_row *r, const struct field *f, struct str text) {
  const struct kind *k = kind_by_name(str_from(f->ref));
  char out[UUID_TEXT];
  struct uuid id = {{0}};
  struct err e = {0};
  if (!text.n || uuid_parse(text, &id) == 0 || !kind_has_names(k)) return text;
  const struct str key = arena_printf(r->r.a, "%d|" STR_FMT, (int)row_unit(r), STR_ARG(text));
  const uint64_t hash = import_hash(key) ^ ((uint64_t)k->no << 48);
  const struct import_slot *known = import_slot(&r->rn->named, hash);
  if (known && known->hash) {
    id = known->id;
  } else {
    int x = look(r, f, text, &id, &e);
    if (x >= 0 && !uuid_is_nil(&id)) x = import_key_add(r->rn->a, &r->rn->named, hash, 0, &id, &e);
    if (x < 0)
      problem_rule(&r->r.problems, str_from(f->name), str_from(err_text(e.code, true)),
                   str_from(err_text(e.code, false)));
    if (x < 0 || uuid_is_nil(&id)) return (struct str){NULL, 0};
  }
  uuid_format(&id, out);
  return arena_dup(r->r.a, str_from(out));
}
