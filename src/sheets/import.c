#include "sheets/import_inner.h"
#include "core/snapshots.h"
#include "core/operation.h"
#include "base/limits.h"
#include "sheets/export.h"

/* ---- the list of imports, and what each did ---- */

static const struct field fields[IMPORT_FIELDS_] = {
    [IMPORT_KIND] = {1, "kind", FT_TEXT, FF_SYSTEM | FF_TITLE | FF_FILTER, .zh = "类别",
                     .en = "Kind"},
    [IMPORT_UNIT] = {2, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE, .zh = "单位", .en = "Unit"},
    [IMPORT_FILE] = {3, "filename", FT_TEXT, FF_SYSTEM | FF_TITLE, .zh = "文件名", .en = "File"},
    [IMPORT_RUN_ROWS] = {4, "rows", FT_INT, FF_SYSTEM, .zh = "行数", .en = "Rows"},
    [IMPORT_CREATED] = {5, "created", FT_INT, FF_SYSTEM, .zh = "新增", .en = "Created"},
    [IMPORT_UPDATED] = {6, "updated", FT_INT, FF_SYSTEM, .zh = "更新", .en = "Updated"},
    [IMPORT_UNCHANGED] = {7, "unchanged", FT_INT, FF_SYSTEM, .zh = "未变", .en = "Unchanged"},
    [IMPORT_BAD] = {8, "bad", FT_INT, FF_SYSTEM, .zh = "有误", .en = "With problems"},
};
static const struct state states[] = {{"running", "导入中", "Running"},
                                      {"done", "已导入", "Imported"},
                                      {"broken_off", "已中断", "Broken off"},
                                      {"undone", "已撤销", "Undone"},
                                      {0}};
/* No role holds it: the import itself says how it ended. */
#define BY_IMPORT "import_run.by_import"
static const struct transition transitions[] = {
    {"finish", "完成", "Finish", "running", "done", .right = BY_IMPORT},
    /* some rows stand, the rest does not */
    {"break_off", "中断", "Break off", "running", "broken_off", .right = BY_IMPORT},
    {"mark_undone", "撤销", "Undo", "done broken_off", "undone", .right = BY_IMPORT},
    {0}};
const struct kind import_kind = {KIND(99, "import_run", "imports", "导入记录", "Import", fields),
                                 .flags = KF_NO_API | KF_GLOBAL | KF_NO_RETIRE, .states = states,
                                 .transitions = transitions};

const struct table_def import_tables[2] = {
    {.name = "import_row",
     .columns = "import uuid NOT NULL, row i64 NOT NULL, n i64 NOT NULL, kind i64 NOT NULL, "
                "id uuid NOT NULL, created i64 NOT NULL, rev i64 NOT NULL, "
                "PRIMARY KEY (import, row, n)"},
    {0}};

QUERY(q_import_row_add, "INSERT INTO import_row (import, row, n, kind, id, created, rev) "
                        "VALUES ($1, $2, $3, $4, $5, $6, $7)");

/* ---- what a row is known by ---- */

static int key_field(const struct kind *k) {
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_KEY) return (int)i;
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_LOOKUP) return (int)i;
  return -1;
}

static bool key_in_file(const void *file, struct str key) {
  const struct import_run_state *rn = file;
  const struct import_slot *s = key.n ? import_slot(&rn->file, import_hash(key)) : NULL;
  return s && s->hash;
}

/* One pass over the file, for a dry run, then back to its first row. */
static int gather_keys(struct import_run_state *rn, struct sheet_reader *sheet, struct err *e) {
  const struct sheet_row *row;
  size_t n = 0, column = SIZE_MAX;
  for (size_t i = 0; i < rn->res->n_columns; i++)
    if (rn->key >= 0 && rn->res->columns[i].field == &rn->o->kind->fields[rn->key]) column = i;
  if (column == SIZE_MAX) return 0;
  int x;
  while ((x = sheet_next(sheet, &row, e)) >= 0 && row && n++ < IMPORT_ROWS) {
    if (column >= row->n) continue;
    const struct str key = str_trim(row->cells[column].text);
    x = key.n ? import_key_add(rn->a, &rn->file, import_hash(key), 1, NULL, e) : 0;
    if (x < 0) return x;
  }
  return x;
}

/* A second row for one key would be judged by what the first one has just made. */
static int refuse_repeated(struct run_row *r, struct err *e) {
  struct import_run_state *rn = r->rn;
  const char *column = rn->key >= 0 ? rn->o->kind->fields[rn->key].name : NULL;
  struct str key = {NULL, 0};
  char id[UUID_TEXT];
  if (r->about) {
    uuid_format(&r->about->id, id);
    key = str_from(id);
    column = "id";
  } else if (rn->plan && rn->plan->key)
    key = rn->plan->key(&r->r, &column);
  else if (rn->key >= 0 && r->r.given[rn->key] && r->r.values[rn->key].t == VAL_TEXT)
    key = r->r.values[rn->key].s;
  if (!key.n) return 0;
  const uint64_t h = import_hash(key);
  const struct import_slot *s = import_slot(&rn->seen, h);
  if (!s || !s->hash) return import_key_add(rn->a, &rn->seen, h, r->r.number, NULL, e);
  problem_text(&r->r.problems, PROBLEM_duplicate_in_file, str_from(column), (struct str){0},
               (struct str){0}, arena_printf(r->r.a, "%lld", (long long)s->n));
  return 0;
}

/* What a wrong row lacks is said with what is wrong in it. A row with a key may be an update,
 * which needs no more than it changes; without problems the engine says it all. */
static void name_missing(struct run_row *r) {
  const struct import_run_state *rn = r->rn;
  const struct kind *k = rn->o->kind;
  if (!problems_any(&r->r.problems)) return;
  if (r->about || (rn->key >= 0 && r->r.given[rn->key])) return;
  for (size_t f = 0; f < k->n_fields; f++) {
    const struct field *field = &k->fields[f];
    bool said = r->r.given[f] || !(field->flags & FF_REQUIRED) || field->flags & FF_SYSTEM ||
                field->initial || !import_takes(k, rn->plan, f) ||
                (rn->plan && import_word(rn->plan->optional, field->name));
    for (const struct problem *p = r->r.problems.first; p && !said; p = p->next)
      said = str_is(p->field, field->name);
    if (!said) problem_add(&r->r.problems, PROBLEM_required, str_from(field->name));
  }
}

/* ---- what a plan's hook may ask and do ---- */

static uint64_t known_hash(const struct kind *k, struct str key) {
  return import_hash(key) ^ ((uint64_t)k->no << 48);
}

bool import_known(const struct import_row *row, const struct kind *k, struct str key,
                  struct uuid *ret_id) {
  const struct run_row *r = (const struct run_row *)(const void *)row;
  const uint64_t h = known_hash(k, key);
  const struct import_slot *s = import_slot(&r->rn->known, h);
  if (!s || !s->hash || s->n) return false;
  *ret_id = s->id;
  return true;
}

static struct import_pending *pending(struct run_row *r, const struct kind *k, struct str key,
                                      const struct uuid *id) {
  if (r->n_pending == ARRAY_LEN(r->pending)) return NULL;
  struct import_pending *p = &r->pending[r->n_pending++];
  *p = (struct import_pending){.kind = k, .hash = known_hash(k, key), .id = *id};
  return p;
}

void import_know(struct import_row *row, const struct kind *k, struct str key,
                 const struct uuid *id) {
  pending((struct run_row *)(void *)row, k, key, id);
}

struct change *import_change(struct import_row *row, const struct kind *k) {
  struct change *c = change_make(row->a, &row->app->registry, row->viewer, k, CHANGE_CREATE);
  c->at_ms = row->at_ms;
  c->source = "import";
  return c;
}

void import_set(struct import_row *row, int field, struct val v) {
  row->values[field] = v;
  row->given[field] = true;
}

int import_make(struct tx *tx, struct import_row *row, struct change *c, const char *column,
                struct str key, struct err *e) {
  struct run_row *r = (struct run_row *)(void *)row;
  int x = change_ready(c, e);
  if (x >= 0) x = change_run(tx, c, e);
  for (const struct problem *p = c->problems.first; p; p = p->next)
    if (!p->warning)
      problem_text(&row->problems, p->code, str_from(column), p->limit, p->value, p->other);
  if (x < 0) return x;
  struct import_pending *p = pending(r, c->kind, key, &c->result->id);
  if (!p) return err_set(e, E_BUG, "an import's plan makes too many records for one row");
  p->made = true;
  p->rev = c->result->rev;
  return 0;
}

static void count_made(struct import_result *res, const struct kind *k) {
  for (size_t i = 0; i < res->n_made; i++)
    if (res->made[i].kind == k) {
      res->made[i].n++;
      return;
    }
  if (res->n_made < ARRAY_LEN(res->made)) res->made[res->n_made++] = (struct import_made){k, 1};
}

/* After the row: what it made or found holds for the rows behind. What a dry run made is undone
 * with its slice; that it was counted is remembered (n = 1 in its slot). */
static int keep_pending(struct run_row *r, struct err *e) {
  struct import_run_state *rn = r->rn;
  int x = 0;
  for (size_t i = 0; i < r->n_pending && x >= 0; i++) {
    const struct import_pending *p = &r->pending[i];
    const bool passing = p->made && rn->o->dry;
    const struct import_slot *s = import_slot(&rn->known, p->hash);
    if (s && s->hash) continue;
    if (p->made) count_made(rn->res, p->kind);
    /* one that a slice found may have been made by an earlier row of the same slice */
    x = import_key_add(rn->a, &rn->known, p->hash, passing, &p->id, e);
  }
  return x;
}

/* ---- one row ---- */

/* What differs from the record that stands there is set; sealed values are opened to compare. */
static int set_differences(struct run_row *r, struct record *was, struct err *e) {
  const struct kind *k = r->rn->o->kind;
  r->unchanged = true;
  for (size_t f = 0; f < k->n_fields; f++) {
    if (!r->r.given[f] || (k->fields[f].flags & FF_IMMUTABLE && !r->about)) continue;
    if (k->fields[f].flags & FF_SEALED) {
      int x = record_plain(r->r.app->registry.sealer, was, (int)f, r->r.a, e);
      if (x < 0) return x;
    }
    if (val_same(&was->v[f], &r->r.values[f])) continue;
    change_set(r->c, (int)f, r->r.values[f]);
    r->unchanged = false;
  }
  return 0;
}

/* By its id: whatever its names say by now. Where they say another place, it moves there. */
static int find_about(struct tx *tx, struct run_row *r, struct record **ret, struct err *e) {
  struct record *there = NULL;
  bool moved = false;
  int x = record_get(tx, r->r.a, r->r.viewer, r->rn->o->kind, &r->about->id, ret, e);
  if (x < 0) return x;
  if ((*ret)->retired) problem_add(&r->r.problems, PROBLEM_retired, S("id"));
  for (size_t i = 0; i < IMPORT_EXTRAS; i++) moved = moved || r->r.extra[i].n;
  return moved && r->rn->plan->place ? r->rn->plan->place(tx, &r->r, &there, e) : 0;
}

/* A new record needs in full what a mask left out. */
static void refuse_masked(struct run_row *r) {
  const struct kind *k = r->rn->o->kind;
  for (size_t f = 0; f < k->n_fields; f++)
    if (r->masked[f]) problem_add(&r->r.problems, PROBLEM_masked, str_from(k->fields[f].name));
}

static int find_existing(struct tx *tx, struct run_row *r, struct record **ret, struct err *e) {
  struct record *found[2];
  size_t n = 0;
  const int key = r->rn->key;
  *ret = NULL;
  if (r->about) return find_about(tx, r, ret, e);
  if (r->rn->plan && r->rn->plan->place) return r->rn->plan->place(tx, &r->r, ret, e);
  if (key < 0 || !r->r.given[key] || r->r.values[key].t != VAL_TEXT) return 0;
  int x = record_find(tx, &r->r.app->registry, r->r.a, r->rn->o->kind, r->r.viewer->op, key,
                      r->r.values[key].s, found, 2, &n, e);
  /* one he may not see is left to the rule that says only "elsewhere" */
  if (x >= 0 && n == 1 && !found[0]->retired && record_visible(r->r.viewer, found[0]))
    *ret = found[0];
  return x;
}

int import_traced(struct tx *tx, const struct uuid *import, int64_t row, const struct kind *k,
                  const struct uuid *id, int64_t rev, struct err *e) {
  return tx_exec_later(
      tx, &q_import_row_add,
      P(V_UUID(*import), V_I64(row), V_I64(0), V_I64(k->no), V_UUID(*id), V_I64(1), V_I64(rev)),
      false, e);
}

static int trace(struct tx *tx, const struct run_row *r, int64_t n, const struct kind *k,
                 const struct uuid *id, bool created, int64_t rev, struct err *e) {
  return tx_exec_later(tx, &q_import_row_add,
                       P(V_UUID(r->rn->res->id), V_I64(r->r.number), V_I64(n), V_I64(k->no),
                         V_UUID(*id), V_I64(created), V_I64(rev)),
                       false, e);
}

static int keep_trace(struct tx *tx, struct run_row *r, struct err *e) {
  int64_t n = 0;
  int x = 0;
  if (r->rn->o->dry || uuid_is_nil(&r->rn->res->id)) return 0;
  for (size_t i = 0; i < r->n_pending && x >= 0; i++) {
    const struct import_pending *p = &r->pending[i];
    if (p->made) x = trace(tx, r, n++, p->kind, &p->id, true, p->rev, e);
  }
  if (x < 0 || r->unchanged) return x;
  return trace(tx, r, n, r->c->kind, &r->c->result->id, r->created, r->c->result->rev, e);
}

static int row_run(struct tx *tx, void *arg, struct err *e) {
  struct run_row *r = arg;
  struct record *was = NULL;
  r->unchanged = false;
  r->n_pending = 0;
  r->c = NULL;
  r->r.problems = r->cells; /* a second run starts from what the cells said */
  *r->r.problems.last = NULL;
  int x = find_existing(tx, r, &was, e);
  if (x >= 0 && !was) refuse_masked(r);
  if (x >= 0 && problems_any(&r->r.problems)) x = err_set(e, E_INVALID, "the row cannot be placed");
  if (x < 0) return x;
  r->created = !was;
  r->c = change_make(r->r.a, &r->r.app->registry, r->r.viewer, r->rn->o->kind,
                     was ? CHANGE_UPDATE : CHANGE_CREATE);
  r->c->at_ms = r->r.at_ms;
  r->c->source = "import";
  if (r->rn->file.cap) {
    r->c->key_in_file = key_in_file;
    r->c->file = r->rn;
  }
  if (was) {
    r->c->id = was->id;
    x = set_differences(r, was, e);
    if (x < 0) return x;
    if (r->unchanged) return keep_trace(tx, r, e);
  } else {
    for (size_t f = 0; f < r->rn->o->kind->n_fields; f++)
      if (r->r.given[f]) change_set(r->c, (int)f, r->r.values[f]);
  }
  x = change_ready(r->c, e);
  if (x >= 0) x = change_run(tx, r->c, e);
  if (x >= 0 && r->c->unchanged) r->unchanged = true; /* another spelling of what stands there */
  return x < 0 ? x : keep_trace(tx, r, e);
}
static const struct cmd_class row_cmd = {.name = "import_row", .run = row_run};

/* ---- a dry run: everything in one place, then undone ---- */

/* One command holds the writer while it runs, so a dry run goes in slices, each as long as the
 * writer has time for; what a slice made is undone with it, and so a row may miss one that an
 * earlier slice had: units name their parents by code, and those the file itself brings are known
 * (file_keys). */
struct slice {
  struct run_row **rows;
  size_t n;
  size_t from, to; /* looked at in this run */
};

static int slice_run(struct tx *tx, void *arg, struct err *e) {
  struct slice *s = arg;
  for (s->to = s->from; s->to < s->n && (s->to == s->from || !tx_hurry(tx)); s->to++) {
    struct run_row *r = s->rows[s->to];
    struct err own = {0};
    r->cmd.result = r->bad_cells ? -E_INVALID : row_run(tx, r, &own);
    r->cmd.err = own;
    if (r->cmd.result < 0 && err_class(r->cmd.result) != ERR_CALLER) {
      *e = own;
      return r->cmd.result;
    }
  }
  return err_set(e, E_PRECONDITION, "a dry run is undone");
}
static const struct cmd_class slice_cmd = {.name = "import_dry", .run = slice_run, .undone = true};

static int fly_dry(struct import_run_state *rn, struct run_row **rows, size_t n, struct err *e) {
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

static void count(struct import_run_state *rn, struct run_row *r) {
  struct import_result *res = rn->res;
  import_place_problems(r, &r->r.problems);
  if (r->c && !problems_any(&r->r.problems)) import_place_problems(r, &r->c->problems);
  if (r->cmd.result < 0) {
    res->bad++;
    if (!problems_any(&r->r.problems) && (!r->c || !problems_any(&r->c->problems))) {
      struct problem *p =
          problem_rule(&res->problems, (struct str){0}, str_from(err_text(r->cmd.err.code, true)),
                       str_from(err_text(r->cmd.err.code, false)));
      p->row = r->r.number;
    }
    return;
  }
  if (r->unchanged)
    res->unchanged++;
  else if (r->created)
    res->created++;
  else
    res->updated++;
}

static void row_done(struct cmd *c) {
  sem_post(((struct run_row *)c->owner)->done);
}

/* Sends the rows of a flight and waits for all of them. */
static int fly(struct import_run_state *rn, struct run_row **rows, size_t n, struct err *e) {
  struct writer *w = rn->o->app->writer;
  sem_t done;
  size_t sent = 0;
  int x = 0;
  if (rn->o->dry) {
    x = fly_dry(rn, rows, n, e);
  } else {
    sem_init(&done, 0, 0);
    for (size_t i = 0; i < n && x >= 0; i++) {
      if (rows[i]->bad_cells) {
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
  for (size_t i = 0; i < n && x >= 0; i++) {
    count(rn, rows[i]);
    /* in a dry run a row that fails is not undone by itself: what it made stands for the slice */
    if (rn->o->dry || rows[i]->cmd.result >= 0) x = keep_pending(rows[i], e);
  }
  return x;
}

static int next_row(struct import_run_state *rn, struct arena *flight, const struct viewer *v,
                    const struct sheet_row *sr, struct run_row **ret_row, struct err *e) {
  const size_t n = rn->o->kind->n_fields;
  struct run_row *r = arena_new(flight, struct run_row);
  *r = (struct run_row){.rn = rn,
                        .r = {.app = rn->o->app,
                              .viewer = v,
                              .a = flight,
                              .plan = rn->plan,
                              .number = sr->number,
                              .at_ms = rn->at_ms,
                              .values = arena_array(flight, struct val, n),
                              .given = arena_array(flight, bool, n)}};
  problems_init(&r->r.problems, flight);
  int x = import_take_cells(r, sr, e);
  if (x >= 0) x = refuse_repeated(r, e);
  if (x < 0) return x;
  name_missing(r);
  r->cells = r->r.problems;
  r->bad_cells = problems_any(&r->r.problems);
  *ret_row = r;
  return x;
}

QUERY(q_import_alive, "UPDATE import_run SET updated_ms = $2 WHERE id = $1 AND state = 'running'");

static int alive_run(struct tx *tx, void *arg, struct err *e) {
  struct import_run_state *rn = arg;
  int64_t n = 0;
  int r = tx_exec(tx, &q_import_alive,
                  P(V_UUID(rn->res->id), V_I64(clock_now_ms(&rn->o->app->clock))), &n, e);
  return r < 0 || n ? r : err_set(e, E_PRECONDITION, "the import was broken off meanwhile");
}

/* Says now and then that somebody is still at it (imports_lost). */
static int say_alive(struct import_run_state *rn, struct err *e) {
  static const struct cmd_class cls = {.name = "import_alive", .run = alive_run};
  const int64_t now = monotonic_ms();
  if (rn->o->dry || uuid_is_nil(&rn->res->id) || now - rn->alive_ms < IMPORT_ALIVE_MS) return 0;
  rn->alive_ms = now;
  return writer_run(rn->o->app->writer, &cls, rn, CMD_BULK, e);
}

static int each_flight(struct import_run_state *rn, struct sheet_reader *sheet,
                       struct arena *flight, struct err *e) {
  struct run_row *rows[IMPORT_FLIGHT];
  const struct sheet_row *sr;
  size_t n = 0;
  int x = 0;
  struct viewer *v = NULL;
  for (;;) {
    x = sheet_next(sheet, &sr, e);
    if (x < 0 || (!sr && n == 0)) return x;
    if (sr && (sheet_row_is_hxl(sr) || import_is_example(sr))) continue;
    if (sr) {
      if (rn->res->rows >= IMPORT_ROWS) {
        problem_limit(&rn->res->problems, PROBLEM_too_many, S(""), IMPORT_ROWS);
        return err_set(e, E_TOO_LARGE, "the file has too many rows");
      }
      if (!v) {
        /* a fresh copy per flight: units made by the last one are in its tree, or soon */
        snapshots_follow(rn->o->app);
        v = arena_new(flight, struct viewer);
        *v = *rn->o->viewer;
        v->tree = app_tree(rn->o->app);
        arena_defer(flight, unit_tree_release, v->tree);
      }
      x = next_row(rn, flight, v, sr, &rows[n], e);
      if (x < 0) return x;
      rn->res->rows++;
      n++;
      if (n < IMPORT_FLIGHT) continue;
    }
    if (arena_failed(flight)) return err_set(e, E_NOMEM, "no memory for the import");
    if (rn->o->app->stopping)
      return err_set(e, E_UNAVAILABLE, "the server is stopping: the import was broken off");
    x = fly(rn, rows, n, e);
    if (x >= 0) x = say_alive(rn, e);
    if (x < 0) return x;
    n = 0;
    v = NULL;
    arena_reset(flight);
    if (!sr) return 0;
  }
}

static int read_header(struct import_run_state *rn, struct sheet_reader *sheet, struct err *e) {
  bool found = false;
  int x = import_find_header(rn, sheet, &found, e);
  if (x < 0) return x;
  if (found) {
    import_check_columns(rn, rn->header_row);
    return problems_any(&rn->res->problems) ? err_set(e, E_INVALID, "columns are missing") : 0;
  }
  problem_add(&rn->res->problems, PROBLEM_empty_file, S(""));
  return err_set(e, E_INVALID, "no header that fits this kind of record was found");
}

/* To the row behind the header again. */
static int skip_header(struct import_run_state *rn, struct sheet_reader *sheet, struct err *e) {
  const struct sheet_row *row;
  for (int x;;) {
    x = sheet_next(sheet, &row, e);
    if (x < 0 || !row) return x;
    if (row->number == rn->header_row) return 0;
  }
}

static int open_sheet(struct import_run_state *rn, struct sheet_reader **ret_sheet, struct err *e) {
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

struct change *import_run_change(struct app *app, const struct viewer *v, struct arena *a,
                                 enum change_verb verb) {
  struct change *c = change_make(a, &app->registry, v, &import_kind, verb);
  c->at_ms = clock_now_ms(&app->clock);
  c->source = "import";
  c->internal = true;
  return c;
}

int import_begin(struct app *app, const struct viewer *v, struct arena *a, const struct kind *k,
                 struct str filename, struct uuid *ret_id, struct err *e) {
  int32_t scope[1];
  struct change *c = import_run_change(app, v, a, CHANGE_CREATE);
  const int n = viewer_scope(v, import_right(k), scope, 1);
  const int32_t unit = n == SCOPE_ALL ? unit_root(v->tree) : n > 0 ? scope[0] : 0;
  change_set(c, IMPORT_KIND, V_TEXTZ(k->name));
  if (unit) change_set(c, IMPORT_UNIT, V_I64(unit));
  change_set(c, IMPORT_FILE, V_TEXT(str_sub(filename, 0, 150)));
  int x = change_do(c, e);
  if (x >= 0) *ret_id = c->id;
  return x;
}

int import_end(struct app *app, const struct viewer *v, struct arena *a, const struct uuid *id,
               const struct import_counts *n, bool whole, struct err *e) {
  struct change *c = import_run_change(app, v, a, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(&import_kind, whole ? S("finish") : S("break_off"));
  change_set(c, IMPORT_RUN_ROWS, V_I64(n->rows));
  change_set(c, IMPORT_CREATED, V_I64(n->created));
  change_set(c, IMPORT_UPDATED, V_I64(n->updated));
  change_set(c, IMPORT_UNCHANGED, V_I64(n->unchanged));
  change_set(c, IMPORT_BAD, V_I64(n->bad));
  return change_do(c, e);
}

static int trace_begin(struct import_run_state *rn, struct err *e) {
  return import_begin(rn->o->app, rn->o->viewer, rn->a, rn->o->kind, rn->o->filename, &rn->res->id,
                      e);
}

static int trace_end(struct import_run_state *rn, bool whole, struct err *e) {
  const struct import_counts n = {.rows = rn->res->rows,
                                  .created = rn->res->created,
                                  .updated = rn->res->updated,
                                  .unchanged = rn->res->unchanged,
                                  .bad = rn->res->bad};
  return import_end(rn->o->app, rn->o->viewer, rn->a, &rn->res->id, &n, whole, e);
}

static int pass(struct import_run_state *rn, struct err *e) {
  _cleanup_(sheet_closep) struct sheet_reader *sheet = NULL;
  _cleanup_(arena_freep) struct arena *flight = arena_create(LIMIT_ARENA_REQUEST);
  if (!flight) return err_set(e, E_NOMEM, "no memory for the import");
  int x = open_sheet(rn, &sheet, e);
  if (x >= 0) x = read_header(rn, sheet, e);
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

static void begin(struct import_run_state *rn, const struct import_options *o, struct arena *a,
                  struct import_result *res) {
  *res = (struct import_result){.kind = o->kind};
  problems_init(&res->problems, a);
  *rn = (struct import_run_state){.o = o,
                                  .plan = import_plan_of(o->kind),
                                  .a = a,
                                  .res = res,
                                  .key = key_field(o->kind),
                                  .at_ms = clock_now_ms(&o->app->clock),
                                  .alive_ms = monotonic_ms()};
}

int import_run(const struct import_options *o, struct arena *a, struct import_result *ret,
               struct err *e) {
  struct import_run_state rn;
  struct import_options dry = *o;
  dry.dry = true;
  if (!viewer_may(o->viewer, kind_right(o->kind, VERB_IMPORT), 0))
    return err_field(e, E_FORBIDDEN, "you may not import this kind of record", o->kind->name);
  if (o->kind->flags & (KF_NO_API | KF_EVENT))
    return err_field(e, E_FORBIDDEN, "these records are not imported", o->kind->name);
  if (!viewer_writes(o->viewer, o->kind)) {
    begin(&rn, &dry, a, ret);
    problem_add(&ret->problems, PROBLEM_no_operation, S("operation"));
    return err_set(e, E_INVALID, "no operation is open, or several are: name one");
  }
  (void)snapshots_look(o->app); /* rows are refused on what is known now */
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
  if (o->kind->flags & KF_GLOBAL) (void)snapshots_look(o->app);
  if (!uuid_is_nil(&ret->id)) {
    struct err own = {0};
    int y = trace_end(&rn, x >= 0, &own);
    if (x >= 0 && y < 0) {
      *e = own;
      return y;
    }
  }
  return x;
}

static void write_columns(struct jw *w, const struct import_result *r) {
  jw_karray(w, "columns");
  for (size_t i = 0; i < r->n_columns; i++) {
    const struct import_column *c = &r->columns[i];
    const struct field *f = c->field;
    const struct import_extra *x = c->extra;
    static const struct field id = {.name = "id", .zh = EXPORT_ID_ZH, .en = EXPORT_ID_EN};
    if (c->id) f = &id;
    jw_object(w);
    jw_kstr(w, "header", c->header);
    jw_k(w, "field");
    if (f || x)
      jw_strz(w, f ? f->name : x->name);
    else
      jw_null(w);
    if (f || x) {
      jw_kstrz(w, "zh", f ? f->zh : x->zh);
      jw_kstrz(w, "en", f ? f->en : x->en);
    }
    jw_end(w);
  }
  jw_end(w);
}

void import_result_write(struct jw *w, const struct import_result *r) {
  const struct {
    const char *name;
    int64_t v;
  } counts[] = {{"rows", r->rows},
                {"created", r->created},
                {"updated", r->updated},
                {"unchanged", r->unchanged},
                {"bad", r->bad}};
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
  jw_kbool(w, "done", r->done);
  jw_kstrz(w, "encoding", r->encoding ? r->encoding : "");
  jw_karray(w, "made");
  for (size_t i = 0; i < r->n_made; i++) {
    jw_object(w);
    jw_kstrz(w, "kind", r->made[i].kind->plural);
    jw_kstrz(w, "zh", r->made[i].kind->zh);
    jw_kstrz(w, "en", r->made[i].kind->en);
    jw_ki64(w, "n", r->made[i].n);
    jw_end(w);
  }
  jw_end(w);
  write_columns(w, r);
  jw_k(w, "problems");
  problems_write(w, &r->problems);
  jw_kbool(w, "more", r->problems.cut);
  jw_end(w);
}
