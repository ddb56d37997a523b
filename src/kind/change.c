#include "kind/inner.h"
#include <assert.h>

struct change *change_make(struct arena *a, struct registry *en, const struct viewer *v,
                           const struct kind *k, enum change_verb verb) {
  assert(en && v && k && verb <= CHANGE_UNMERGE);
  struct change *c = arena_new(a, struct change);
  c->en = en;
  c->viewer = v;
  c->a = a;
  c->kind = k;
  c->verb = verb;
  c->op = k->flags & KF_GLOBAL ? 0 : v->op;
  c->if_rev = -1;
  c->at_ms = clock_now_ms(en->clock);
  c->source = "api";
  c->v = arena_array(a, struct val, k->n_fields);
  c->given = arena_array(a, bool, k->n_fields);
  c->sealed = arena_array(a, struct str, k->n_fields);
  c->blind = arena_alloc_array(a, sizeof *c->blind, k->n_fields);
  problems_init(&c->problems, a);
  return c;
}

void change_set(struct change *c, int field, struct val v) {
  assert(field >= 0 && (size_t)field < c->kind->n_fields);
  c->v[field] = v;
  c->given[field] = true;
}

/* Seven days without network, and one to come home. */
#define LATE_MAX_MS (8 * MS_DAY)

/* A clock is measured by a message on its way: what is out by less says nothing. */
#define CLOCK_SLACK_MS MS_MINUTE

static int64_t moment_of(const struct change *c, int64_t device_ms, int64_t not_before,
                         bool *ret_doubtful) {
  const bool phone = !uuid_is_nil(&c->device);
  *ret_doubtful = false;
  if (!device_ms && phone) device_ms = c->written_ms;
  if (!device_ms) return c->at_ms;
  const int64_t at = device_ms + (phone ? c->clock_offset_ms : 0);
  const int64_t floor = not_before < c->at_ms ? not_before : c->at_ms;
  const bool lost = at <= c->at_ms - LATE_MAX_MS;
  *ret_doubtful = lost || at > c->at_ms + CLOCK_SLACK_MS || at < floor - CLOCK_SLACK_MS;
  if (at > c->at_ms || (lost && !floor)) return c->at_ms;
  return at < floor ? floor : at;
}

int64_t change_when(const struct change *c, int64_t device_ms) {
  bool doubtful;
  return moment_of(c, device_ms, device_ms ? 0 : c->not_before_ms, &doubtful);
}

int64_t change_judged(const struct change *c, struct record *rec, int device_at, int doubtful) {
  bool doubt;
  const int64_t at =
      moment_of(c, c->given[device_at] ? rec_i64(rec, device_at) : 0, c->not_before_ms, &doubt);
  if (doubt) rec_set(rec, doubtful, V_I64(1));
  return at;
}

struct type_ctx change_types(struct change *c) {
  const struct viewer *v = c->viewer;
  return (struct type_ctx){
      .a = c->a, .tree = v->tree, .zone = v->zone, .today = v->today, .ps = &c->problems};
}

right_t change_right(const struct change *c) {
  switch (c->verb) {
  case CHANGE_CREATE:
    return kind_right(c->kind, VERB_CREATE);
  case CHANGE_ACTION:
    return transition_right(c->kind, c->transition);
  case CHANGE_RETIRE:
  case CHANGE_RESTORE:
  case CHANGE_MERGE:
  case CHANGE_UNMERGE:
    return kind_right(c->kind, VERB_RETIRE);
  case CHANGE_UPDATE:
    break;
  }
  return kind_right(c->kind, VERB_UPDATE);
}

bool val_same(const struct val *a, const struct val *b) {
  if (a->t != b->t) return false;
  switch (a->t) {
  case VAL_NULL:
    return true;
  case VAL_I64:
    return a->i == b->i;
  case VAL_F64:
    return a->f >= b->f && a->f <= b->f;
  case VAL_TEXT:
  case VAL_BLOB:
    return str_eq(a->s, b->s);
  case VAL_UUID:
    return uuid_eq(&a->u, &b->u);
  }
  return false;
}

/* ---- before the queue ---- */

bool change_idempotent(const struct change *c) {
  return c->kind->flags & KF_EVENT || c->n_digest || c->client_id || !uuid_is_nil(&c->receipt);
}

static void content_val(struct buf *b, const struct val *v) {
  buf_char(b, (char)('0' + (int)v->t));
  switch (v->t) {
  case VAL_NULL:
    break;
  case VAL_I64:
    buf_add(b, &v->i, sizeof v->i);
    break;
  case VAL_F64:
    buf_add(b, &v->f, sizeof v->f);
    break;
  case VAL_TEXT:
  case VAL_BLOB: {
    uint32_t n = (uint32_t)v->s.n;
    buf_add(b, &n, sizeof n);
    buf_str_add(b, v->s);
    break;
  }
  case VAL_UUID:
    buf_add(b, v->u.b, sizeof v->u.b);
    break;
  }
}

/* Which change of which record, before what it is to hold. */
static void content_head(struct buf *b, const struct change *c) {
  const uint16_t head[] = {c->kind->no, (uint16_t)c->verb};
  buf_add(b, head, sizeof head);
  if (c->verb != CHANGE_CREATE) buf_add(b, c->id.b, sizeof c->id.b);
  if (c->transition) buf_add(b, c->transition->name, strlen(c->transition->name) + 1);
}

static int content_digest(struct change *c, struct buf *b, uint8_t out[16], struct err *e) {
  const bool ok = buf_ok(b);
  if (ok) c->en->sealer->ops->digest(c->en->sealer, buf_str(b), out);
  buf_done(b);
  return ok ? 0 : err_set(e, E_TOO_LARGE, "the content of a change is too large");
}

static int digest_values(struct change *c, uint8_t out[16], struct err *e) {
  struct buf b = BUF_INIT(MIB(1));
  content_head(&b, c);
  for (size_t f = 0; f < c->kind->n_fields; f++) {
    if (!c->given[f]) continue;
    buf_add(&b, &c->kind->fields[f].no, sizeof c->kind->fields[f].no);
    content_val(&b, &c->v[f]);
  }
  buf_str_add(&b, c->reason);
  return content_digest(c, &b, out, e);
}

/* The version that it saw is part of what was asked, wherever it stood. */
int change_sent(struct change *c, const json_t *body, struct err *e) {
  struct buf b = BUF_INIT(MIB(1));
  content_head(&b, c);
  if (c->verb == CHANGE_CREATE) buf_add(&b, c->id.b, sizeof c->id.b);
  buf_add(&b, &c->if_rev, sizeof c->if_rev);
  if (body) json_canonical(&b, body);
  c->digest[0] = 2;
  c->n_digest = DIGEST_SENT;
  return content_digest(c, &b, c->digest + 1, e);
}

bool change_same(struct change *c, struct str stored) {
  uint8_t values[DIGEST_VALUES];
  assert(c->n_digest == DIGEST_SENT || c->n_digest == DIGEST_VALUES);
  if (stored.n == c->n_digest) return memcmp(stored.p, c->digest, stored.n) == 0;
  if (stored.n != DIGEST_VALUES || digest_values(c, values, NULL) < 0) return false;
  return memcmp(stored.p, values, sizeof values) == 0;
}

static int seal_fields(struct change *c, struct err *e) {
  struct sealer *s = c->en->sealer;
  for (size_t f = 0; f < c->kind->n_fields; f++) {
    const struct field *fd = &c->kind->fields[f];
    if (!c->given[f] || !(fd->flags & FF_SEALED)) continue;
    c->sealed[f] = (struct str){NULL, 0};
    if (c->v[f].t == VAL_NULL) continue;
    int r = s->ops->seal(s, c->op, c->kind->no, &c->id, fd->no, c->v[f].s, c->a, &c->sealed[f], e);
    if (r < 0) return r;
    if (!(fd->flags & FF_LOOKUP)) continue;
    r = s->ops->blind(s, c->op, c->kind->no, fd->no, c->v[f].s, c->blind[f], e);
    if (r < 0) return r;
  }
  return 0;
}

void change_initial(struct change *c) {
  struct type_ctx types = change_types(c);
  if (c->verb != CHANGE_CREATE) return;
  for (size_t i = 0; i < c->kind->n_fields; i++) {
    const struct field *f = &c->kind->fields[i];
    struct val v = V_NULL;
    if (c->given[i] || !f->initial) continue;
    if (field_from_text(&types, f, str_from(f->initial), str_from(f->name), &v))
      change_set(c, (int)i, v);
  }
}

int change_ready(struct change *c, struct err *e) {
  int r;
  if (!c->viewer->system && !viewer_writes(c->viewer, c->kind))
    return err_field(e, E_STATE, "no operation to write this into", c->kind->name);
  if (uuid_is_nil(&c->id)) {
    if (c->verb != CHANGE_CREATE) return err_set(e, E_BUG, "a change without an id");
    c->id = idgen_next(c->en->ids, c->at_ms);
    c->fresh_id = true;
  }
  change_initial(c);
  if (change_idempotent(c) && !c->n_digest) {
    if ((r = digest_values(c, c->digest, e)) < 0) return r;
    c->n_digest = DIGEST_VALUES;
  }
  if ((r = seal_fields(c, e)) < 0) return r;
  return arena_failed(c->a) ? err_set(e, E_NOMEM, "no memory for the change") : 0;
}

/* ---- as a command ---- */

/* Problems found by an earlier run of the same command are of that run; those of parsing stay. */
/* Run again since units have moved, the change is looked at with the tree as it is now. */
static void newest_tree(struct change *c) {
  struct unit_tree *t = c->en->tree ? c->en->tree(c->en->tree_arg) : NULL;
  if (!t || t == c->viewer->tree) {
    unit_tree_unref(t);
    return;
  }
  struct viewer *v = arena_new(c->a, struct viewer);
  *v = *c->viewer;
  v->tree = t;
  arena_defer(c->a, unit_tree_release, t);
  c->viewer = v;
}

void change_begin(struct change *c) {
  if (!c->inner.is_kept) {
    c->inner.kept = c->problems;
    c->inner.is_kept = true;
  } else {
    c->inner.again = true;
    c->problems = c->inner.kept;
    *c->problems.last = NULL;
    newest_tree(c);
  }
  c->inner.refused = c->home_asked = false;
  c->inner.shard = c->inner.shard_at = 0;
  c->result = c->current = NULL;
  c->replayed = c->unchanged = false;
}

int change_verdict(struct change *c, struct err *e) {
  if (c->inner.refused)
    return err_field(e, E_FORBIDDEN, "the right is missing at the unit concerned", c->kind->name);
  if (problems_any(&c->problems)) return err_set(e, E_INVALID, "the content has problems");
  return 0;
}
