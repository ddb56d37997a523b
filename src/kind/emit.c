#include "kind/inner.h"
#include <assert.h>

/* The one place where records leave the program: whatever is masked is masked here. */

right_t title_names(const struct kind *k, int depth) {
  for (size_t f = 0; f < k->n_fields; f++) {
    const struct field *part = &k->fields[f];
    if (!(part->flags & FF_TITLE)) continue;
    if (part->flags & (FF_PERSONAL | FF_SEALED | FF_REVEAL)) return kind_right(k, VERB_NAMES);
    const struct kind *to =
        part->type == FT_REF && depth > 0 ? kind_by_name(str_from(part->ref)) : NULL;
    const right_t there = to ? title_names(to, depth - 1) : RIGHT_NONE;
    if (there != RIGHT_NONE) return there;
  }
  return RIGHT_NONE;
}

bool emit_names(const struct emit *em, const struct record *r) {
  right_t right = kind_right(r->kind, VERB_NAMES);
  if (em->masked) return false;
  if (r->kind->names_of) {
    const struct kind *of = kind_by_name(rec_text(r, field_named(r->kind, r->kind->names_of)));
    right = of ? title_names(of, TITLE_DEPTH) : RIGHT_NONE;
    if (right == RIGHT_NONE) return true;
  }
  return record_may(em->viewer, r, right);
}

bool emit_held_back(const struct emit *em, const struct record *r, size_t field) {
  return r->kind->fields[field].flags & FF_REVEAL &&
         !record_may(em->viewer, r, kind_right(r->kind, VERB_REVEAL));
}

/* A sealed field's plain text. 0; 1: its key is destroyed and nobody can read it again. */
static int open_sealed(struct emit *em, const struct record *owner, const struct field *f,
                       const struct val *v, struct str sealed, struct str *ret_plain,
                       struct err *e) {
  struct sealer *s = em->en->sealer;
  struct err own = {0};
  if (v->t == VAL_TEXT) {
    *ret_plain = v->s;
    return 0;
  }
  int r = s->ops->unseal(s, owner->op, owner->kind->no, &owner->id, f->no, sealed, em->a, ret_plain,
                         &own);
  if (r == -E_GONE) return 1;
  if (r < 0 && e) *e = own;
  return r;
}

static struct str unit_text(const struct emit *em, const struct val *v) {
  const struct unit_row *u =
      em->viewer->tree && v->t == VAL_I64 ? unit_by_no(em->viewer->tree, (int32_t)v->i) : NULL;
  return u ? u->name : S("");
}

static struct str title_of(struct emit *em, const struct record *r, int depth);

/* What a record refers to outside the reader's branch is named where its title says nothing of a
 * person and he may read such records at all: a batch's number, not a name. */
static bool title_shown(const struct emit *em, const struct record *to) {
  if (!to || record_visible(em->viewer, to)) return to;
  if (title_names(to->kind, 0) != RIGHT_NONE) return false;
  return viewer_may(em->viewer, kind_right(to->kind, VERB_READ), 0);
}

/* A value as text; the masks are as in emit_value. */
static int value_text(struct emit *em, const struct record *owner, size_t field,
                      const struct val *v, struct str sealed, bool names, int depth,
                      struct str *ret_text, enum emitted *ret_how, struct err *e) {
  const struct field *f = &owner->kind->fields[field];
  struct str text = S("");
  *ret_how = EMIT_PLAIN;
  if (v->t != VAL_NULL && emit_held_back(em, owner, field)) {
    *ret_text = text;
    *ret_how = EMIT_MASKED;
    return 0;
  }
  if (f->flags & FF_SEALED) {
    *ret_text = text;
    if (!sealed.p && v->t == VAL_NULL) return 0;
    int r = open_sealed(em, owner, f, v, sealed, &text, e);
    if (r < 0) return r;
    *ret_how = r ? EMIT_DESTROYED : EMIT_MASKED;
    if (r == 0) *ret_text = mask_text(em->a, f->mask, text);
    return 0;
  }
  if (v->t == VAL_NULL)
    ;
  else if (f->type == FT_UNIT)
    text = unit_text(em, v);
  else if (f->type == FT_REF) {
    const struct record *to = ref_get(em, kind_by_name(str_from(f->ref)), &v->u);
    if (depth > 0 && title_shown(em, to)) text = title_of(em, to, depth - 1);
  } else
    text = field_to_text(em->a, f, v, em->viewer->zone);
  if (f->flags & FF_PERSONAL && !names && v->t != VAL_NULL) {
    text = mask_text(em->a, f->mask, text.n ? text : S("****"));
    *ret_how = EMIT_MASKED;
  }
  *ret_text = text;
  return 0;
}

static struct str title_of(struct emit *em, const struct record *r, int depth) {
  struct buf b = BUF_INIT(KIB(2));
  const bool names = emit_names(em, r);
  for (size_t f = 0; f < r->kind->n_fields; f++) {
    struct str text;
    enum emitted how;
    if (!(r->kind->fields[f].flags & FF_TITLE)) continue;
    if (value_text(em, r, f, &r->v[f], r->sealed[f], names, depth, &text, &how, NULL) < 0) continue;
    if (!text.n) continue;
    if (b.n) buf_char(&b, ' ');
    buf_str_add(&b, text);
  }
  struct str title = b.n && buf_ok(&b) ? arena_dup(em->a, buf_str(&b)) : (struct str){NULL, 0};
  buf_done(&b);
  return title;
}

struct str record_title(struct emit *em, struct record *r) {
  struct err ignored; /* a title without a part is better than none */
  if (emit_prefetch(em, &r, 1, &ignored) < 0) return title_of(em, r, 0);
  return title_of(em, r, TITLE_DEPTH);
}

int emit_text(struct emit *em, struct record *r, int field, struct str *ret_text, bool *ret_masked,
              struct err *e) {
  enum emitted how;
  struct str text;
  const struct field *f = &r->kind->fields[field];
  int rc = 0;
  if (f->type == FT_REF && !rec_null(r, field) && em->tx &&
      (rc = ref_want(em, kind_by_name(str_from(f->ref)), &r->v[field].u, e)) == 0)
    rc = ref_fetch(em, e);
  if (rc < 0) return rc;
  rc = value_text(em, r, (size_t)field, &r->v[field], r->sealed[field], emit_names(em, r), 2, &text,
                  &how, e);
  if (rc < 0) return rc;
  *ret_text = text;
  *ret_masked = how != EMIT_PLAIN;
  return 0;
}

/* ---- JSON ---- */

void emit_unit_open(struct jw *w, const struct unit_row *u) {
  jw_object(w);
  jw_kuuid(w, "id", &u->id);
  jw_kstr(w, "code", u->code);
  jw_kstr(w, "name", u->name);
}

void emit_unit(struct jw *w, const struct unit_row *u) {
  if (!u) {
    jw_null(w);
    return;
  }
  emit_unit_open(w, u);
  jw_end(w);
}

static void write_unit(struct emit *em, struct jw *w, int64_t no) {
  emit_unit(w, em->viewer->tree ? unit_by_no(em->viewer->tree, (int32_t)no) : NULL);
}

static void write_ref(struct emit *em, struct jw *w, const struct field *f, const struct uuid *id) {
  jw_object(w);
  jw_kuuid(w, "id", id);
  if (em->tx) {
    const struct record *to = ref_get(em, kind_by_name(str_from(f->ref)), id);
    jw_kstr(w, "title",
            title_shown(em, to) ? title_of(em, to, TITLE_DEPTH) : (struct str){NULL, 0});
  }
  jw_end(w);
}

int emit_value(struct emit *em, struct jw *w, const struct record *owner, size_t field,
               const struct val *v, struct str sealed, bool names, enum emitted *ret_how,
               struct err *e) {
  assert(field < owner->kind->n_fields);
  const struct field *f = &owner->kind->fields[field];
  const bool masked = f->flags & FF_SEALED || (f->flags & FF_PERSONAL && !names);
  if (masked && (v->t != VAL_NULL || sealed.p)) {
    struct str text;
    int r = value_text(em, owner, field, v, sealed, names, 0, &text, ret_how, e);
    if (r < 0) return r;
    /* what is no text when plain has no masked form either: a reader of the type is not misled */
    if (f->type == FT_TAGS) {
      jw_array(w);
      jw_end(w);
    } else if (f->type == FT_DATE || field_type(f)->storage != VAL_TEXT) {
      jw_null(w);
    } else {
      jw_str(w, *ret_how == EMIT_DESTROYED ? (struct str){NULL, 0} : text);
    }
    return 0;
  }
  if (v->t != VAL_NULL && emit_held_back(em, owner, field)) {
    *ret_how = EMIT_MASKED;
    jw_null(w);
    return 0;
  }
  *ret_how = EMIT_PLAIN;
  if (v->t == VAL_NULL && f->type != FT_TAGS) /* no tags are an empty list */
    jw_null(w);
  else if (f->type == FT_REF)
    write_ref(em, w, f, &v->u);
  else if (f->type == FT_UNIT)
    write_unit(em, w, v->i);
  else
    field_to_json(w, f, v, em->viewer->zone);
  return 0;
}

static void write_moment(struct jw *w, const struct emit *em, int64_t ms) {
  char text[MOMENT_TEXT];
  moment_format(ms, em->viewer->zone ? em->viewer->zone : zone_get("UTC"), text);
  jw_strz(w, text);
}

static void write_head(struct emit *em, struct jw *w, const struct record *r) {
  jw_kuuid(w, "id", &r->id);
  jw_ki64(w, "rev", r->rev);
  jw_ki64(w, "seq", r->seq);
  if (r->state.p) {
    jw_kstr(w, "state", r->state);
  }
  jw_k(w, "created_at");
  write_moment(w, em, r->created_ms);
  jw_k(w, "updated_at");
  write_moment(w, em, r->updated_ms);
  if (r->kind->flags & KF_EVENT) return;
  jw_kbool(w, "retired", r->retired);
}

static void write_names(struct jw *w, struct str key, const struct kind *k, const enum emitted *how,
                        enum emitted which) {
  bool any = false;
  for (size_t f = 0; f < k->n_fields; f++) {
    if (how[f] != which) continue;
    if (!any) {
      jw_key(w, key);
      jw_array(w);
      any = true;
    }
    jw_strz(w, k->fields[f].name);
  }
  if (any) jw_end(w);
}

static int write_record(struct emit *em, struct jw *w, const struct record *r, struct err *e) {
  enum emitted how[LIMIT_FIELDS_PER_KIND];
  const bool names = emit_names(em, r);
  jw_object(w);
  write_head(em, w, r);
  for (size_t f = 0; f < r->kind->n_fields; f++) {
    jw_key(w, field_name(r->kind, f));
    int rc = emit_value(em, w, r, f, &r->v[f], r->sealed[f], names, &how[f], e);
    if (rc < 0) return rc;
  }
  write_names(w, S("masked"), r->kind, how, EMIT_MASKED);
  write_names(w, S("destroyed"), r->kind, how, EMIT_DESTROYED);
  if (em->more) em->more(w, r, em->more_arg);
  jw_end(w);
  return 0;
}

int emit_records(struct emit *em, struct jw *w, struct record **recs, size_t n, struct err *e) {
  int r = emit_prefetch(em, recs, n, e);
  for (size_t i = 0; i < n && r >= 0; i++) r = write_record(em, w, recs[i], e);
  if (r < 0) return r;
  if (arena_failed(em->a)) return err_set(e, E_NOMEM, "no memory for the answer");
  if (!buf_ok(w->b)) return err_set(e, E_TOO_LARGE, "the answer is too large");
  return 0;
}

int emit_record(struct emit *em, struct jw *w, struct record *r, struct err *e) {
  return emit_records(em, w, &r, 1, e);
}

/* ---- rows for a phone ---- */

bool kind_on_device(const struct kind *k) {
  for (size_t f = 0; k->flags & KF_SYNC && f < k->n_fields; f++)
    if (k->fields[f].flags & FF_DEVICE) return true;
  return false;
}

void emit_row_fields(struct jw *w, const struct kind *k) {
  jw_array(w);
  jw_strz(w, "id");
  jw_strz(w, "rev");
  if (k->states && k->states[0].value) jw_strz(w, "state");
  if (k->flags & KF_EVENT) jw_strz(w, "created_at");
  for (size_t f = 0; f < k->n_fields; f++) {
    const struct field *fd = &k->fields[f];
    if (!(fd->flags & FF_DEVICE)) continue;
    jw_strz(w, fd->name);
    if (!(fd->flags & FF_DEVICE_TITLE)) continue;
    char name[64];
    struct buf b = BUF_INIT(sizeof name);
    buf_printf(&b, "%s_title", fd->name);
    jw_str(w, buf_str(&b));
    buf_done(&b);
  }
  jw_end(w);
}

/* What is past what a browser's numbers hold exactly is text. */
static void row_int(struct jw *w, const struct field *f, int64_t v) {
  char text[24];
  struct buf b = BUF_INIT(sizeof text);
  if (f->max <= INT64_C(9007199254740991)) {
    jw_i64(w, v);
    return;
  }
  buf_i64(&b, v);
  jw_str(w, buf_str(&b));
  buf_done(&b);
}

static void row_unit(struct emit *em, struct jw *w, int64_t no) {
  const struct unit_row *u = em->viewer->tree ? unit_by_no(em->viewer->tree, (int32_t)no) : NULL;
  jw_str(w, u ? u->code : (struct str){NULL, 0});
}

static int row_value(struct emit *em, struct jw *w, const struct record *r, size_t f,
                     struct err *e) {
  const struct field *fd = &r->kind->fields[f];
  const struct val *v = &r->v[f];
  enum emitted how;
  if (v->t == VAL_NULL)
    jw_null(w);
  else if (fd->type == FT_REF || fd->type == FT_UUID)
    jw_uuid(w, &v->u);
  else if (fd->type == FT_UNIT)
    row_unit(em, w, v->i);
  else if (fd->type == FT_MOMENT)
    jw_i64(w, v->i);
  else if (fd->type == FT_INT)
    row_int(w, fd, v->i);
  else
    return emit_value(em, w, r, f, v, r->sealed[f], false, &how, e);
  return 0;
}

static int write_row(struct emit *em, struct jw *w, const struct record *r, struct err *e) {
  const struct kind *k = r->kind;
  jw_array(w);
  jw_uuid(w, &r->id);
  jw_i64(w, k->flags & KF_EVENT ? 1 : r->rev);
  if (k->states && k->states[0].value) jw_str(w, r->state);
  if (k->flags & KF_EVENT) jw_i64(w, r->created_ms);
  for (size_t f = 0; f < k->n_fields; f++) {
    const struct field *fd = &k->fields[f];
    if (!(fd->flags & FF_DEVICE)) continue;
    int rc = row_value(em, w, r, f, e);
    if (rc < 0) return rc;
    if (!(fd->flags & FF_DEVICE_TITLE)) continue;
    const struct record *to =
        rec_null(r, (int)f) ? NULL : ref_get(em, kind_by_name(str_from(fd->ref)), &r->v[f].u);
    jw_str(w, title_shown(em, to) ? title_of(em, to, TITLE_DEPTH) : (struct str){NULL, 0});
  }
  jw_end(w);
  return 0;
}

static int want_row_titles(struct emit *em, const struct record *r, struct err *e) {
  for (size_t f = 0; f < r->kind->n_fields; f++) {
    const struct field *fd = &r->kind->fields[f];
    if (!(fd->flags & FF_DEVICE_TITLE) || rec_null(r, (int)f)) continue;
    int rc = ref_want(em, kind_by_name(str_from(fd->ref)), &r->v[f].u, e);
    if (rc < 0) return rc;
  }
  return 0;
}

int emit_rows(struct emit *em, struct jw *w, struct record **recs, size_t n, struct err *e) {
  int r = 0;
  em->masked = true;
  for (size_t i = 0; i < n && r >= 0; i++) r = want_row_titles(em, recs[i], e);
  if (r >= 0) r = ref_fetch(em, e);
  for (size_t i = 0; i < n && r >= 0; i++) r = write_row(em, w, recs[i], e);
  if (r < 0) return r;
  if (arena_failed(em->a)) return err_set(e, E_NOMEM, "no memory for the answer");
  if (!buf_ok(w->b)) return err_set(e, E_TOO_LARGE, "the answer is too large");
  return 0;
}
