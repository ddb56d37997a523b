#include "app/import.h"
#include "app/operation.h"
#include "base/limits.h"
#include "output/sheet.h"
#include <semaphore.h>

enum { IMPORT_FLIGHT = 64, IMPORT_ROWS = 50000, HEADER_ROWS = 6 };

/* ---- the list of imports, and what each did ---- */

enum { IMPORT_KIND, IMPORT_UNIT, IMPORT_FILE, IMPORT_RUN_ROWS, IMPORT_CREATED, IMPORT_UPDATED,
       IMPORT_UNCHANGED, IMPORT_BAD, IMPORT_FIELDS_ };
static const struct field fields[IMPORT_FIELDS_] = {
    [IMPORT_KIND] = {.no = 1, .name = "kind", .type = FT_TEXT,
                     .flags = FF_SYSTEM | FF_TITLE | FF_FILTER, .zh = "类别", .en = "Kind"},
    [IMPORT_UNIT] = {.no = 2, .name = "unit", .type = FT_UNIT, .flags = FF_SYSTEM | FF_SCOPE,
                     .zh = "单位", .en = "Unit"},
    [IMPORT_FILE] = {.no = 3, .name = "filename", .type = FT_TEXT, .flags = FF_SYSTEM | FF_TITLE,
                     .zh = "文件名", .en = "File"},
    [IMPORT_RUN_ROWS] = {.no = 4, .name = "rows", .type = FT_INT, .flags = FF_SYSTEM, .zh = "行数",
                         .en = "Rows"},
    [IMPORT_CREATED] = {.no = 5, .name = "created", .type = FT_INT, .flags = FF_SYSTEM,
                        .zh = "新增", .en = "Created"},
    [IMPORT_UPDATED] = {.no = 6, .name = "updated", .type = FT_INT, .flags = FF_SYSTEM,
                        .zh = "更新", .en = "Updated"},
    [IMPORT_UNCHANGED] = {.no = 7, .name = "unchanged", .type = FT_INT, .flags = FF_SYSTEM,
                          .zh = "未变", .en = "Unchanged"},
    [IMPORT_BAD] = {.no = 8, .name = "bad", .type = FT_INT, .flags = FF_SYSTEM, .zh = "有误",
                    .en = "With problems"},
};
static const struct state states[] = {
    {"done", "已导入", "Imported"}, {"undone", "已撤销", "Undone"}, {0}};
static const struct transition transitions[] = {
    {.name = "mark_undone", .zh = "撤销", .en = "Undo", .from = "done", .to = "undone",
     .right = "import_run.undo"},
    {0}};
const struct kind import_kind = {.no = 99, .name = "import_run", .plural = "imports",
                                 .zh = "导入记录", .en = "Import",
                                 .flags = KF_NO_API | KF_GLOBAL | KF_NO_RETIRE, FIELDS(fields),
                                 .states = states, .transitions = transitions};

const struct table_def import_tables[2] = {
    {.name = "import_row",
     .columns = "import uuid NOT NULL, row i64 NOT NULL, id uuid NOT NULL, created i64 NOT NULL, "
                "rev i64 NOT NULL, PRIMARY KEY (import, row)"},
    {0}};

QUERY(q_import_row_add, "INSERT INTO import_row (import, row, id, created, rev) "
                        "VALUES ($1, $2, $3, $4, $5)");
QUERY(q_import_rows, "SELECT id, created, rev FROM import_row WHERE import = $1 ORDER BY row");

/* ---- columns ---- */

static struct str folded(struct arena *a, struct str s) {
  char *z = arena_strz(a, str_trim(s));
  size_t n = 0;
  for (const char *p = z; *p; p++) {
    /* "Parent Code", "parent_code" and "parent-code*" are one header */
    if (*p == ' ' || *p == '_' || *p == '-' || *p == '*') continue;
    z[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
  }
  return (struct str){z, n};
}

static bool header_names(struct arena *a, const struct field *f, struct str header) {
  const char *const plain[] = {f->name, f->zh, f->en};
  for (size_t i = 0; i < ARRAY_LEN(plain); i++)
    if (str_eq(folded(a, str_from(plain[i])), header)) return true;
  struct str rest = str_from(f->headers ? f->headers : "");
  while (rest.p && rest.n)
    if (str_eq(folded(a, str_split(&rest, '|')), header)) return true;
  return false;
}

static int field_for(struct arena *a, const struct kind *k, struct str header) {
  struct str h = folded(a, header);
  for (size_t i = 0; i < k->n_fields; i++) {
    const struct field *f = &k->fields[i];
    if (f->flags & (FF_SYSTEM | FF_NO_IMPORT)) continue;
    if (h.n && header_names(a, f, h)) return (int)i;
  }
  return -1;
}

struct seen_key {
  uint64_t hash;
  int64_t row;
};

struct run {
  const struct import_options *o;
  struct arena *a; /* of the result */
  struct import_result *res;
  int key;         /* field by which a row is found again; -1: always new */
  uint64_t *keys;
  struct seen_key *seen; /* keys of the rows read so far, with their rows */  /* of the file, hashed; for a dry run */
  size_t key_mask;
  int64_t at_ms;
  uint32_t header_row;
};

/* The header is the first row in which at least one known column stands: titles stand above it. */
static bool take_header(struct run *rn, const struct sheet_row *row) {
  size_t known = 0;
  struct import_column *cols = arena_array(rn->a, struct import_column, row->n + 1);
  for (size_t i = 0; i < row->n; i++) {
    cols[i] = (struct import_column){.header = arena_dup(rn->a, str_trim(row->cells[i].text)),
                                     .field = field_for(rn->a, rn->o->kind, row->cells[i].text)};
    if (cols[i].field >= 0) known++;
  }
  if (known == 0 || (known < 2 && row->n > 2)) return false;
  rn->res->columns = cols;
  rn->res->n_columns = row->n;
  return true;
}

static void check_columns(struct run *rn, uint32_t row) {
  const struct kind *k = rn->o->kind;
  struct import_result *res = rn->res;
  for (size_t i = 0; i < res->n_columns; i++) {
    const struct import_column *c = &res->columns[i];
    if (c->field >= 0 || c->header.n == 0) continue;
    struct problem *p = problem_warn(&res->problems, PROBLEM_unknown_column, (struct str){0});
    p->value = p->column = c->header;
    p->row = row;
  }
  for (size_t f = 0; f < k->n_fields; f++) {
    bool there = false;
    for (size_t i = 0; i < res->n_columns && !there; i++) there = res->columns[i].field == (int)f;
    if (there || !(k->fields[f].flags & FF_REQUIRED) || k->fields[f].initial ||
        k->fields[f].flags & FF_SYSTEM)
      continue;
    problem_text(&res->problems, PROBLEM_missing_column, str_from(k->fields[f].name),
                 str_from(k->fields[f].zh), (struct str){0}, (struct str){0});
  }
}

static int key_field(const struct kind *k) {
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_KEY) return (int)i;
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_LOOKUP) return (int)i;
  return -1;
}

/* ---- keys that the file brings ---- */

static uint64_t *key_slot(const struct run *rn, uint64_t h) {
  size_t at = (size_t)h & rn->key_mask;
  while (rn->keys[at] && rn->keys[at] != h) at = (at + 1) & rn->key_mask;
  return &rn->keys[at];
}

static uint64_t key_hash(struct str key) {
  const uint64_t h = hash64(key.p, key.n);
  return h ? h : 1;
}

static bool key_in_file(const void *file, struct str key) {
  return key.n && *key_slot(file, key_hash(key)) != 0;
}

/* One pass over the file, for a dry run, then back to its first row. */
static int gather_keys(struct run *rn, struct sheet_reader *sheet, struct err *e) {
  const struct sheet_row *row;
  size_t n = 0, column = SIZE_MAX;
  for (size_t i = 0; i < rn->res->n_columns; i++)
    if (rn->key >= 0 && rn->res->columns[i].field == rn->key) column = i;
  if (column == SIZE_MAX) return 0;
  rn->key_mask = 131071; /* over twice IMPORT_ROWS */
  rn->keys = arena_array(rn->a, uint64_t, rn->key_mask + 1);
  if (arena_failed(rn->a)) return err_set(e, E_NOMEM, "no memory for the import");
  int x;
  while ((x = sheet_next(sheet, &row, e)) >= 0 && row && n++ < IMPORT_ROWS) {
    if (column >= row->n) continue;
    const uint64_t h = key_hash(str_trim(row->cells[column].text));
    *key_slot(rn, h) = h;
  }
  return x;
}

enum { SEEN_KEYS = 131072 }; /* over twice IMPORT_ROWS; a power of two */

/* Each pass over the file begins without any. */
static int seen_begin(struct run *rn, struct err *e) {
  if (rn->key < 0) return 0;
  if (!rn->seen) rn->seen = arena_array(rn->a, struct seen_key, SEEN_KEYS);
  if (arena_failed(rn->a)) return err_set(e, E_NOMEM, "no memory for the import");
  memset(rn->seen, 0, SEEN_KEYS * sizeof rn->seen[0]);
  return 0;
}

/* The row that had this key before, or 0; from now on it is this row's. */
static int64_t seen_before(struct run *rn, struct str key, int64_t row) {
  const uint64_t h = key_hash(key);
  size_t at = (size_t)h & (SEEN_KEYS - 1);
  while (rn->seen[at].hash && rn->seen[at].hash != h) at = (at + 1) & (SEEN_KEYS - 1);
  if (rn->seen[at].hash) return rn->seen[at].row;
  rn->seen[at] = (struct seen_key){h, row};
  return 0;
}

/* ---- one row ---- */

struct row {
  struct cmd cmd;
  struct run *rn;
  struct arena *a;
  struct viewer *v;
  int64_t number;
  struct val *values; /* by field; meaning only where given */
  bool *given;
  struct problems problems; /* of the cells */
  struct change *c;         /* made inside the transaction */
  bool created, unchanged;
  sem_t *done;
};

static void place_problems(struct row *r, struct problems *from) {
  struct import_result *res = r->rn->res;
  for (const struct problem *p = from->first; p; p = p->next) {
    struct problem *q =
        p->warning ? problem_warn(&res->problems, p->code, p->field)
                   : problem_text(&res->problems, p->code, p->field, p->limit, p->value, p->other);
    if (p->warning) {
      q->other = arena_dup(r->rn->a, p->other);
      q->value = arena_dup(r->rn->a, p->value);
    }
    q->row = r->number;
    for (size_t i = 0; i < res->n_columns; i++)
      if (res->columns[i].field >= 0 &&
          str_is(p->field, r->rn->o->kind->fields[res->columns[i].field].name))
        q->column = res->columns[i].header;
  }
}

static void take_cells(struct row *r, const struct sheet_row *row) {
  const struct kind *k = r->rn->o->kind;
  struct type_ctx c = {.a = r->a, .tree = r->v->tree, .zone = r->v->zone, .today = r->v->today,
                       .ps = &r->problems};
  for (size_t i = 0; i < row->n && i < r->rn->res->n_columns; i++) {
    const int f = r->rn->res->columns[i].field;
    const struct cell *cell = &row->cells[i];
    if (f < 0) continue;
    const struct field *field = &k->fields[f];
    const bool identity = field->flags & (FF_LOOKUP | FF_KEY) || field->type == FT_CITIZEN_ID;
    if (cell->lost_digits && identity) {
      problem_add(&r->problems, PROBLEM_id_lost_digits, str_from(field->name));
      continue;
    }
    if (cell->kind == CELL_ERROR) {
      problem_text(&r->problems, PROBLEM_bad_format, str_from(field->name), str_from(field->zh),
                   cell->text, (struct str){0});
      continue;
    }
    if (cell->kind == CELL_EMPTY) continue; /* an empty cell says nothing; it does not erase */
    r->given[f] = field_type(field)->from_text(&c, field, cell->text, str_from(field->name),
                                               &r->values[f]) &&
                  r->values[f].t != VAL_NULL;
  }
}

/* A second row for one key would be judged by what the first one has just made. */
static void refuse_repeated(struct row *r) {
  const int key = r->rn->key;
  if (key < 0 || !r->given[key] || r->values[key].t != VAL_TEXT) return;
  const int64_t first = seen_before(r->rn, r->values[key].s, r->number);
  if (!first) return;
  problem_text(&r->problems, PROBLEM_duplicate_in_file,
               str_from(r->rn->o->kind->fields[key].name), (struct str){0}, (struct str){0},
               arena_printf(r->a, "%lld", (long long)first));
}

/* What a wrong row lacks is said with what is wrong in it. A row with a key may be an update,
 * which needs no more than it changes; without problems the engine says it all. */
static void name_missing(struct row *r) {
  const struct kind *k = r->rn->o->kind;
  if (!problems_any(&r->problems)) return;
  if (r->rn->key >= 0 && r->given[r->rn->key]) return;
  for (size_t f = 0; f < k->n_fields; f++) {
    const struct field *field = &k->fields[f];
    bool said = r->given[f] || !(field->flags & FF_REQUIRED) || field->flags & FF_SYSTEM ||
                field->initial;
    for (const struct problem *p = r->problems.first; p && !said; p = p->next)
      said = str_is(p->field, field->name);
    if (!said) problem_add(&r->problems, PROBLEM_required, str_from(field->name));
  }
}

static bool same_value(const struct val *a, const struct val *b) {
  if (a->t != b->t) return false;
  switch (a->t) {
  case VAL_NULL: return true;
  case VAL_I64: return a->i == b->i;
  case VAL_TEXT:
  case VAL_BLOB: return str_eq(a->s, b->s);
  case VAL_UUID: return uuid_eq(&a->u, &b->u);
  case VAL_F64: break;
  }
  return false;
}

/* What differs from the record that stands there is set; sealed values are opened to compare. */
static int set_differences(struct row *r, struct record *was, struct err *e) {
  const struct kind *k = r->rn->o->kind;
  r->unchanged = true;
  for (size_t f = 0; f < k->n_fields; f++) {
    if (!r->given[f] || k->fields[f].flags & FF_IMMUTABLE) continue;
    if (k->fields[f].flags & FF_SEALED) {
      int x = record_plain(r->rn->o->app->registry.sealer, was, (int)f, r->a, e);
      if (x < 0) return x;
    }
    if (same_value(&was->v[f], &r->values[f])) continue;
    change_set(r->c, (int)f, r->values[f]);
    r->unchanged = false;
  }
  return 0;
}

static int find_existing(struct tx *tx, struct row *r, struct record **ret, struct err *e) {
  struct record *found[2];
  size_t n = 0;
  const int key = r->rn->key;
  *ret = NULL;
  if (key < 0 || !r->given[key] || r->values[key].t != VAL_TEXT) return 0;
  int x = record_find(tx, &r->rn->o->app->registry, r->a, r->rn->o->kind, r->v->op, key,
                      r->values[key].s, found, 2, &n, e);
  /* one he may not see is left to the rule that says only "elsewhere" */
  if (x >= 0 && n == 1 && !found[0]->retired && record_visible(r->v, found[0])) *ret = found[0];
  return x;
}

static int keep_trace(struct tx *tx, struct row *r, struct err *e) {
  if (r->rn->o->dry || r->unchanged || uuid_is_nil(&r->rn->res->id)) return 0;
  return tx_exec(tx, &q_import_row_add,
                 P(V_UUID(r->rn->res->id), V_I64(r->number), V_UUID(r->c->result->id),
                   V_I64(r->created), V_I64(r->c->result->rev)),
                 NULL, e);
}

static int row_run(struct tx *tx, void *arg, struct err *e) {
  struct row *r = arg;
  struct record *was;
  struct registry *en = &r->rn->o->app->registry;
  r->unchanged = false;
  int x = find_existing(tx, r, &was, e);
  if (x < 0) return x;
  r->created = !was;
  r->c = change_make(r->a, en, r->v, r->rn->o->kind, was ? CHANGE_UPDATE : CHANGE_CREATE);
  r->c->at_ms = r->rn->at_ms;
  r->c->source = "import";
  if (r->rn->keys) {
    r->c->key_in_file = key_in_file;
    r->c->file = r->rn;
  }
  if (was) {
    r->c->id = was->id;
    x = set_differences(r, was, e);
    if (x < 0 || r->unchanged) return x;
  } else {
    for (size_t f = 0; f < r->rn->o->kind->n_fields; f++)
      if (r->given[f]) change_set(r->c, (int)f, r->values[f]);
  }
  x = change_ready(r->c, e);
  if (x >= 0) x = change_run(tx, r->c, e);
  return x < 0 ? x : keep_trace(tx, r, e);
}
static const struct cmd_class row_cmd = {.name = "import_row", .run = row_run};

/* ---- a dry run: everything in one place, then undone ---- */

/* One command holds the writer while it runs, so a dry run goes in slices, each as long as the
 * writer has time for; what a slice made is undone with it, and so a row may miss one that an
 * earlier slice had: units name their parents by code, and those the file itself brings are known
 * (file_keys). */
struct slice {
  struct row **rows;
  size_t n;
  size_t from, to; /* looked at in this run */
};

static int slice_run(struct tx *tx, void *arg, struct err *e) {
  struct slice *s = arg;
  for (s->to = s->from; s->to < s->n && (s->to == s->from || !tx_hurry(tx)); s->to++) {
    struct row *r = s->rows[s->to];
    struct err own = {0};
    r->cmd.result = problems_any(&r->problems) ? -E_INVALID : row_run(tx, r, &own);
    r->cmd.err = own;
    if (r->cmd.result < 0 && err_class(r->cmd.result) != ERR_CALLER) {
      *e = own;
      return r->cmd.result;
    }
  }
  return err_set(e, E_PRECONDITION, "a dry run is undone");
}
static const struct cmd_class slice_cmd = {.name = "import_dry", .run = slice_run};

static int fly_dry(struct run *rn, struct row **rows, size_t n, struct err *e) {
  struct slice s = {.rows = rows, .n = n};
  int x = 0;
  while (s.from < n && x >= 0) {
    x = writer_run(rn->o->app->writer, &slice_cmd, &s, CMD_BULK, e);
    if (x == -E_PRECONDITION) x = 0;
    s.from = s.to;
  }
  return x;
}

/* ---- the whole file ---- */

static void count(struct run *rn, struct row *r) {
  struct import_result *res = rn->res;
  if (r->cmd.result < 0) {
    res->bad++;
    place_problems(r, problems_any(&r->problems) || !r->c ? &r->problems : &r->c->problems);
    if (!problems_any(&r->problems) && (!r->c || !problems_any(&r->c->problems))) {
      struct problem *p = problem_text(&res->problems, PROBLEM_rule, (struct str){0},
                                       (struct str){0},
                                       str_from(err_text(r->cmd.err.code, true)), (struct str){0});
      p->row = r->number;
    }
    return;
  }
  if (r->c) place_problems(r, &r->c->problems); /* warnings */
  if (r->unchanged)
    res->unchanged++;
  else if (r->created)
    res->created++;
  else
    res->updated++;
}

static void row_done(struct cmd *c) { sem_post(((struct row *)c->owner)->done); }

/* Sends the rows of a flight and waits for all of them. */
static int fly(struct run *rn, struct row **rows, size_t n, struct err *e) {
  struct writer *w = rn->o->app->writer;
  sem_t done;
  size_t sent = 0;
  int x = 0;
  if (rn->o->dry) {
    x = fly_dry(rn, rows, n, e);
  } else {
    sem_init(&done, 0, 0);
    for (size_t i = 0; i < n && x >= 0; i++) {
      if (problems_any(&rows[i]->problems)) {
        rows[i]->cmd.result = -E_INVALID;
        continue;
      }
      rows[i]->done = &done;
      rows[i]->cmd.cls = &row_cmd;
      rows[i]->cmd.arg = rows[i]->cmd.owner = rows[i];
      rows[i]->cmd.priority = CMD_BULK;
      rows[i]->cmd.done = row_done;
      x = writer_submit(w, &rows[i]->cmd, e);
      if (x >= 0) sent++;
    }
    while (sent--) sem_wait(&done);
    sem_destroy(&done);
  }
  for (size_t i = 0; i < n && x >= 0; i++) count(rn, rows[i]);
  return x;
}

static int each_flight(struct run *rn, struct sheet_reader *sheet, struct arena *flight,
                       struct err *e) {
  struct row *rows[IMPORT_FLIGHT];
  const struct sheet_row *sr;
  const struct kind *k = rn->o->kind;
  size_t n = 0;
  int x = 0;
  struct viewer *v = NULL;
  for (;;) {
    x = sheet_next(sheet, &sr, e);
    if (x < 0 || (!sr && n == 0)) return x;
    if (sr && sheet_row_is_hxl(sr)) continue;
    if (sr) {
      if (rn->res->rows >= IMPORT_ROWS) {
        problem_limit(&rn->res->problems, PROBLEM_too_many, S(""), IMPORT_ROWS);
        return err_set(e, E_TOO_LARGE, "the file has too many rows");
      }
      if (!v) {
        /* a fresh copy per flight: units made by the last one are in its tree, or soon */
        app_tree_follow(rn->o->app);
        v = arena_new(flight, struct viewer);
        *v = *rn->o->viewer;
        v->tree = app_tree(rn->o->app);
        arena_defer(flight, unit_tree_release, v->tree);
      }
      struct row *r = arena_new(flight, struct row);
      *r = (struct row){.rn = rn, .a = flight, .v = v, .number = sr->number,
                        .values = arena_array(flight, struct val, k->n_fields),
                        .given = arena_array(flight, bool, k->n_fields)};
      problems_init(&r->problems, flight);
      take_cells(r, sr);
      refuse_repeated(r);
      name_missing(r);
      rn->res->rows++;
      rows[n++] = r;
      if (n < IMPORT_FLIGHT) continue;
    }
    if (arena_failed(flight)) return err_set(e, E_NOMEM, "no memory for the import");
    x = fly(rn, rows, n, e);
    if (x < 0) return x;
    n = 0;
    v = NULL;
    arena_reset(flight);
    if (!sr) return 0;
  }
}

static int read_header(struct run *rn, struct sheet_reader *sheet, struct err *e) {
  const struct sheet_row *row;
  for (int i = 0; i < HEADER_ROWS; i++) {
    int x = sheet_next(sheet, &row, e);
    if (x < 0) return x;
    if (!row) break;
    if (!take_header(rn, row)) continue;
    check_columns(rn, row->number);
    rn->header_row = row->number;
    return problems_any(&rn->res->problems) ? err_set(e, E_INVALID, "columns are missing") : 0;
  }
  problem_add(&rn->res->problems, PROBLEM_empty_file, S(""));
  return err_set(e, E_INVALID, "no header that fits this kind of record was found");
}

/* To the row behind the header again. */
static int skip_header(struct run *rn, struct sheet_reader *sheet, struct err *e) {
  const struct sheet_row *row;
  for (int x;;) {
    x = sheet_next(sheet, &row, e);
    if (x < 0 || !row) return x;
    if (row->number == rn->header_row) return 0;
  }
}

static int open_sheet(struct run *rn, struct sheet_reader **ret_sheet, struct err *e) {
  int x = sheet_open(rn->o->bytes, ret_sheet, e);
  if (x < 0 && err_class(x) == ERR_CALLER) {
    const bool encoding = e->what && strcmp(e->what, "bad_encoding") == 0;
    if (e->what && strcmp(e->what, "empty_file") == 0)
      problem_add(&rn->res->problems, PROBLEM_empty_file, S(""));
    else
      problem_text(&rn->res->problems, encoding ? PROBLEM_bad_encoding : PROBLEM_bad_file, S(""),
                   S("XLSX / CSV"), str_from(e->field), (struct str){0});
    if (x == -E_MALFORMED) return err_set(e, E_INVALID, "the file cannot be read");
  }
  if (x >= 0) rn->res->encoding = sheet_encoding(*ret_sheet);
  return x;
}

static struct change *trace_change(struct run *rn, enum change_verb verb) {
  struct change *c = change_make(rn->a, &rn->o->app->registry, rn->o->viewer, &import_kind, verb);
  c->at_ms = rn->at_ms;
  c->source = "import";
  c->internal = true;
  return c;
}

static int trace_begin(struct run *rn, struct err *e) {
  int32_t scope[1];
  struct change *c = trace_change(rn, CHANGE_CREATE);
  const int n = viewer_scope(rn->o->viewer, kind_right(rn->o->kind, VERB_IMPORT), scope, 1);
  const int32_t unit = n == SCOPE_ALL ? unit_root(rn->o->viewer->tree) : n > 0 ? scope[0] : 0;
  change_set(c, IMPORT_KIND, V_TEXTZ(rn->o->kind->name));
  if (unit) change_set(c, IMPORT_UNIT, V_I64(unit));
  change_set(c, IMPORT_FILE, V_TEXT(str_sub(rn->o->filename, 0, 150)));
  int x = change_do(c, e);
  if (x >= 0) rn->res->id = c->id;
  return x;
}

static int trace_end(struct run *rn, struct err *e) {
  struct change *c = trace_change(rn, CHANGE_UPDATE);
  c->id = rn->res->id;
  change_set(c, IMPORT_RUN_ROWS, V_I64(rn->res->rows));
  change_set(c, IMPORT_CREATED, V_I64(rn->res->created));
  change_set(c, IMPORT_UPDATED, V_I64(rn->res->updated));
  change_set(c, IMPORT_UNCHANGED, V_I64(rn->res->unchanged));
  change_set(c, IMPORT_BAD, V_I64(rn->res->bad));
  return change_do(c, e);
}

static int pass(struct run *rn, struct err *e) {
  _cleanup_(sheet_closep) struct sheet_reader *sheet = NULL;
  _cleanup_(arena_freep) struct arena *flight = arena_create(LIMIT_ARENA_REQUEST);
  if (!flight) return err_set(e, E_NOMEM, "no memory for the import");
  int x = open_sheet(rn, &sheet, e);
  if (x >= 0) x = read_header(rn, sheet, e);
  if (x >= 0) x = seen_begin(rn, e);
  if (x >= 0 && rn->o->dry) {
    x = gather_keys(rn, sheet, e);
    if (x >= 0) x = sheet_choose(sheet, sheet_chosen(sheet), e);
    if (x >= 0) x = skip_header(rn, sheet, e);
  }
  if (x >= 0) x = each_flight(rn, sheet, flight, e);
  if (x >= 0 && rn->res->rows == 0) {
    problem_add(&rn->res->problems, PROBLEM_empty_file, S(""));
    x = err_set(e, E_INVALID, "the file holds no rows");
  }
  return x;
}

static void begin(struct run *rn, const struct import_options *o, struct arena *a,
                  struct import_result *res) {
  *res = (struct import_result){0};
  problems_init(&res->problems, a);
  *rn = (struct run){.o = o, .a = a, .res = res, .key = key_field(o->kind),
                     .at_ms = clock_now_ms(&o->app->clock)};
}

int import_run(const struct import_options *o, struct arena *a, struct import_result *ret,
               struct err *e) {
  struct run rn;
  struct import_options dry = *o;
  dry.dry = true;
  if (!viewer_may(o->viewer, kind_right(o->kind, VERB_IMPORT), 0))
    return err_field(e, E_FORBIDDEN, "you may not import this kind of record", o->kind->name);
  if (o->kind->flags & (KF_NO_API | KF_EVENT))
    return err_field(e, E_FORBIDDEN, "these records are not imported", o->kind->name);
  /* nothing is written before the whole file has been looked at */
  if (o->dry || !o->skip_bad) {
    begin(&rn, &dry, a, ret);
    int x = pass(&rn, e);
    if (x < 0 || o->dry) return x;
    if (ret->bad) return err_set(e, E_INVALID, "rows have problems; nothing was imported");
  }
  begin(&rn, o, a, ret);
  int x = trace_begin(&rn, e);
  if (x >= 0) x = pass(&rn, e);
  ret->done = true;
  if (o->kind->flags & KF_GLOBAL) app_tree_changed(o->app);
  if (!uuid_is_nil(&ret->id)) {
    struct err own = {0};
    int y = trace_end(&rn, &own);
    if (x >= 0 && y < 0) {
      *e = own;
      return y;
    }
  }
  return x;
}

/* ---- taking back ---- */

struct made {
  struct uuid id;
  int64_t created, rev;
};

static int read_made(struct app *app, struct arena *a, const struct uuid *id, struct made **ret,
                     size_t *ret_n, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  struct made *list = arena_array(a, struct made, IMPORT_ROWS);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory");
  int x = store_read(app->store, &tx, e);
  if (x >= 0) x = cur_open(tx, &q_import_rows, P(V_UUID(*id)), &c, e);
  while (x >= 0 && (x = cur_next(c, e)) == 1 && n < IMPORT_ROWS)
    list[n++] = (struct made){cur_uuid(c, 0), cur_i64(c, 1), cur_i64(c, 2)};
  *ret = list;
  *ret_n = n;
  return x < 0 ? x : 0;
}

int import_undo(struct app *app, const struct viewer *v, struct arena *a, const struct uuid *id,
                int64_t *ret_undone, int64_t *ret_left, struct err *e) {
  struct record *rec;
  struct made *list;
  size_t n;
  *ret_undone = *ret_left = 0;
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    int x = store_read(app->store, &tx, e);
    if (x >= 0) x = record_get(tx, a, v, &import_kind, id, &rec, e);
    if (x < 0) return x;
  }
  if (!str_is(rec->state, "done")) return err_set(e, E_STATE, "this import was undone already");
  const struct kind *k = kind_by_name(rec_text(rec, IMPORT_KIND));
  if (!k || !viewer_may(v, kind_right(k, VERB_IMPORT), 0))
    return err_set(e, E_FORBIDDEN, "you may not undo this import");
  int x = read_made(app, a, id, &list, &n, e);
  /* last first: what hangs on a row goes before it */
  for (size_t i = n; i-- > 0 && x >= 0;) {
    struct err own = {0};
    if (!list[i].created) {
      ++*ret_left;
      continue;
    }
    struct change *c = change_make(a, &app->registry, v, k, CHANGE_RETIRE);
    c->id = list[i].id;
    c->if_rev = list[i].rev;
    c->at_ms = clock_now_ms(&app->clock);
    c->source = "import";
    c->internal = true;
    x = change_do(c, &own);
    if (x < 0 && err_class(x) == ERR_CALLER) {
      ++*ret_left;
      x = 0;
    } else if (x < 0) {
      *e = own;
    } else {
      ++*ret_undone;
    }
  }
  if (k->flags & KF_GLOBAL) app_tree_changed(app);
  if (x < 0) return x;
  struct change *c = change_make(a, &app->registry, v, &import_kind, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(&import_kind, S("mark_undone"));
  c->at_ms = clock_now_ms(&app->clock);
  c->source = "import";
  c->internal = true;
  return change_do(c, e);
}

void import_result_write(struct jw *w, const struct import_result *r) {
  const struct {
    const char *name;
    int64_t v;
  } counts[] = {{"rows", r->rows}, {"created", r->created}, {"updated", r->updated},
                {"unchanged", r->unchanged}, {"bad", r->bad}};
  jw_object(w);
  jw_k(w, "id");
  if (uuid_is_nil(&r->id))
    jw_null(w);
  else
    jw_uuid(w, &r->id);
  for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
    jw_key(w, str_from(counts[i].name));
    jw_i64(w, counts[i].v);
  }
  jw_k(w, "done");
  jw_bool(w, r->done);
  jw_k(w, "encoding");
  jw_strz(w, r->encoding ? r->encoding : "");
  jw_k(w, "columns");
  jw_array(w);
  for (size_t i = 0; i < r->n_columns; i++) {
    jw_object(w);
    jw_k(w, "header");
    jw_str(w, r->columns[i].header);
    jw_k(w, "field");
    jw_i64(w, r->columns[i].field);
    jw_end(w);
  }
  jw_end(w);
  jw_k(w, "problems");
  problems_write(w, &r->problems);
  jw_k(w, "more");
  jw_bool(w, r->problems.cut);
  jw_end(w);
}
