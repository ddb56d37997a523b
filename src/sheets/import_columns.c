#include "sheets/import_inner.h"
#include "base/limits.h"
#include "sheets/export.h"

/* From the cells of a sheet to values: which column is what, and what a cell says. */

const struct import_plan *import_plan_of(const struct kind *k) {
  for (const struct module *const *m = modules; *m; m++)
    for (const struct import_plan *const *p = (*m)->imports; p && *p; p++)
      if ((*p)->kind == k) return *p;
  return NULL;
}

right_t import_right(const struct kind *k) {
  const struct import_plan *plan = import_plan_of(k);
  return plan && plan->right ? right_by_name(str_from(plan->right)) : kind_right(k, VERB_IMPORT);
}

bool import_word(const char *words, const char *word) {
  struct str rest = str_from(words ? words : "");
  while (rest.p && rest.n)
    if (str_is(str_split(&rest, ' '), word)) return true;
  return false;
}

bool import_takes(const struct kind *k, const struct import_plan *plan, size_t field) {
  const struct field *f = &k->fields[field];
  return !(f->flags & (FF_SYSTEM | FF_NO_IMPORT)) && !(plan && import_word(plan->filled, f->name));
}

/* ---- headers ---- */

static struct str folded(struct arena *a, struct str s) {
  char *z = arena_strz(a, arena_half_width(a, str_trim(s)));
  size_t n = 0;
  for (const char *p = z; *p; p++) {
    /* "Parent Code", "parent_code" and "parent-code*" are one header, "姓　名" is "姓名" */
    if (*p == ' ' || *p == '_' || *p == '-' || *p == '*') continue;
    z[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
  }
  return (struct str){z, n};
}

static bool header_is(struct arena *a, const char *const names[3], const char *headers,
                      struct str header) {
  for (size_t i = 0; i < 3; i++)
    if (str_eq(folded(a, str_from(names[i])), header)) return true;
  struct str rest = str_from(headers ? headers : "");
  while (rest.p && rest.n)
    if (str_eq(folded(a, str_split(&rest, '|')), header)) return true;
  return false;
}

static struct import_column column_for(struct import_run_state *rn, struct str text) {
  const struct kind *k = rn->o->kind;
  struct import_column col = {.header = arena_dup(rn->a, str_trim(text))};
  const struct str h = folded(rn->a, text);
  if (!h.n) return col;
  for (size_t i = 0; i < k->n_fields && !col.shows; i++) {
    const struct field *f = &k->fields[i];
    if (header_is(rn->a, (const char *const[3]){f->name, f->zh, f->en}, NULL, h)) col.shows = f;
  }
  for (int i = 0; rn->plan && rn->plan->extra && rn->plan->extra[i].name; i++) {
    const struct import_extra *x = &rn->plan->extra[i];
    if (header_is(rn->a, (const char *const[3]){x->name, x->zh, x->en}, x->headers, h)) {
      col.extra = x;
      return col;
    }
  }
  for (size_t i = 0; i < k->n_fields; i++) {
    const struct field *f = &k->fields[i];
    if (!import_takes(k, rn->plan, i)) continue;
    if (header_is(rn->a, (const char *const[3]){f->name, f->zh, f->en}, f->headers, h)) {
      col.field = col.shows = f;
      return col;
    }
  }
  col.id = header_is(rn->a, (const char *const[3]){EXPORT_ID_ZH, EXPORT_ID_EN, ""}, NULL, h);
  return col;
}

/* Under a group's title a column may be called by both ("业主" over "电话"). */
static struct import_column column_titled(struct import_run_state *rn,
                                          const struct sheet_title *t) {
  struct import_column col = column_for(rn, t->lower);
  if (col.field || col.extra || col.id || !t->upper.n) return col;
  struct import_column both =
      column_for(rn, arena_printf(rn->a, STR_FMT STR_FMT, STR_ARG(t->upper), STR_ARG(t->lower)));
  if (!both.field && !both.extra) return col;
  both.header = col.header;
  return both;
}

static bool title_known(void *arg, const struct sheet_title *t) {
  const struct import_column col = column_titled(arg, t);
  return col.field || col.extra || col.id;
}

/* Only what a row hangs on holds for all rows over which it is merged: a count would be counted
 * again. */
static bool carried_down(const struct import_column *c) {
  return c->extra || (c->field && c->field->type == FT_UNIT);
}

static int begin_downs(struct import_run_state *rn, const struct sheet_reader *sheet,
                       struct err *e) {
  int x = 0;
  rn->downs = arena_array(rn->a, struct sheet_down, rn->res->n_columns + 1);
  if (!rn->downs) return err_set(e, E_NOMEM, "no memory for a header");
  for (size_t i = 0; i < rn->res->n_columns && i <= UINT16_MAX && x >= 0; i++)
    if (carried_down(&rn->res->columns[i]))
      x = sheet_down_begin(&rn->downs[i], sheet, rn->a, (uint16_t)i, e);
  return x;
}

int import_find_header(struct import_run_state *rn, struct sheet_reader *sheet, bool *ret_found,
                       struct err *e) {
  struct sheet_header h;
  const int x = sheet_header_find(sheet, rn->a, title_known, rn, &h, e);
  *ret_found = x >= 0 && h.n > 0;
  if (!*ret_found) return x;
  rn->res->columns = arena_array(rn->a, struct import_column, h.n + 1);
  if (!rn->res->columns) return err_set(e, E_NOMEM, "no memory for a header");
  for (size_t i = 0; i < h.n; i++) rn->res->columns[i] = column_titled(rn, &h.titles[i]);
  rn->res->n_columns = h.n;
  rn->header_row = h.bottom;
  return begin_downs(rn, sheet, e);
}

static const char *column_name(const struct import_column *c) {
  if (c->field || c->id) return c->id ? "id" : c->field->name;
  return c->extra ? c->extra->name : NULL;
}

static bool has_column(const struct import_run_state *rn, struct str name) {
  for (size_t i = 0; i < rn->res->n_columns; i++) {
    const char *have = column_name(&rn->res->columns[i]);
    if (have && str_is(name, have)) return true;
  }
  return false;
}

static const char *label_of(const struct import_run_state *rn, struct str name) {
  for (int i = 0; rn->plan && rn->plan->extra && rn->plan->extra[i].name; i++)
    if (str_is(name, rn->plan->extra[i].name)) return rn->plan->extra[i].zh;
  int f;
  return field_find(rn->o->kind, name, &f) ? rn->o->kind->fields[f].zh : "";
}

static void missing(struct import_run_state *rn, struct str name) {
  problem_text(&rn->res->problems, PROBLEM_missing_column, name, str_from(label_of(rn, name)),
               (struct str){0}, (struct str){0});
}

/* "compound building|place": each word's columns, one of which must be there. */
static void check_required_words(struct import_run_state *rn, const char *words) {
  struct str rest = str_from(words ? words : "");
  while (rest.p && rest.n) {
    struct str word = str_split(&rest, ' '), either = word, first = {NULL, 0};
    bool there = false;
    while (either.p && either.n) {
      const struct str name = str_split(&either, '|');
      if (!first.p) first = name;
      there = there || has_column(rn, name);
    }
    if (first.n && !there) missing(rn, first);
  }
}

void import_check_columns(struct import_run_state *rn, uint32_t row) {
  const struct kind *k = rn->o->kind;
  struct import_result *res = rn->res;
  for (size_t i = 0; i < res->n_columns; i++) {
    const struct import_column *c = &res->columns[i];
    if (c->field || c->extra || c->id || c->header.n == 0) continue;
    struct problem *p = problem_warn(&res->problems, PROBLEM_unknown_column, (struct str){0});
    p->value = p->column = c->header;
    p->row = row;
  }
  if (has_column(rn, S("id"))) return; /* a new row among them says itself what it lacks */
  for (size_t f = 0; f < k->n_fields; f++) {
    const struct str name = str_from(k->fields[f].name);
    if (has_column(rn, name) || !(k->fields[f].flags & FF_REQUIRED) || k->fields[f].initial ||
        k->fields[f].flags & FF_SYSTEM)
      continue;
    if (rn->plan && (import_word(rn->plan->filled, k->fields[f].name) ||
                     import_word(rn->plan->optional, k->fields[f].name)))
      continue;
    missing(rn, name);
  }
  if (rn->plan) check_required_words(rn, rn->plan->required);
}

/* ---- cells ---- */

static void take_extra(struct run_row *r, const struct import_extra *x, const struct cell *cell) {
  const struct str name = str_from(x->name);
  const struct field as_field = {.name = x->name, .type = FT_TEXT, .max = x->max, .zh = x->zh};
  const struct type_ctx c = {.a = r->r.a, .ps = &r->r.problems};
  struct val v = V_NULL;
  /* it may become a field of another kind: the same is asked of it */
  if (!field_from_text(&c, &as_field, cell->text, name, &v) || v.t != VAL_TEXT) return;
  struct str text = v.s;
  r->r.extra[x - r->rn->plan->extra] = text;
  if (!x->unit) return;
  text = import_unit_text(r, text, name);
  const struct unit_row *u = text.n ? unit_by_code(r->r.viewer->tree, text) : NULL;
  if (u)
    r->r.unit = u->no;
  else if (text.n)
    problem_text(&r->r.problems, PROBLEM_not_found, name, (struct str){0}, text, (struct str){0});
}

static void take_field(struct run_row *r, const struct field *field, const struct cell *cell) {
  const size_t f = (size_t)(field - r->rn->o->kind->fields);
  const struct str name = str_from(field->name);
  const bool identity = field->flags & (FF_LOOKUP | FF_KEY) || field->type == FT_CITIZEN_ID;
  struct problems *ps = &r->r.problems;
  struct type_ctx c = {.a = r->r.a,
                       .tree = r->r.viewer->tree,
                       .zone = r->r.viewer->zone,
                       .today = r->r.viewer->today,
                       .ps = ps};
  if (cell->lost_digits && identity) {
    problem_add(ps, PROBLEM_id_lost_digits, name);
    return;
  }
  struct str text = cell->text;
  r->masked[f] = field->flags & (FF_SEALED | FF_PERSONAL) && memchr(text.p, '*', text.n);
  if (r->masked[f]) return;
  if (r->rn->plan && r->rn->plan->cell) text = r->rn->plan->cell(field, str_trim(text));
  if (field->type == FT_UNIT) {
    text = import_unit_text(r, text, name);
    if (!text.p) return;
  }
  if (field->type == FT_REF) {
    text = import_ref_text(r, field, str_trim(text));
    if (!text.p) return;
  }
  r->r.given[f] =
      field_from_text(&c, field, text, name, &r->r.values[f]) && r->r.values[f].t != VAL_NULL;
}

static void take_cell(struct run_row *r, const struct sheet_row *row, size_t i) {
  const struct import_column *col = &r->rn->res->columns[i];
  const struct cell nothing = {.kind = CELL_EMPTY}, *cell = i < row->n ? &row->cells[i] : &nothing;
  const char *name = column_name(col);
  const struct str text = sheet_down(&r->rn->downs[i], row->number, cell->text);
  const struct cell above = {.kind = CELL_TEXT, .text = text};
  if (cell->kind == CELL_EMPTY && text.n) cell = &above;
  if (!name || col->id || r->same[i]) return;
  if (cell->kind == CELL_EMPTY) return; /* says nothing, erases nothing */
  if (cell->kind == CELL_ERROR)
    problem_text(&r->r.problems, PROBLEM_bad_format, str_from(name),
                 str_from(label_of(r->rn, str_from(name))), cell->text, (struct str){0});
  else if (col->extra)
    take_extra(r, col->extra, cell);
  else
    take_field(r, col->field, cell);
}

static int about_id(struct run_row *r, struct tx *tx, struct str text, struct err *e) {
  struct uuid id;
  if (uuid_parse(text, &id) != 0) {
    problem_text(&r->r.problems, PROBLEM_bad_format, S("id"), S("UUID"), text, (struct str){0});
    return 0;
  }
  int x = record_get(tx, r->r.a, r->r.viewer, r->rn->o->kind, &id, &r->about, e);
  if (x != -E_NOT_FOUND && x != -E_NOROW) return x;
  problem_text(&r->r.problems, PROBLEM_not_found, S("id"), (struct str){0}, text, (struct str){0});
  return 0;
}

/* The record that the row names by its id, and which cells say what an export writes of it to this
 * reader: a mask, a title, a rounded time. Those leave it as it is. Where it belongs is said by
 * several columns of a plan together: all of them do, or none. */
static int compare(struct run_row *r, const struct sheet_row *row, struct err *e) {
  const struct import_result *res = r->rn->res;
  bool moved = false, masked;
  struct str now;
  int x = 0;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  for (size_t i = 0; i < res->n_columns && i < row->n && x >= 0; i++) {
    const struct str text = str_trim(row->cells[i].text);
    if (!res->columns[i].id || !text.n) continue;
    x = tx ? 0 : store_read(r->r.app->store, &tx, e);
    if (x >= 0) x = about_id(r, tx, text, e);
  }
  if (x < 0 || !r->about) return x;
  struct emit em = {.tx = tx, .en = &r->r.app->registry, .viewer = r->r.viewer, .a = r->r.a};
  for (size_t i = 0; i < res->n_columns && i < row->n && x >= 0; i++) {
    const struct field *f = res->columns[i].shows;
    const struct str text = str_trim(row->cells[i].text);
    if (f) x = emit_text(&em, r->about, (int)(f - r->rn->o->kind->fields), &now, &masked, e);
    if (x < 0) return x;
    r->same[i] = f && str_eq(text, str_trim(now));
    moved = moved || (res->columns[i].extra && text.n && !r->same[i]);
  }
  for (size_t i = 0; i < res->n_columns && moved; i++)
    if (res->columns[i].extra) r->same[i] = false;
  return 0;
}

/* What is named comes last: of several, the one at the row's own unit is meant. */
int import_take_cells(struct run_row *r, const struct sheet_row *row, struct err *e) {
  const struct import_result *res = r->rn->res;
  r->same = arena_array(r->r.a, bool, res->n_columns + 1);
  r->masked = arena_array(r->r.a, bool, r->rn->o->kind->n_fields);
  if (arena_failed(r->r.a)) return err_set(e, E_NOMEM, "no memory for the import");
  int x = compare(r, row, e);
  if (x < 0) return x;
  for (int named = 0; named < 2; named++)
    for (size_t i = 0; i < res->n_columns; i++) {
      const struct field *f = res->columns[i].field;
      const bool is = f && f->type == FT_REF;
      if (is == (named != 0)) take_cell(r, row, i);
    }
  return 0;
}

void import_place_problems(struct run_row *r, const struct problems *from) {
  struct import_run_state *rn = r->rn;
  struct import_result *res = rn->res;
  for (const struct problem *p = from->first; p; p = p->next) {
    struct problem *q =
        p->warning ? problem_warn(&res->problems, p->code, p->field)
                   : problem_text(&res->problems, p->code, p->field, p->limit, p->value, p->other);
    if (p->warning) {
      q->other = arena_dup(rn->a, p->other);
      q->value = arena_dup(rn->a, p->value);
    }
    q->row = r->r.number;
    for (size_t i = 0; i < res->n_columns; i++) {
      const char *name = column_name(&res->columns[i]);
      if (name && str_is(p->field, name)) q->column = res->columns[i].header;
    }
  }
}

bool import_is_example(const struct sheet_row *row) {
  for (size_t i = 0; i < row->n; i++)
    if (row->cells[i].kind != CELL_EMPTY)
      return str_starts(str_trim(row->cells[i].text), S(IMPORT_EXAMPLE));
  return false;
}

/* ---- sets of keys ---- */

uint64_t import_hash(struct str key) {
  const uint64_t h = hash64(key.p, key.n);
  return h ? h : 1;
}

struct import_slot *import_slot(const struct import_keys *k, uint64_t hash) {
  size_t at = (size_t)hash & (k->cap - 1);
  if (!k->cap) return NULL;
  while (k->slots[at].hash && k->slots[at].hash != hash) at = (at + 1) & (k->cap - 1);
  return &k->slots[at];
}

int import_key_add(struct arena *a, struct import_keys *k, uint64_t hash, int64_t n,
                   const struct uuid *id, struct err *e) {
  if (k->n * 2 >= k->cap) {
    const struct import_keys old = *k;
    k->cap = old.cap ? old.cap * 2 : 1024;
    k->slots = arena_array(a, struct import_slot, k->cap);
    if (!k->slots || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the import");
    for (size_t i = 0; i < old.cap; i++)
      if (old.slots[i].hash) *import_slot(k, old.slots[i].hash) = old.slots[i];
  }
  struct import_slot *s = import_slot(k, hash);
  if (s->hash) return 0;
  *s = (struct import_slot){.hash = hash, .n = n};
  if (id) s->id = *id;
  k->n++;
  return 0;
}
