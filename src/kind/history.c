#include "kind/inner.h"
#include <assert.h>

QUERY(history_put, "INSERT INTO history (kind, id, rev, op, unit, at_ms, actor, action, reason, "
                   "changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
QUERY(history_rows, "SELECT rev, at_ms, actor, action, reason, changes FROM history "
                    "WHERE kind = $1 AND id = $2 ORDER BY rev DESC LIMIT $3");

enum { HISTORY_ROWS = 500 };

/* ---- stored forms: {"<field number>": [old, new], "state": [old, new]} ---- */

static void stored(struct jw *w, struct arena *a, const struct record *r, size_t f) {
  if (!r) {
    jw_null(w);
    return;
  }
  if (r->kind->fields[f].flags & FF_SEALED) {
    jw_str(w, r->sealed[f].p ? b64_encode(a, r->sealed[f]) : (struct str){NULL, 0});
    return;
  }
  const struct val *v = &r->v[f];
  switch (v->t) {
  case VAL_NULL:
  case VAL_F64:
    jw_null(w);
    break;
  case VAL_I64:
    jw_i64(w, v->i);
    break;
  case VAL_TEXT:
    jw_str(w, v->s);
    break;
  case VAL_BLOB:
    jw_str(w, b64_encode(a, v->s));
    break;
  case VAL_UUID:
    jw_uuid(w, &v->u);
    break;
  }
}

static bool field_same(const struct record *old, const struct record *rec, size_t f) {
  if (rec->kind->fields[f].flags & FF_SEALED)
    return old ? str_eq(old->sealed[f], rec->sealed[f]) : !rec->sealed[f].p;
  return old ? val_same(&old->v[f], &rec->v[f]) : rec->v[f].t == VAL_NULL;
}

static void write_changes(struct jw *w, struct arena *a, const struct record *old,
                          const struct record *rec) {
  jw_object(w);
  for (size_t f = 0; f < rec->kind->n_fields; f++) {
    if (field_same(old, rec, f)) continue;
    char key[8];
    struct buf b = BUF_INIT(sizeof key);
    buf_i64(&b, rec->kind->fields[f].no);
    jw_key(w, buf_str(&b));
    buf_done(&b);
    jw_array(w);
    stored(w, a, old, f);
    stored(w, a, rec, f);
    jw_end(w);
  }
  if (rec->state.p && !(old && str_eq(old->state, rec->state))) {
    jw_karray(w, "state");
    jw_str(w, old ? old->state : (struct str){NULL, 0});
    jw_str(w, rec->state);
    jw_end(w);
  }
  jw_end(w);
}

int history_add(struct tx *tx, struct change *c, const struct record *old, const struct record *rec,
                struct str action, struct err *e) {
  assert(action.n && rec->rev == (old ? old->rev + 1 : 1));
  struct buf b = BUF_INIT(MIB(1));
  struct jw w;
  jw_init(&w, &b);
  write_changes(&w, c->a, old, rec);
  int r = jw_ok(&w) ? 0 : err_set(e, E_TOO_LARGE, "a change is too large for the history");
  if (r == 0)
    r = tx_exec_later(tx, &history_put,
                      P(V_I64(c->kind->no), V_UUID(rec->id), V_I64(rec->rev), V_I64(rec->op),
                        V_I64(seq_unit(c->viewer, rec)), V_I64(c->at_ms), V_UUID(c->viewer->user),
                        V_TEXT(action), c->reason.n ? V_TEXT(c->reason) : V_NULL,
                        V_TEXT(buf_str(&b))),
                      false, e);
  buf_done(&b);
  return r;
}

/* ---- and out again ---- */

struct entry {
  int64_t rev, at_ms;
  struct uuid actor;
  struct str action, reason;
  json_t *changes;
};

static size_t field_of(const struct kind *k, const char *no) {
  int64_t n;
  if (parse_i64(str_from(no), 1, UINT16_MAX, &n) < 0) return SIZE_MAX;
  for (size_t f = 0; f < k->n_fields; f++)
    if (k->fields[f].no == n) return f;
  return SIZE_MAX; /* a field that is no more */
}

static void from_stored(struct arena *a, const struct field *f, const json_t *j, struct val *ret_v,
                        struct str *ret_sealed) {
  *ret_v = V_NULL;
  *ret_sealed = (struct str){NULL, 0};
  if (f->flags & FF_SEALED) {
    if (json_is_string(j) && b64_decode(a, json_str(j), ret_sealed) < 0)
      *ret_sealed = (struct str){NULL, 0};
    return;
  }
  struct uuid u;
  const enum val_type storage = field_type(f)->storage;
  if (storage == VAL_I64 && json_is_integer(j))
    *ret_v = V_I64(json_integer_value(j));
  else if (storage == VAL_UUID && json_is_string(j) && uuid_parse(json_str(j), &u) == 0)
    *ret_v = V_UUID(u);
  else if (storage == VAL_TEXT && json_is_string(j))
    *ret_v = V_TEXT(json_str(j));
}

QUERY(history_one, "SELECT changes FROM history WHERE kind = $1 AND id = $2 AND rev = $3");

int history_before(struct tx *tx, struct registry *en, struct arena *a, const struct kind *k,
                   int64_t op, const struct uuid *id, int64_t rev, struct val *v, bool *given,
                   struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &history_one, P(V_I64(k->no), V_UUID(*id), V_I64(rev)), &c, e);
  if (r < 0 || (r = cur_next(c, e)) < 0) return r;
  if (r == 0) return err_field(e, E_NOT_FOUND, "no such version", k->name);
  struct str text = cur_text(c, 0);
  json_t *changes = json_loadb(text.p, text.n, 0, NULL);
  if (!changes) return err_field(e, E_BUG, "the history cannot be read", k->name);
  r = 0;
  const char *no;
  json_t *pair;
  json_object_foreach(changes, no, pair) {
    const size_t f = field_of(k, no);
    struct str sealed, plain;
    if (f == SIZE_MAX || r < 0) continue;
    from_stored(a, &k->fields[f], json_array_get(pair, 0), &v[f], &sealed);
    /* the text lies in jansson's memory until it is copied */
    if (v[f].t == VAL_TEXT) v[f].s = arena_dup(a, v[f].s);
    if (sealed.p) {
      r = en->sealer->ops->unseal(en->sealer, k->flags & KF_GLOBAL ? 0 : op, k->no, id,
                                  k->fields[f].no, sealed, a, &plain, e);
      if (r >= 0) v[f] = V_TEXT(plain);
    }
    given[f] = true;
  }
  json_decref(changes);
  return r;
}

static int write_pair(struct emit *em, struct jw *w, const struct record *r, size_t f,
                      const json_t *pair, bool names, struct err *e) {
  static const char *const keys[] = {"old", "new"};
  jw_object(w);
  for (size_t i = 0; i < 2; i++) {
    struct val v;
    struct str sealed;
    enum emitted how;
    from_stored(em->a, &r->kind->fields[f], json_array_get(pair, i), &v, &sealed);
    jw_key(w, str_from(keys[i]));
    int rc = emit_value(em, w, r, f, &v, sealed, names, &how, e);
    if (rc < 0) return rc;
  }
  jw_end(w);
  return 0;
}

/* Where a field is for few, the words said with the actions would tell what it holds. */
static bool words_held_back(const struct emit *em, const struct record *r) {
  for (size_t f = 0; f < r->kind->n_fields; f++)
    if (emit_held_back(em, r, f)) return true;
  return false;
}

static int write_entry(struct emit *em, struct jw *w, const struct record *r, struct entry *h,
                       bool names, struct err *e) {
  char text[MOMENT_TEXT];
  const struct kind *account = kind_by_name(S("account"));
  const struct record *who = account ? ref_get(em, account, &h->actor) : NULL;
  struct record *mine = who ? record_copy(em->a, who) : NULL;
  int rc = 0;
  jw_object(w);
  jw_ki64(w, "rev", h->rev);
  jw_k(w, "at");
  moment_format(h->at_ms, em->viewer->zone ? em->viewer->zone : zone_get("UTC"), text);
  jw_strz(w, text);
  jw_kobject(w, "actor");
  jw_kuuid(w, "id", &h->actor);
  jw_k(w, "name");
  if (uuid_is_nil(&h->actor))
    jw_strz(w, "system");
  else
    jw_str(w, mine ? record_title(em, mine) : (struct str){NULL, 0});
  jw_end(w);
  jw_kstr(w, "action", h->action);
  if (h->reason.p && !words_held_back(em, r)) {
    jw_kstr(w, "reason", h->reason);
  }
  jw_kobject(w, "changes");
  for (void *it = json_object_iter(h->changes); it && rc >= 0;
       it = json_object_iter_next(h->changes, it)) {
    const char *key = json_object_iter_key(it);
    const json_t *pair = json_object_iter_value(it);
    const size_t f = field_of(r->kind, key);
    if (strcmp(key, "state") == 0) {
      jw_kobject(w, "state");
      jw_kstr(w, "old", json_str(json_array_get(pair, 0)));
      jw_kstr(w, "new", json_str(json_array_get(pair, 1)));
      jw_end(w);
    } else if (f != SIZE_MAX) {
      jw_key(w, field_name(r->kind, f));
      rc = write_pair(em, w, r, f, pair, names, e);
    }
  }
  if (rc < 0) return rc;
  jw_end(w);
  jw_end(w);
  return 0;
}

static int want(struct emit *em, const struct kind *k, const struct entry *h, struct err *e) {
  const struct kind *account = kind_by_name(S("account"));
  int r = account && !uuid_is_nil(&h->actor) ? ref_want(em, account, &h->actor, e) : 0;
  for (void *it = json_object_iter(h->changes); it && r >= 0;
       it = json_object_iter_next(h->changes, it)) {
    const size_t f = field_of(k, json_object_iter_key(it));
    if (f == SIZE_MAX || k->fields[f].type != FT_REF) continue;
    for (size_t i = 0; i < 2 && r >= 0; i++) {
      struct val v;
      struct str sealed;
      from_stored(em->a, &k->fields[f], json_array_get(json_object_iter_value(it), i), &v, &sealed);
      if (v.t == VAL_UUID) r = ref_want(em, kind_by_name(str_from(k->fields[f].ref)), &v.u, e);
    }
  }
  return r;
}

static int read_entries(struct emit *em, const struct kind *k, const struct uuid *id,
                        struct entry *out, size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(em->tx, &history_rows, P(V_I64(k->no), V_UUID(*id), V_I64(HISTORY_ROWS)), &c, e);
  if (r < 0) return r;
  size_t n = 0;
  while (n < HISTORY_ROWS && (r = cur_next(c, e)) > 0) {
    struct entry *h = &out[n++];
    *h = (struct entry){.rev = cur_i64(c, 0),
                        .at_ms = cur_i64(c, 1),
                        .actor = cur_uuid(c, 2),
                        .action = arena_dup(em->a, cur_text(c, 3)),
                        .reason = arena_dup(em->a, cur_text(c, 4))};
    struct str changes = cur_text(c, 5);
    if ((r = json_read(em->a, changes.p ? changes : S("{}"), &h->changes, e)) < 0) break;
  }
  if (r < 0) return r;
  *ret_n = n;
  return 0;
}

int history_write(struct emit *em, struct jw *w, const struct kind *k, const struct uuid *id,
                  struct err *e) {
  struct record *rec;
  size_t n = 0;
  int r = record_get(em->tx, em->a, em->viewer, k, id, &rec, e);
  if (r < 0) return r;
  struct entry *list = arena_array(em->a, struct entry, HISTORY_ROWS);
  if (!list) return err_set(e, E_NOMEM, "no memory for the history");
  if ((r = read_entries(em, k, id, list, &n, e)) < 0) return r;
  for (size_t i = 0; i < n && r >= 0; i++) r = want(em, k, &list[i], e);
  if (r < 0 || (r = ref_fetch(em, e)) < 0) return r;
  const bool names = emit_names(em, rec);
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; i < n && r >= 0; i++) r = write_entry(em, w, rec, &list[i], names, e);
  if (r < 0) return r;
  jw_end(w);
  jw_end(w);
  if (arena_failed(em->a)) return err_set(e, E_NOMEM, "no memory for the history");
  return buf_ok(w->b) ? 0 : err_set(e, E_TOO_LARGE, "the history is too long for one answer");
}
