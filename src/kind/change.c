#include "kind/inner.h"

struct change *change_make(struct arena *a, struct registry *en, const struct viewer *v,
                           const struct kind *k, enum change_verb verb) {
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
  c->v[field] = v;
  c->given[field] = true;
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
  return c->kind->flags & KF_EVENT || c->has_digest || c->client_id || !uuid_is_nil(&c->receipt);
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

/* What was asked, in a form that is the same for the same request, whatever its key order. */
static int derive_digest(struct change *c, struct err *e) {
  struct buf b = BUF_INIT(MIB(1));
  const uint16_t head[] = {c->kind->no, (uint16_t)c->verb};
  buf_add(&b, head, sizeof head);
  if (c->verb != CHANGE_CREATE) buf_add(&b, c->id.b, sizeof c->id.b);
  if (c->transition) buf_add(&b, c->transition->name, strlen(c->transition->name) + 1);
  for (size_t f = 0; f < c->kind->n_fields; f++) {
    if (!c->given[f]) continue;
    buf_add(&b, &c->kind->fields[f].no, sizeof c->kind->fields[f].no);
    content_val(&b, &c->v[f]);
  }
  buf_str_add(&b, c->reason);
  const bool ok = buf_ok(&b);
  if (ok) c->en->sealer->ops->digest(c->en->sealer, buf_str(&b), c->digest);
  buf_done(&b);
  return ok ? 0 : err_set(e, E_TOO_LARGE, "the content of a change is too large");
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

int change_ready(struct change *c, struct err *e) {
  int r;
  if (uuid_is_nil(&c->id)) {
    if (c->verb != CHANGE_CREATE) return err_set(e, E_BUG, "a change without an id");
    c->id = idgen_next(c->en->ids, c->at_ms);
    c->fresh_id = true;
  }
  change_initial(c);
  if (change_idempotent(c) && !c->has_digest) {
    if ((r = derive_digest(c, e)) < 0) return r;
    c->has_digest = true;
  }
  if ((r = seal_fields(c, e)) < 0) return r;
  return arena_failed(c->a) ? err_set(e, E_NOMEM, "no memory for the change") : 0;
}

/* ---- as a command ---- */

/* Problems found by an earlier run of the same command are of that run; those of parsing stay. */
void change_begin(struct change *c) {
  if (!c->inner.is_kept) {
    c->inner.kept = c->problems;
    c->inner.is_kept = true;
  } else {
    c->inner.again = true;
    c->problems = c->inner.kept;
    *c->problems.last = NULL;
  }
  c->inner.refused = c->home_asked = false;
  c->result = c->current = NULL;
  c->replayed = c->unchanged = false;
}

int change_verdict(struct change *c, struct err *e) {
  if (c->inner.refused)
    return err_field(e, E_FORBIDDEN, "the right is missing at the unit concerned", c->kind->name);
  if (problems_any(&c->problems)) return err_set(e, E_INVALID, "the content has problems");
  return 0;
}

static int run_change(struct tx *tx, void *arg, struct err *e) {
  return change_run(tx, arg, e);
}

const struct cmd_class change_cmd = {.name = "change", .run = run_change};

const struct cmd_class *change_cmd_class(const struct change *c) {
  if (!(c->kind->flags & KF_EVENT)) return &change_cmd;
  return c->kind->applied ? &event_in_turn_cmd : &event_cmd;
}

enum cmd_priority change_priority(const struct change *c) {
  if (strcmp(c->source, "import") == 0) return CMD_BULK;
  return c->kind->flags & KF_EVENT ? CMD_GATE : CMD_NORMAL;
}

int change_do(struct change *c, struct err *e) {
  int r = change_ready(c, e);
  if (r < 0) return r;
  return writer_run(c->en->writer, change_cmd_class(c), c, change_priority(c), e);
}
