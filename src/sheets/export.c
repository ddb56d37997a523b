#include "sheets/export.h"
#include "base/limits.h"
#include "output/csv.h"
#include "output/xlsx_write.h"
#include <stdio.h>

/* One row at a time through the one emitter: what a reader may not see plain is masked in the file
 * as it is on his screen. The copy carries who took it, when and why. */

enum { EXPORT_ROWS = 100000 };

struct sink {
  const struct export_options *o;
  struct arena *a;
  struct xlsx_writer *xlsx;
  struct csv_writer csv;
  int columns[LIMIT_FIELDS_PER_KIND + 2]; /* fields, EXPORT_STATE, EXPORT_ID */
  size_t n;
};

/* In a sheet that comes back, a time or a reference stays as it is typed. */
enum xlsx_type sheet_cell_type(const struct field *f, bool filled_in) {
  static const enum xlsx_type exported[FT_TYPES_] = {
      [FT_JSON] = XLSX_LONG,      [FT_LONGTEXT] = XLSX_LONG,   [FT_INT] = XLSX_NUMBER,
      [FT_DECIMAL] = XLSX_NUMBER, [FT_FEN] = XLSX_NUMBER,      [FT_TEMP] = XLSX_NUMBER,
      [FT_DATE] = XLSX_DATE,      [FT_MOMENT] = XLSX_MOMENT,   [FT_MINUTE] = XLSX_TIME,
      [FT_PHONE] = XLSX_CODE,     [FT_CITIZEN_ID] = XLSX_CODE, [FT_CREDIT_CODE] = XLSX_CODE,
      [FT_UNIT_CODE] = XLSX_CODE, [FT_UUID] = XLSX_CODE,       [FT_PHOTO] = XLSX_CODE,
      [FT_ENUM] = XLSX_CHOICE};
  const enum xlsx_type t = exported[f->type];
  if (!filled_in) return t;
  if (f->type == FT_BOOL) return XLSX_CHOICE;
  const bool typed = t == XLSX_MOMENT || t == XLSX_TIME || f->type == FT_UNIT || f->type == FT_REF;
  return typed || (t == XLSX_TEXT && f->flags & FF_SEALED) ? XLSX_CODE : t;
}

static bool wanted(const struct field *f) {
  return f->type != FT_PHOTO && strcmp(f->name, "path") != 0 && strcmp(f->name, "no") != 0;
}

int export_column(const struct kind *k, struct str name) {
  if (k->states && str_is(name, "state")) return EXPORT_STATE;
  int f;
  if (str_is(name, "id")) return EXPORT_ID;
  return field_find(k, name, &f) && wanted(&k->fields[f]) ? f : EXPORT_NONE;
}

static struct str title(const struct sink *s, int column) {
  const bool zh = s->o->viewer->zh;
  if (column == EXPORT_ID) return zh ? S(EXPORT_ID_ZH) : S(EXPORT_ID_EN);
  if (column == EXPORT_STATE) return zh ? S("状态") : S("State");
  const struct field *f = &s->o->kind->fields[column];
  return str_from(zh ? f->zh : f->en);
}

static struct xlsx_column *xlsx_columns(struct sink *s) {
  const struct kind *k = s->o->kind;
  struct xlsx_column *cols = arena_array(s->a, struct xlsx_column, s->n + 1);
  for (size_t i = 0; i < s->n; i++) {
    if (s->columns[i] < 0) {
      cols[i] = (struct xlsx_column){.title = title(s, s->columns[i])};
      continue;
    }
    const struct field *f = &k->fields[s->columns[i]];
    struct str *choices = NULL;
    size_t n = 0;
    while (f->choices && f->type == FT_ENUM && f->choices[n].value) n++;
    if (n) choices = arena_array(s->a, struct str, n);
    for (size_t c = 0; c < n; c++) choices[c] = str_from(f->choices[c].zh);
    cols[i] =
        (struct xlsx_column){.title = title(s, s->columns[i]),
                             .type = f->flags & FF_SEALED ? XLSX_CODE : sheet_cell_type(f, false),
                             .scale = f->type == FT_TEMP ? 1 : f->scale,
                             .required = (f->flags & FF_REQUIRED) != 0,
                             .note = str_from(s->o->viewer->zh ? f->zh_help : f->en_help),
                             .choices = choices,
                             .n_choices = n};
  }
  return cols;
}

static void cell_out(struct sink *s, const struct field *f, struct record *r, int i,
                     struct str text, bool masked) {
  int32_t day;
  const struct val *v = &r->v[i];
  if (!s->xlsx) {
    if (f->type == FT_TEXT || f->type == FT_LONGTEXT || masked || f->type == FT_TAGS)
      csv_text(&s->csv, text);
    else
      csv_plain(&s->csv, text);
    return;
  }
  if (text.n == 0)
    xlsx_empty(s->xlsx);
  else if (masked || f->flags & FF_SEALED)
    xlsx_text(s->xlsx, text);
  else if (f->type == FT_DATE && day_parse(text, &day) == 0)
    xlsx_date(s->xlsx, day);
  else if (f->type == FT_MOMENT && v->t == VAL_I64) {
    int minute;
    day = zone_day(s->o->viewer->zone, v->i, &minute);
    xlsx_moment(s->xlsx, day, minute * 60 + (int)(v->i / 1000 % 60));
  } else if (f->type == FT_MINUTE && v->t == VAL_I64)
    xlsx_time(s->xlsx, (int32_t)v->i * 60);
  else if (sheet_cell_type(f, false) == XLSX_NUMBER && v->t == VAL_I64)
    xlsx_decimal(s->xlsx, v->i, f->type == FT_TEMP ? 1 : f->scale);
  else
    xlsx_text(s->xlsx, text);
}

static void head_out(struct sink *s, const struct record *r, int column) {
  const struct state *st = kind_state(s->o->kind, r->state);
  struct str text = st ? str_from(s->o->viewer->zh ? st->zh : st->en) : S("");
  char id[UUID_TEXT];
  if (column == EXPORT_ID) {
    uuid_format(&r->id, id);
    text = str_from(id);
  }
  if (s->xlsx)
    xlsx_text(s->xlsx, text);
  else
    csv_plain(&s->csv, text);
}

static int row_out(struct sink *s, struct emit *em, struct record *r, struct err *e) {
  for (size_t i = 0; i < s->n; i++) {
    struct str text = {0};
    bool masked = false;
    if (s->columns[i] < 0) {
      head_out(s, r, s->columns[i]);
      continue;
    }
    int x = emit_text(em, r, s->columns[i], &text, &masked, e);
    if (x < 0) return x;
    cell_out(s, &s->o->kind->fields[s->columns[i]], r, s->columns[i], text, masked);
  }
  if (s->xlsx)
    xlsx_end_row(s->xlsx);
  else
    csv_end_row(&s->csv);
  return 0;
}

static struct str watermark(struct sink *s) {
  char at[MOMENT_TEXT];
  moment_format(s->o->viewer->now_ms, s->o->viewer->zone, at);
  return arena_printf(s->a, STR_FMT "  %.16s  " STR_FMT,
                      STR_ARG(s->o->viewer->login.n ? s->o->viewer->login : S("system")), at,
                      STR_ARG(s->o->reason));
}

static int begin(struct sink *s, struct buf *out, struct err *e) {
  const struct kind *k = s->o->kind;
  for (size_t i = 0; i < s->o->n_columns; i++) s->columns[s->n++] = s->o->columns[i];
  for (size_t i = 0; i < k->n_fields && !s->o->n_columns; i++)
    if (wanted(&k->fields[i])) s->columns[s->n++] = (int)i;
  if (k->states && !s->o->n_columns) s->columns[s->n++] = EXPORT_STATE;
  if (!s->o->n_columns) s->columns[s->n++] = EXPORT_ID;
  if (s->o->csv) {
    csv_begin(&s->csv, out);
    for (size_t i = 0; i < s->n; i++) csv_plain(&s->csv, title(s, s->columns[i]));
    csv_end_row(&s->csv);
    return 0;
  }
  const struct xlsx_options xo = {.title = str_from(k->zh),
                                  .sheet = str_from(s->o->viewer->zh ? k->zh : k->en),
                                  .watermark = watermark(s),
                                  .author = s->o->viewer->login,
                                  .columns = xlsx_columns(s),
                                  .n_columns = s->n,
                                  .created_ms = s->o->viewer->now_ms,
                                  .zh = s->o->viewer->zh};
  struct xlsx_options *keep = arena_new(s->a, struct xlsx_options);
  *keep = xo;
  return xlsx_create(keep, &s->xlsx, e);
}

static int pages(struct sink *s, struct app *app, struct err *e) {
  struct list_query lq = s->o->query;
  int64_t rows = 0;
  _cleanup_(arena_freep) struct arena *page_arena = arena_create(LIMIT_ARENA_REQUEST);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  char after[256] = "";
  int x = page_arena ? store_read(app->store, &tx, e) : err_set(e, E_NOMEM, "no memory");
  lq.limit = LIMIT_PAGE;
  lq.count = false;
  while (x >= 0) {
    struct list_page page = {.total = -1};
    x = record_list(tx, page_arena, &app->registry, s->o->viewer, s->o->kind, &lq, &page, e);
    struct emit em = {.tx = tx, .en = &app->registry, .viewer = s->o->viewer, .a = page_arena};
    for (size_t i = 0; i < page.n && x >= 0; i++) x = row_out(s, &em, page.items[i], e);
    rows += (int64_t)page.n;
    if (rows > EXPORT_ROWS) return err_set(e, E_TOO_LARGE, "more rows than one export may hold");
    if (x < 0 || !page.next.p || page.next.n >= sizeof after) break;
    memcpy(after, page.next.p, page.next.n);
    lq.after = (struct str){after, page.next.n};
    arena_reset(page_arena);
  }
  return x;
}

struct trace {
  const struct export_options *o;
  struct str detail;
};

static int trace_run(struct tx *tx, void *arg, struct err *e) {
  const struct trace *t = arg;
  return audit_by(tx, t->o->viewer, "export", t->o->kind, NULL, t->o->query.unit, t->detail, e);
}
static const struct cmd_class trace_cmd = {.name = "export", .run = trace_run};

static int keep_trace(struct app *app, const struct export_options *o, struct arena *a,
                      struct err *e) {
  struct buf b = BUF_INIT(KIB(4));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_kstr(&w, "reason", o->reason);
  jw_kstrz(&w, "format", o->csv ? "csv" : "xlsx");
  if (o->n_columns) {
    jw_karray(&w, "columns");
    for (size_t i = 0; i < o->n_columns; i++)
      jw_strz(&w, o->columns[i] == EXPORT_STATE ? "state"
                  : o->columns[i] == EXPORT_ID  ? "id"
                                                : o->kind->fields[o->columns[i]].name);
    jw_end(&w);
  }
  jw_end(&w);
  struct trace t = {.o = o, .detail = arena_dup(a, buf_str(&b))};
  buf_done(&b);
  return writer_run(app->writer, &trace_cmd, &t, CMD_BULK, e);
}

int export_run(struct app *app, const struct export_options *o, struct arena *a, struct buf *out,
               struct err *e) {
  struct sink s = {.o = o, .a = a};
  if (!viewer_may(o->viewer, kind_right(o->kind, VERB_EXPORT), 0))
    return err_field(e, E_FORBIDDEN, "you may not export this kind of record", o->kind->name);
  if (str_trim(o->reason).n == 0)
    return err_field(e, E_INVALID, "an export needs its reason", "reason");
  /* first the trace, then the copy */
  int x = keep_trace(app, o, a, e);
  if (x >= 0) x = begin(&s, out, e);
  if (x >= 0) x = pages(&s, app, e);
  if (x >= 0 && s.xlsx) x = xlsx_finish(s.xlsx, out, e);
  if (x >= 0 && !s.xlsx && !csv_ok(&s.csv)) x = err_set(e, E_TOO_LARGE, "the export is too large");
  s.xlsx = xlsx_free(s.xlsx);
  return x;
}
