#include "auth/audit_impl.h"
#include <stdlib.h>

/* ---- what a transaction has collected ---- */

enum { ROWS_FIRST = 256, ROWS_KEPT = 8192, DETAIL_POOL = 64 * 1024 * 1024, ENTRY_ROOM = 512 };

struct audit_row {
  int64_t at_ms, op;
  struct uuid actor, id;
  const char *action;
  int32_t unit;
  uint16_t kind;
  uint32_t detail_n;
  size_t detail_at;
};

/* One per lane, used by its thread only. */
struct audit_lane {
  struct audit *au;
  size_t lane;
  struct audit_row *rows;
  uint8_t (*chains)[AUDIT_CHAIN];
  struct val *vals;
  size_t n, cap;
  struct buf details;
  struct buf canon; /* one row as bytes, for hashing */
  struct audit_head head, next;
  bool head_known;
};

static void *lane_create(size_t lane, void *arg) {
  struct audit_lane *l = calloc(1, sizeof *l);
  if (!l) return NULL;
  l->au = arg;
  l->lane = lane;
  l->details = BUF_INIT(DETAIL_POOL);
  l->canon = BUF_INIT(KIB(256));
  return l;
}

static void lane_forget(struct audit_lane *l) {
  free(l->rows);
  free(l->chains);
  free(l->vals);
  buf_done(&l->details);
  l->rows = NULL;
  l->chains = NULL;
  l->vals = NULL;
  l->cap = 0;
  l->details = BUF_INIT(DETAIL_POOL);
}

static void lane_destroy(void *part) {
  struct audit_lane *l = part;
  lane_forget(l);
  buf_done(&l->canon);
  free(l);
}

static size_t lane_mark(void *part) {
  return ((struct audit_lane *)part)->n;
}

static void lane_rewind(void *part, size_t mark) {
  struct audit_lane *l = part;
  if (mark >= l->n) return;
  l->details.n = l->rows[mark].detail_at;
  l->n = mark;
}

static bool grow(struct audit_lane *l) {
  size_t cap = l->cap ? 2 * l->cap : ROWS_FIRST;
  struct audit_row *rows = realloc(l->rows, cap * sizeof *rows);
  if (rows) l->rows = rows;
  void *chains = realloc(l->chains, cap * sizeof *l->chains);
  if (chains) l->chains = chains;
  struct val *vals = realloc(l->vals, cap * AUDIT_COLUMNS * sizeof *vals);
  if (vals) l->vals = vals;
  if (!rows || !chains || !vals) return false;
  l->cap = cap;
  return true;
}

/* ---- the chain ---- */

static void put(struct buf *b, uint64_t v, size_t n) {
  char le[8];
  for (size_t i = 0; i < n; i++) le[i] = (char)(v >> (8 * i));
  buf_add(b, le, n);
}

void audit_hash(struct buf *canon, const struct audit_view *v, const uint8_t before[AUDIT_CHAIN],
                uint8_t out[AUDIT_CHAIN]) {
  buf_clear(canon);
  buf_add(canon, before, AUDIT_CHAIN);
  put(canon, (uint64_t)v->pos, 8);
  put(canon, (uint64_t)v->at_ms, 8);
  buf_add(canon, v->actor.b, 16);
  put(canon, (uint64_t)v->op, 8);
  put(canon, v->action.n, 4);
  buf_str_add(canon, v->action);
  put(canon, (uint64_t)v->kind, 8);
  buf_add(canon, v->id.b, 16);
  put(canon, (uint64_t)v->unit, 8);
  put(canon, v->detail.n, 4);
  buf_str_add(canon, v->detail);
  crypto_generichash(out, AUDIT_CHAIN, (const uint8_t *)canon->p, canon->n, NULL, 0);
}

QUERY(q_audit_head,
      "SELECT pos, chain FROM audit WHERE pos >= $1 AND pos < $2 ORDER BY pos DESC LIMIT 1");

int audit_read_head(struct tx *tx, size_t lane, struct audit_head *ret_head, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int64_t first = (int64_t)lane << AUDIT_LANE_SHIFT;
  int r = cur_open(tx, &q_audit_head,
                   P(V_I64(first), V_I64(first + ((int64_t)1 << AUDIT_LANE_SHIFT))), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_head = (struct audit_head){.no = 0};
  if (r == 0) return 0;
  struct str chain = cur_blob(c, 1);
  if (chain.n != AUDIT_CHAIN) return err_set(e, E_BUG, "an audit row has no chain value");
  ret_head->no = cur_i64(c, 0) - first;
  memcpy(ret_head->chain, chain.p, AUDIT_CHAIN);
  return 0;
}

static struct val uuid_or_null(const struct uuid *u) {
  return uuid_is_nil(u) ? V_NULL : V_UUID(*u);
}

static const enum val_type types[AUDIT_COLUMNS] = {VAL_I64, VAL_I64,  VAL_UUID, VAL_I64,  VAL_TEXT,
                                                   VAL_I64, VAL_UUID, VAL_I64,  VAL_TEXT, VAL_BLOB};
static const struct bulk insert = {.name = "audit_insert",
                                   .table = "audit",
                                   .columns = "pos, at_ms, actor, op, action, kind, id, unit, "
                                              "detail, chain",
                                   .types = types,
                                   .n_columns = AUDIT_COLUMNS};

static int lane_flush(struct tx *tx, void *part, struct err *e) {
  struct audit_lane *l = part;
  if (l->n == 0) return 0;
  if (!buf_ok(&l->details)) return err_set(e, E_NOMEM, "too many audit rows in one commit");
  if (!l->head_known) {
    int r = audit_read_head(tx, l->lane, &l->head, e);
    if (r < 0) return r;
    l->head_known = true;
  }
  l->next = l->head;
  int64_t first = (int64_t)l->lane << AUDIT_LANE_SHIFT;
  struct val *v = l->vals;
  for (size_t i = 0; i < l->n; i++, v += AUDIT_COLUMNS) {
    const struct audit_row *row = &l->rows[i];
    struct audit_view view = {.pos = first + ++l->next.no,
                              .at_ms = row->at_ms,
                              .actor = row->actor,
                              .op = row->op,
                              .action = str_from(row->action),
                              .kind = row->kind,
                              .id = row->id,
                              .unit = row->unit,
                              .detail = {l->details.p + row->detail_at, row->detail_n}};
    audit_hash(&l->canon, &view, l->next.chain, l->chains[i]);
    if (!buf_ok(&l->canon)) return err_set(e, E_TOO_LARGE, "an audit row is too large");
    memcpy(l->next.chain, l->chains[i], AUDIT_CHAIN);
    v[0] = V_I64(view.pos);
    v[1] = V_I64(view.at_ms);
    v[2] = uuid_or_null(&view.actor);
    v[3] = V_I64(view.op);
    v[4] = V_TEXT(view.action);
    v[5] = V_I64(view.kind);
    v[6] = uuid_or_null(&view.id);
    v[7] = V_I64(view.unit);
    v[8] = view.detail.n ? V_TEXT(view.detail) : V_NULL;
    v[9] = V_BLOB(((struct str){(char *)l->chains[i], AUDIT_CHAIN}));
  }
  int r = tx_bulk_later(tx, &insert, l->vals, l->n, e);
  /* Another server has written to this lane since the head was read: read it again. */
  if (r == -E_EXISTS) return err_set(e, E_RETRY, "the audit lane has moved on");
  return r;
}

static void lane_finish(void *part, bool committed) {
  struct audit_lane *l = part;
  if (committed && l->n) {
    l->head = l->next;
  } else if (!committed) {
    l->head_known = false;
  }
  l->n = 0;
  buf_clear(&l->details);
  l->details.failed = false;
  if (l->cap > ROWS_KEPT) lane_forget(l);
}

/* ---- adding ---- */

static struct audit_lane *lane_of(struct tx *tx, struct err *e) {
  struct audit_lane *l = tx_writable(tx) ? tx_part(tx, PART_AUDIT) : NULL;
  if (!l) err_set(e, E_BUG, "an audit row outside the writer");
  return l;
}

/* The next row, with nothing in it but where its detail begins; its detail is what is appended to
 * l->details until row_done. */
static struct audit_row *row_next(struct audit_lane *l, struct err *e) {
  if (l->n == l->cap && !grow(l)) {
    err_set(e, E_NOMEM, "no memory for audit rows");
    return NULL;
  }
  struct audit_row *row = &l->rows[l->n];
  *row = (struct audit_row){.detail_at = l->details.n};
  return row;
}

static void row_done(struct audit_lane *l, struct audit_row *row) {
  row->detail_n = (uint32_t)(l->details.n - row->detail_at);
  l->n++;
}

int audit_add(struct tx *tx, const struct audit_entry *en, struct err *e) {
  struct audit_lane *l = lane_of(tx, e);
  if (!l) return -E_BUG;
  struct audit_row *row = row_next(l, e);
  if (!row) return -E_NOMEM;
  row->at_ms = en->at_ms ? en->at_ms : clock_now_ms(l->au->clock);
  row->actor = en->actor;
  row->op = en->op;
  row->action = en->action;
  row->kind = en->kind ? en->kind->no : 0;
  row->id = en->id;
  row->unit = en->unit;
  buf_str_add(&l->details, en->detail);
  row_done(l, row);
  return 0;
}

int audit_by(struct tx *tx, const struct viewer *v, const char *action, const struct kind *kind,
             const struct uuid *id, int32_t unit, struct str detail, struct err *e) {
  struct audit_entry en = {.at_ms = v->now_ms,
                           .actor = v->user,
                           .op = v->op,
                           .action = action,
                           .kind = kind,
                           .id = id ? *id : (struct uuid){{0}},
                           .unit = unit,
                           .detail = detail};
  return audit_add(tx, &en, e);
}

/* Names of the fields that differ, states, source; never a value. A creation through the API has
 * none of it: that is the hot path. */
static void change_detail(struct buf *out, const struct change *c, const struct record *old,
                          const struct record *rec) {
  bool api = !c->source || strcmp(c->source, "api") == 0;
  if (!old && api) return;
  struct jw w;
  jw_init(&w, out);
  jw_object(&w);
  if (!api) {
    jw_kstrz(&w, "source", c->source);
  }
  if (old) {
    jw_ki64(&w, "rev", rec->rev);
    if (rec->state.p && !str_eq(old->state, rec->state)) {
      jw_kstr(&w, "from", old->state);
      jw_kstr(&w, "to", rec->state);
    }
    jw_karray(&w, "fields");
    for (size_t i = 0; i < rec->kind->n_fields; i++) {
      bool sealed = rec->kind->fields[i].flags & FF_SEALED;
      bool differs =
          sealed ? !str_eq(old->sealed[i], rec->sealed[i]) : !val_same(&old->v[i], &rec->v[i]);
      if (differs) jw_strz(&w, rec->kind->fields[i].name);
    }
    jw_end(&w);
  }
  jw_end(&w);
}

int audit_changed(struct tx *tx, const struct change *c, const struct record *old,
                  const struct record *rec, void *arg, struct err *e) {
  (void)arg;
  struct audit_lane *l = lane_of(tx, e);
  if (!l) return -E_BUG;
  struct audit_row *row = row_next(l, e);
  if (!row) return -E_NOMEM;
  row->at_ms = c->at_ms;
  row->actor = c->viewer->user;
  row->op = c->op;
  row->action = change_action(c);
  row->kind = rec->kind->no;
  row->id = rec->id;
  row->unit = record_unit(rec);
  change_detail(&l->details, c, old, rec);
  row_done(l, row);
  return 0;
}

int audit_revealed(struct tx *tx, const struct viewer *v, const struct record *rec,
                   struct str fields, struct str reason, void *arg, struct err *e) {
  (void)arg;
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(16));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_kstr(&w, "fields", fields);
  jw_kstr(&w, "reason", reason);
  jw_end(&w);
  if (!buf_ok(&b)) return err_set(e, E_TOO_LARGE, "the reason is too long for the audit");
  struct audit_entry en = {.at_ms = v->now_ms,
                           .actor = v->user,
                           .op = rec->op,
                           .action = "reveal",
                           .kind = rec->kind,
                           .id = rec->id,
                           .unit = record_unit(rec),
                           .detail = buf_str(&b)};
  return audit_add(tx, &en, e);
}

/* ---- life ---- */

int audit_create(struct clock *clock, struct keys *keys, struct audit **ret_audit, struct err *e) {
  struct audit *au = calloc(1, sizeof *au);
  if (!au) return err_set(e, E_NOMEM, "no memory for the audit");
  au->clock = clock;
  au->keys = keys;
  pthread_mutex_init(&au->anchoring, NULL);
  au->part = (struct tx_part){.name = "audit",
                              .create = lane_create,
                              .destroy = lane_destroy,
                              .mark = lane_mark,
                              .rewind = lane_rewind,
                              .flush = lane_flush,
                              .finish = lane_finish,
                              .arg = au};
  *ret_audit = au;
  return 0;
}

struct audit *audit_free(struct audit *au) {
  if (!au) return NULL;
  pthread_mutex_destroy(&au->anchoring);
  free(au);
  return NULL;
}

const struct tx_part *audit_part(struct audit *au) {
  return &au->part;
}
