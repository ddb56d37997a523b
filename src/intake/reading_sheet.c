#include "intake/reading.h"
#include "output/sheet_down.h"
#include "output/sheet_header.h"

/* A sheet with one row per enterprise under the form's own titles, as it comes by mail: titles in
 * two rows with merged groups, rows of totals in between. Totals are compared with what the rows
 * come to and never taken for an enterprise. */

enum { COL_NONE = -1, COL_NAME = -2, COL_CODE = -3, COL_NIL = -4, COL_SAME = -5, COL_NOTE = -6 };
enum { COLUMNS_MAX = 200, TOTALS_MAX = 400 };

struct sheet {
  struct reading *r;
  struct sheet_reader *reader;
  struct sheet_header header;
  int columns[COLUMNS_MAX]; /* an item of the form, or COL_… */
  size_t n;
  struct sheet_down name, code;               /* merged over the rows of one enterprise */
  int64_t sub[COLUMNS_MAX], all[COLUMNS_MAX]; /* since the last 小计, since the first row */
};

/* ---- titles ---- */

static bool among(struct str title, const char *words) {
  struct str rest = str_from(words);
  while (rest.p)
    if (str_eq(str_split(&rest, '|'), title)) return true;
  return false;
}

static struct str folded(struct arena *a, struct str text) {
  struct str plain = name_whole(a, text);
  /* "到岗人数（人）" */
  if (plain.n > 6 && str_ends(plain, S("人")) && str_find(text, S("人）")) != (size_t)-1)
    plain.n -= 3;
  return plain;
}

static bool label_is(struct reading *r, const struct template_item *it, struct str title) {
  const struct str labels[] = {it->zh, it->en, it->code};
  for (size_t i = 0; i < ARRAY_LEN(labels); i++)
    if (labels[i].n && str_eq(folded(r->a, labels[i]), title)) return true;
  return false;
}

/* A box by its label: where several bear it, by the group above. */
static int item_titled(struct reading *r, struct str upper, struct str lower) {
  int found = COL_NONE, grouped = COL_NONE;
  size_t n = 0, n_grouped = 0;
  for (size_t i = 0; i < r->form->n_items; i++) {
    const struct template_item *it = &r->form->items[i];
    const struct str group = folded(r->a, it->group_zh), group_en = folded(r->a, it->group_en);
    if (!form_asks(it, r->day)) continue;
    const struct str both =
        arena_printf(r->a, STR_FMT STR_FMT, STR_ARG(group), STR_ARG(folded(r->a, it->zh)));
    const bool labelled = label_is(r, it, lower);
    const bool under = (group.n && str_find(upper, group) != (size_t)-1) ||
                       (group_en.n && str_find(upper, group_en) != (size_t)-1);
    if ((labelled && under) || (group.n && str_eq(both, lower))) {
      grouped = (int)i;
      n_grouped++;
    } else if (labelled) {
      found = (int)i;
      n++;
    }
  }
  if (n_grouped == 1) return grouped;
  return n_grouped == 0 && n == 1 ? found : COL_NONE;
}

/* By the words of the dictionary, where nothing bears the label itself. */
static int item_called(struct reading *r, struct str lower) {
  const struct known_fact *f;
  for (size_t k = 0; (f = known_fact_at(k)); k++) {
    if (!among(lower, f->words)) continue;
    int found = COL_NONE;
    for (size_t i = 0; i < r->form->n_items; i++)
      if (str_is(r->form->items[i].key, f->key) && form_asks(&r->form->items[i], r->day))
        found = found == COL_NONE ? (int)i : COL_NONE;
    if (found != COL_NONE) return found;
  }
  return COL_NONE;
}

static int column_titled(struct reading *r, const struct sheet_title *t) {
  const struct str lower = folded(r->a, t->lower), upper = folded(r->a, t->upper);
  if (among(lower, r->area->name_titles)) return COL_NAME;
  if (among(lower, r->area->code_titles)) return COL_CODE;
  if (among(lower, "零报告|是否零报告|nil")) return COL_NIL;
  if (among(lower, "无变化|与前一日相同|同昨日|是否无变化|nochange")) return COL_SAME;
  const int item = item_titled(r, upper, lower);
  if (item != COL_NONE) return item;
  if (among(lower, "备注|说明|困难诉求|困难与诉求|困难与诉求说明|困难及诉求|note")) return COL_NOTE;
  return item_called(r, lower);
}

static bool title_known(void *arg, const struct sheet_title *t) {
  return column_titled(arg, t) != COL_NONE;
}

static bool has(const struct sheet *s, int column) {
  for (size_t i = 0; i < s->n; i++)
    if (s->columns[i] == column) return true;
  return false;
}

static bool of_no_concern(struct str title) {
  return among(title, "序号|编号|联系人|联系电话|电话|手机|手机号|街道|社区|楼宇|地址|填报人|日期|"
                      "填报日期|负责人|no");
}

/* Every column is once; what nobody knows is said. */
static int take_header(struct sheet *s, struct err *e) {
  struct reading *r = s->r;
  int x = sheet_header_find(s->reader, r->a, title_known, r, &s->header, e);
  if (x < 0) return x;
  if (!s->header.n) {
    problem_add(&r->problems, PROBLEM_empty_file, S("file"));
    return err_set(e, E_INVALID, "no header that fits the return was found");
  }
  s->n = s->header.n < COLUMNS_MAX ? s->header.n : COLUMNS_MAX;
  for (size_t c = 0; c < s->n; c++) {
    const struct sheet_title *t = &s->header.titles[c];
    s->columns[c] = t->lower.n ? column_titled(r, t) : COL_NONE;
    const bool twice = s->columns[c] != COL_NONE;
    for (size_t k = 0; twice && k < c; k++)
      if (s->columns[k] == s->columns[c]) s->columns[c] = COL_NONE;
    if (s->columns[c] >= 0) r->titles[s->columns[c]] = t->lower;
    if (s->columns[c] != COL_NONE || !t->lower.n || of_no_concern(folded(r->a, t->lower))) continue;
    struct problem *p = problem_warn(&r->problems, PROBLEM_unknown_column, (struct str){0});
    p->value = p->column = t->lower;
    p->row = s->header.bottom;
  }
  for (size_t c = 0; c < s->n && x >= 0; c++)
    if (s->columns[c] == COL_NAME || s->columns[c] == COL_CODE)
      x = sheet_down_begin(s->columns[c] == COL_NAME ? &s->name : &s->code, s->reader, r->a,
                           (uint16_t)c, e);
  if (x < 0) return x;
  if (has(s, COL_NAME) || has(s, COL_CODE)) return 0;
  struct str titles = str_from(r->area->name_titles);
  problem_text(&r->problems, PROBLEM_missing_column, S("name"), str_split(&titles, '|'),
               (struct str){0}, (struct str){0});
  return err_set(e, E_INVALID, "columns are missing");
}

/* ---- cells ---- */

bool reading_count(struct str text, int64_t *ret_n) {
  static const struct relay_box any[] = {{{STR_INIT("x")}, 1}};
  char line[80];
  if (!text.n || text.n > 60) return false;
  struct relay_entry en = {.n_head = 0};
  memcpy(line, "x:", 2);
  memcpy(line + 2, text.p, text.n);
  relay_scan(NULL, (struct str){line, text.n + 2}, any, 1, NULL, &en);
  if (en.n_values != 1 || en.n_unclear || en.n_rest || en.n_head) return false;
  *ret_n = en.values[0].n;
  return true;
}

static struct problem *cell_problem(const struct sheet *s, struct reading_row *row, size_t column,
                                    enum problem_code code, struct str value) {
  const struct template_item *it =
      s->columns[column] >= 0 ? &s->r->form->items[s->columns[column]] : NULL;
  const struct str path =
      it ? arena_printf(s->r->a, "values." STR_FMT, STR_ARG(it->code)) : S("row");
  struct problem *p = problem_text(&row->cells, code, path, S("a whole number"), value, S("整数"));
  p->row = row->number;
  p->column = s->header.titles[column].lower;
  return p;
}

static json_t *count_cell(const struct sheet *s, struct reading_row *row, size_t column,
                          const struct cell *cell) {
  int64_t n;
  const struct str text = str_trim(relay_normal(s->r->a, cell->text));
  if (str_is(text, "-") || str_is(text, "/") || str_is(text, "")) return NULL;
  if (cell->kind == CELL_NUMBER && parse_i64(text, INT32_MIN, INT32_MAX, &n) == 0)
    return json_integer(n);
  if (cell->kind == CELL_TEXT &&
      (parse_i64(text, INT32_MIN, INT32_MAX, &n) == 0 || reading_count(text, &n)))
    return json_integer(n);
  cell_problem(s, row, column, PROBLEM_wrong_type, cell->text);
  return NULL;
}

static json_t *other_cell(const struct sheet *s, struct reading_row *row, size_t column,
                          const struct template_item *it, const struct cell *cell) {
  const struct str text = str_trim(cell->text);
  if (it->type != VALUE_BOOL) return json_stringn(text.p, text.n);
  if (cell->kind == CELL_BOOL) return json_boolean(cell->number > 0.5);
  if (among(text, "是|有|√|y|Y|yes|1")) return json_true();
  if (among(text, "否|无|×|n|N|no|0")) return json_false();
  cell_problem(s, row, column, PROBLEM_not_in_list, text);
  return NULL;
}

/* What stands in the file is not asked of a sheet, but for what the sender may say. */
static bool asked(const struct intake *area, const struct template_item *it) {
  return it->source != SOURCE_ENTERPRISE || (area->said && str_is(it->key, area->said));
}

static bool yes(struct str text) {
  return among(str_trim(text), "是|√|y|Y|yes|1|TRUE");
}

static void take_cell(struct sheet *s, struct reading_row *row, size_t column,
                      const struct cell *cell) {
  const int to = s->columns[column];
  if (cell->kind == CELL_EMPTY || to == COL_NONE || to == COL_NAME || to == COL_CODE) return;
  if (cell->kind == CELL_ERROR) {
    cell_problem(s, row, column, PROBLEM_bad_format, cell->text);
    return;
  }
  if (to == COL_NIL) row->nil = yes(cell->text);
  if (to == COL_SAME) row->no_change = yes(cell->text);
  if (to == COL_NOTE) row->note = arena_dup(s->r->a, str_trim(cell->text));
  if (to < 0) return;
  const struct template_item *it = &s->r->form->items[to];
  if (!asked(s->r->area, it)) return;
  json_t *value = it->type == VALUE_COUNT ? count_cell(s, row, column, cell)
                                          : other_cell(s, row, column, it, cell);
  if (!value) return;
  if (json_is_integer(value)) {
    s->sub[column] += json_integer_value(value);
    s->all[column] += json_integer_value(value);
  }
  json_object_setn_new(row->values, it->code.p, it->code.n, value);
}

/* ---- rows ---- */

static struct str cell_under(const struct sheet *s, const struct sheet_row *row, int column) {
  for (size_t c = 0; c < s->n && c < row->n; c++)
    if (s->columns[c] == column) return str_trim(row->cells[c].text);
  return (struct str){NULL, 0};
}

/* 小计 closes its part, 合计 is of all; the word may stand in any of the first columns, spaced. */
static struct str totals_label(const struct sheet *s, const struct sheet_row *row, bool *ret_all) {
  static const char *const of_all[] = {"合计", "总计", "共计", "累计", "总和", "total"};
  static const char *const of_part[] = {"小计", "subtotal"};
  for (size_t c = 0; c < row->n && c < 4; c++) {
    const struct str text = name_whole(s->r->a, row->cells[c].text);
    for (size_t i = 0; i < ARRAY_LEN(of_part); i++)
      if (str_ends(text, str_from(of_part[i])) && text.n <= 60) {
        *ret_all = false;
        return arena_dup(s->r->a, str_trim(row->cells[c].text));
      }
    for (size_t i = 0; i < ARRAY_LEN(of_all); i++)
      if (str_is(text, of_all[i]) || (str_ends(text, str_from(of_all[i])) &&
                                      !cell_under(s, row, COL_CODE).n && text.n <= 36)) {
        *ret_all = true;
        return arena_dup(s->r->a, str_trim(row->cells[c].text));
      }
  }
  return (struct str){NULL, 0};
}

static void take_totals(struct sheet *s, const struct sheet_row *row, struct str label, bool all) {
  struct reading *r = s->r;
  for (size_t c = 0; c < s->n; c++) {
    int64_t says;
    const int to = s->columns[c];
    const int64_t sum = all ? s->all[c] : s->sub[c];
    if (!all) s->sub[c] = 0;
    if (to < 0 || r->form->items[to].type != VALUE_COUNT || c >= row->n) continue;
    if (parse_i64(str_trim(row->cells[c].text), 0, INT32_MAX, &says) < 0) continue;
    if (says == sum || r->n_totals == TOTALS_MAX) continue;
    r->totals[r->n_totals++] = (struct reading_total){.row = row->number,
                                                      .label = label,
                                                      .column = s->header.titles[c].lower,
                                                      .says = says,
                                                      .sum = sum};
  }
}

static void release(void *j) {
  json_decref(j);
}

/* By code and by name; where the two are of different enterprises both are candidates. */
static void who(struct sheet *s, struct reading_row *row, struct str code, struct str name) {
  struct name_matches by_code = {.n = 0}, by_name = {.n = 0};
  if (code.n) names_find(&s->r->names, &code, 1, &by_code);
  if (name.n) names_find(&s->r->names, &name, 1, &by_name);
  const bool whole_code = by_code.n && by_code.by == NAME_CODE;
  row->matches = whole_code ? by_code : by_name;
  if (whole_code && by_name.n == 1 && by_name.by < NAME_PART &&
      by_name.found[0] != by_code.found[0])
    row->matches.found[row->matches.n++] = by_name.found[0];
  if (row->matches.n == 1 && !row->matches.more) row->subject = row->matches.found[0];
  row->name = arena_dup(s->r->a, name.n ? name : code);
}

static struct str in_one_line(struct sheet *s, const struct sheet_row *row) {
  struct str line = S("");
  for (size_t c = 0; c < row->n && c < s->n && line.n < 300; c++)
    if (row->cells[c].kind != CELL_EMPTY)
      line = arena_printf(s->r->a, STR_FMT "%s" STR_FMT, STR_ARG(line), line.n ? " | " : "",
                          STR_ARG(reading_shown(s->r, row->cells[c].text, 100)));
  return line;
}

static int take_row(struct sheet *s, const struct sheet_row *sr, struct err *e) {
  struct reading *r = s->r;
  bool all = false;
  const struct str code = sheet_down(&s->code, sr->number, cell_under(s, sr, COL_CODE));
  const struct str name = sheet_down(&s->name, sr->number, cell_under(s, sr, COL_NAME));
  const struct str label = totals_label(s, sr, &all);
  if (label.n) {
    take_totals(s, sr, label, all);
    return 0;
  }
  /* a page's header again */
  for (size_t c = 0; c < s->n && c < sr->n; c++)
    if (s->columns[c] == COL_NAME && str_eq(name, s->header.titles[c].lower)) return 0;
  struct reading_row *row = &r->rows[r->n++];
  *row = (struct reading_row){.n = (int64_t)r->n,
                              .number = sr->number,
                              .text = in_one_line(s, sr),
                              .values = json_object()};
  if (!row->values) return err_set(e, E_NOMEM, "no memory for rows");
  arena_defer(r->a, release, row->values);
  problems_init(&row->cells, r->a);
  who(s, row, code, name);
  for (size_t c = 0; c < s->n && c < sr->n; c++) take_cell(s, row, c, &sr->cells[c]);
  return 0;
}

static int open_file(struct reading *r, struct str bytes, struct sheet_reader **ret,
                     struct err *e) {
  const int x = sheet_open(bytes, ret, e);
  if (x >= 0 || err_class(x) != ERR_CALLER) return x;
  const bool encoding = e->what && strcmp(e->what, "bad_encoding") == 0;
  if (e->what && strcmp(e->what, "empty_file") == 0)
    problem_add(&r->problems, PROBLEM_empty_file, S("file"));
  else
    problem_text(&r->problems, encoding ? PROBLEM_bad_encoding : PROBLEM_bad_file, S("file"),
                 S("XLSX / CSV"), str_from(e->field), (struct str){0});
  return err_set(e, E_INVALID, "the file cannot be read");
}

int reading_sheet(struct reading *r, struct str bytes, struct err *e) {
  _cleanup_(sheet_closep) struct sheet_reader *reader = NULL;
  const struct sheet_row *row = NULL;
  struct sheet *s = arena_new(r->a, struct sheet);
  s->r = r;
  r->totals = arena_array(r->a, struct reading_total, TOTALS_MAX);
  if (!r->totals) return err_set(e, E_NOMEM, "no memory for rows");
  int x = open_file(r, bytes, &reader, e);
  if (x < 0) return x;
  s->reader = reader;
  x = take_header(s, e);
  while (x >= 0 && (x = sheet_next(reader, &row, e)) >= 0 && row) {
    if (r->n == READING_ROWS) {
      r->cut = true;
      break;
    }
    x = take_row(s, row, e);
  }
  if (x >= 0 && r->n == 0) {
    problem_add(&r->problems, PROBLEM_empty_file, S("file"));
    return err_set(e, E_INVALID, "the file holds no rows");
  }
  return x < 0 ? x : 0;
}
