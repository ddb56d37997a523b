#include "output/xlsx_write.h"
#include "base/limits.h"
#include "base/timeutil.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { EXCEL_TEXT_MAX = 32767, HEADER_MAX = 255 };

struct xlsx_writer {
  const struct xlsx_options *o;
  lxw_workbook *book;
  lxw_worksheet *sheet;
  lxw_format *head, *required, *formats[XLSX_TYPES_], *note, *title;
  struct buf z;   /* a cell's text with its NUL */
  char path[256]; /* of the result, until it is read */
  uint32_t row;   /* the next one to be written, from 0 */
  uint16_t column;
  struct err err;
};

static void fail(struct xlsx_writer *w, int code, const char *what) {
  if (!w->err.code) err_set(&w->err, code, what);
}

static void check(struct xlsx_writer *w, lxw_error r) {
  if (r == LXW_NO_ERROR) return;
  if (r == LXW_ERROR_MEMORY_MALLOC_FAILED)
    fail(w, E_NOMEM, "xlsx");
  else if (r == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
    fail(w, E_TOO_LARGE, "cell_text");
  else if (r == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE)
    fail(w, E_TOO_LARGE, "rows");
  else
    fail(w, E_BUG, lxw_strerror(r));
}

static bool looks_escaped(struct str s) {
  uint8_t b[2];
  return s.n >= 7 && s.p[6] == '_' && hex_decode(str_sub(s, 2, 4), b, 2) == 0;
}

/* NUL-ended, valid until the next call; NULL when it cannot be. */
static const char *z_of(struct xlsx_writer *w, struct str s) {
  buf_clear(&w->z);
  if (!str_utf8_valid(s) || memchr(s.p ? s.p : "", 0, s.n)) {
    fail(w, E_BUG, "xlsx_text_encoding");
    return NULL;
  }
  /* text that looks like an escape would be read as the character that it names */
  for (size_t at; (at = str_find(s, S("_x"))) != (size_t)-1;) {
    buf_add(&w->z, s.p, at);
    buf_str_add(&w->z, looks_escaped(str_sub(s, at, s.n)) ? S("_x005F_x") : S("_x"));
    s = str_sub(s, at + 2, s.n);
  }
  buf_str_add(&w->z, s);
  const char *z = buf_z(&w->z);
  if (!z) fail(w, E_TOO_LARGE, "cell_text");
  return z;
}

/* --- the look --------------------------------------------------------------------------------- */

static const struct {
  const char *format;
  double width;
  const char *zh, *en;
} types[XLSX_TYPES_] = {
    [XLSX_TEXT] = {"@", 18, "文字", "text"},
    [XLSX_LONG] = {"@", 42, "文字（可多行）", "text, several lines"},
    [XLSX_CODE] = {"@", 22, "编码（按文字保存）", "code, kept as text"},
    [XLSX_CHOICE] = {"@", 14, "下拉选择", "one of a list"},
    [XLSX_NUMBER] = {NULL, 11, "数字", "number"},
    [XLSX_DATE] = {"yyyy-mm-dd", 12, "日期（年-月-日）", "date, year-month-day"},
    [XLSX_MOMENT] = {"yyyy-mm-dd hh:mm", 17, "日期和时间", "date and time"},
    [XLSX_TIME] = {"[hh]:mm", 9, "时间（时:分）", "time, hours:minutes"},
};

static void make_formats(struct xlsx_writer *w) {
  w->head = workbook_add_format(w->book);
  format_set_bold(w->head);
  format_set_bg_color(w->head, 0xDCE6F1);
  format_set_bottom(w->head, LXW_BORDER_THIN);
  format_set_text_wrap(w->head);
  format_set_align(w->head, LXW_ALIGN_VERTICAL_CENTER);
  w->required = workbook_add_format(w->book);
  format_set_bold(w->required);
  format_set_bg_color(w->required, 0xFCE4D6);
  format_set_bottom(w->required, LXW_BORDER_THIN);
  format_set_text_wrap(w->required);
  format_set_align(w->required, LXW_ALIGN_VERTICAL_CENTER);
  w->title = workbook_add_format(w->book);
  format_set_bold(w->title);
  format_set_font_size(w->title, 14);
  w->note = workbook_add_format(w->book);
  format_set_text_wrap(w->note);
  format_set_align(w->note, LXW_ALIGN_VERTICAL_TOP);
  for (size_t i = 0; i < XLSX_TYPES_; i++) {
    w->formats[i] = workbook_add_format(w->book);
    if (types[i].format && types[i].format[0] == '@')
      format_set_num_format_index(w->formats[i], 49);
    else if (types[i].format)
      format_set_num_format(w->formats[i], types[i].format);
    if (i == XLSX_LONG) format_set_text_wrap(w->formats[i]);
    format_set_align(w->formats[i], LXW_ALIGN_VERTICAL_TOP);
  }
}

/* Display columns: a Chinese character takes two. */
static double title_width(struct str s) {
  double n = 4; /* the filter's button */
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if ((c & 0xc0) != 0x80) n += c >= 0xe0 ? 2 : 1;
  }
  return n;
}

/* What the printed header and footer say; & is their escape, 255 characters their limit. */
static void mark_pages(struct xlsx_writer *w, lxw_worksheet *sheet) {
  _cleanup_(buf_done) struct buf text = BUF_INIT(4 * HEADER_MAX);
  size_t characters = 0;
  buf_lit(&text, "&C");
  for (size_t i = 0; i < w->o->watermark.n; i++) {
    char c = w->o->watermark.p[i];
    characters += ((unsigned char)c & 0xc0) != 0x80 ? (c == '&' ? 2 : 1) : 0;
    if (characters > HEADER_MAX - 16) break;
    if (c == '&') buf_char(&text, '&');
    buf_char(&text, c == '\n' ? ' ' : c);
  }
  const char *z = buf_z(&text);
  if (!z) return fail(w, E_NOMEM, "xlsx");
  if (w->o->watermark.n) check(w, worksheet_set_header(sheet, z));
  buf_lit(&text, "&R&P / &N");
  if (!(z = buf_z(&text))) return fail(w, E_NOMEM, "xlsx");
  check(w, worksheet_set_footer(sheet, z));
  worksheet_set_landscape(sheet);
  worksheet_set_paper(sheet, 9); /* A4 */
  worksheet_fit_to_pages(sheet, 1, 0);
}

/* The library keeps a list's formula twice and frees it once; so it is given a list of its own,
 * whose text is then replaced. */
static void list_rule(struct xlsx_writer *w, lxw_col_t column, const char *formula) {
  const char *placeholder[] = {"-", NULL};
  lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_LIST,
                              .ignore_blank = LXW_VALIDATION_ON,
                              .show_input = LXW_VALIDATION_ON,
                              .show_error = LXW_VALIDATION_ON,
                              .dropdown = LXW_VALIDATION_ON,
                              .error_type = LXW_VALIDATION_ERROR_TYPE_STOP,
                              .value_list = (char **)(uintptr_t)placeholder};
  char *kept = strdup(formula);
  lxw_error r = kept ? worksheet_data_validation_range(w->sheet, w->row, column, LIMIT_XLSX_ROWS,
                                                       column, &rule)
                     : LXW_ERROR_MEMORY_MALLOC_FAILED;
  check(w, r);
  if (r != LXW_NO_ERROR) {
    free(kept);
    return;
  }
  lxw_data_val_obj *last = STAILQ_FIRST(w->sheet->data_validations);
  while (STAILQ_NEXT(last, list_pointers)) last = STAILQ_NEXT(last, list_pointers);
  free(last->value_formula);
  last->value_formula = kept;
}

/* Lists live on a hidden sheet: inside a rule they may hold 255 characters and no comma. */
static void make_choices(struct xlsx_writer *w) {
  const struct xlsx_options *o = w->o;
  const char *name = o->zh ? "选项" : "choices";
  lxw_worksheet *lists = NULL;
  size_t most = 0;
  for (size_t c = 0; c < o->n_columns; c++)
    if (o->columns[c].n_choices > most) most = o->columns[c].n_choices;
  if (!most) return;
  if (!(lists = workbook_add_worksheet(w->book, name))) return fail(w, E_NOMEM, "xlsx");
  worksheet_hide(lists);
  for (size_t i = 0; i < most; i++)
    for (size_t c = 0; c < o->n_columns; c++) {
      if (i >= o->columns[c].n_choices) continue;
      const char *z = z_of(w, o->columns[c].choices[i]);
      if (z)
        check(w,
              worksheet_write_string(lists, (lxw_row_t)i, (lxw_col_t)c, z, w->formats[XLSX_TEXT]));
    }
  for (size_t c = 0; c < o->n_columns; c++) {
    char formula[80], from[16], to[16];
    if (!o->columns[c].n_choices) continue;
    lxw_rowcol_to_cell_abs(from, 0, (lxw_col_t)c, LXW_TRUE, LXW_TRUE);
    lxw_rowcol_to_cell_abs(to, (lxw_row_t)(o->columns[c].n_choices - 1), (lxw_col_t)c, LXW_TRUE,
                           LXW_TRUE);
    snprintf(formula, sizeof formula, "'%s'!%s:%s", name, from, to);
    list_rule(w, (lxw_col_t)c, formula);
  }
}

static void make_header(struct xlsx_writer *w) {
  const struct xlsx_options *o = w->o;
  for (size_t c = 0; c < o->n_columns; c++) {
    const struct xlsx_column *col = &o->columns[c];
    double width = title_width(col->title);
    if (width < types[col->type].width) width = types[col->type].width;
    if (width > 60) width = 60;
    lxw_col_t at = (lxw_col_t)c;
    check(w, worksheet_set_column(w->sheet, at, at, width, w->formats[col->type]));
    const char *z = z_of(w, col->title);
    if (z)
      check(w, worksheet_write_string(w->sheet, 0, at, z, col->required ? w->required : w->head));
  }
  w->row = 1;
  for (size_t c = 0; o->hxl_row && c < o->n_columns; c++) {
    const char *z = z_of(w, o->columns[c].hxl);
    if (z) check(w, worksheet_write_string(w->sheet, 1, (lxw_col_t)c, z, w->note));
  }
  if (o->hxl_row) w->row = 2;
  worksheet_freeze_panes(w->sheet, 1, 0);
  check(w, worksheet_repeat_rows(w->sheet, 0, 0));
}

/* --- the second sheet ------------------------------------------------------------------------- */

static void guide_cell(struct xlsx_writer *w, lxw_worksheet *g, lxw_row_t row, lxw_col_t col,
                       struct str s, lxw_format *format) {
  const char *z = z_of(w, s);
  if (z) check(w, worksheet_write_string(g, row, col, z, format));
}

static void make_guide(struct xlsx_writer *w) {
  const struct xlsx_options *o = w->o;
  static const char *heads[2][5] = {{"Column", "Type", "Required", "What belongs here", "Choices"},
                                    {"列名", "类型", "必填", "填写说明", "可选值"}};
  static const double widths[] = {20, 20, 10, 60, 40};
  lxw_worksheet *g = workbook_add_worksheet(w->book, o->zh ? "说明" : "guide");
  if (!g) return fail(w, E_NOMEM, "xlsx");
  lxw_row_t row = 0;
  guide_cell(w, g, row++, 0, o->title, w->title);
  if (o->watermark.n) guide_cell(w, g, row++, 0, o->watermark, NULL);
  row++;
  for (lxw_col_t c = 0; c < 5; c++) {
    check(w, worksheet_set_column(g, c, c, widths[c], w->note));
    guide_cell(w, g, row, c, str_from(heads[o->zh][c]), w->head);
  }
  for (size_t i = 0; i < o->n_columns; i++) {
    const struct xlsx_column *col = &o->columns[i];
    _cleanup_(buf_done) struct buf list = BUF_INIT(LIMIT_SHEET_CELL);
    row++;
    guide_cell(w, g, row, 0, col->title, w->note);
    guide_cell(w, g, row, 1, str_from(o->zh ? types[col->type].zh : types[col->type].en), w->note);
    guide_cell(w, g, row, 2, col->required ? (o->zh ? S("是") : S("yes")) : S(""), w->note);
    guide_cell(w, g, row, 3, col->note, w->note);
    for (size_t k = 0; k < col->n_choices; k++) {
      if (k) buf_str_add(&list, o->zh ? S("、") : S(", "));
      buf_str_add(&list, col->choices[k]);
    }
    guide_cell(w, g, row, 4, buf_str(&list), w->note);
  }
  mark_pages(w, g);
}

/* --- life ------------------------------------------------------------------------------------- */

/* What fits, without half a character at its end. */
static void copy_cut(char *out, size_t room, struct str s) {
  size_t n = s.n < room ? s.n : room - 1;
  while (n && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--;
  if (n) memcpy(out, s.p, n);
  out[n] = 0;
}

static void set_properties(struct xlsx_writer *w) {
  const struct xlsx_options *o = w->o;
  char title[256], author[256], mark[512];
  copy_cut(title, sizeof title, o->title);
  copy_cut(author, sizeof author, o->author);
  copy_cut(mark, sizeof mark, o->watermark);
  lxw_doc_properties p = {.title = title,
                          .author = author,
                          .comments = mark,
                          .created = (time_t)(o->created_ms / MS_SECOND)};
  check(w, workbook_set_properties(w->book, &p));
}

static const char *temporary_folder(void) {
  const char *folder = getenv("TMPDIR");
  return folder && folder[0] == '/' ? folder : "/tmp";
}

static int temporary_file(struct xlsx_writer *w) {
  int n = snprintf(w->path, sizeof w->path, "%s/shouwang-XXXXXX.xlsx", temporary_folder());
  if (n < 0 || (size_t)n >= sizeof w->path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  return mkostemps(w->path, 5, O_CLOEXEC);
}

int xlsx_create(const struct xlsx_options *o, struct xlsx_writer **ret_w, struct err *e) {
  if (o->n_columns == 0 || o->n_columns > LIMIT_XLSX_COLUMNS)
    return err_set(e, E_BUG, "xlsx_columns");
  _cleanup_(xlsx_freep) struct xlsx_writer *w = calloc(1, sizeof *w);
  if (!w) return err_set(e, E_NOMEM, "xlsx");
  w->o = o;
  w->z = BUF_INIT(LIMIT_SHEET_CELL);
  int fd = temporary_file(w);
  if (fd < 0) {
    w->path[0] = 0;
    return err_sys(e, errno == ENOSPC ? E_DISK_FULL : E_IO, "temporary_file", errno);
  }
  close(fd);
  lxw_workbook_options options = {.constant_memory = LXW_TRUE,
                                  .tmpdir = (char *)(uintptr_t)temporary_folder()};
  w->book = workbook_new_opt(w->path, &options);
  const char *name = z_of(w, o->sheet.n ? o->sheet : S("Sheet1"));
  w->sheet = w->book && name ? workbook_add_worksheet(w->book, name) : NULL;
  if (!w->sheet)
    return w->err.code || !w->book ? err_set(e, E_NOMEM, "xlsx")
                                   : err_set(e, E_BUG, "xlsx_sheet_name");
  make_formats(w);
  set_properties(w);
  make_header(w);
  make_choices(w);
  mark_pages(w, w->sheet);
  if (w->err.code) {
    if (e) *e = w->err;
    return -w->err.code;
  }
  *ret_w = w;
  w = NULL;
  return 0;
}

struct xlsx_writer *xlsx_free(struct xlsx_writer *w) {
  if (!w) return NULL;
  if (w->book) lxw_workbook_free(w->book);
  if (w->path[0]) unlink(w->path);
  buf_done(&w->z);
  free(w);
  return NULL;
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool here(struct xlsx_writer *w, uint16_t *ret_column) {
  if (w->err.code) return false;
  if (w->column >= w->o->n_columns) {
    fail(w, E_BUG, "xlsx_row_too_long");
    return false;
  }
  *ret_column = w->column++;
  return true;
}

void xlsx_text(struct xlsx_writer *w, struct str s) {
  uint16_t c;
  if (!here(w, &c) || s.n == 0) return;
  const char *z = z_of(w, s);
  if (z)
    check(w, worksheet_write_string(w->sheet, w->row, c, z, w->formats[w->o->columns[c].type]));
}

static void number(struct xlsx_writer *w, double v, enum xlsx_type type) {
  uint16_t c;
  if (here(w, &c)) check(w, worksheet_write_number(w->sheet, w->row, c, v, w->formats[type]));
}

void xlsx_i64(struct xlsx_writer *w, int64_t v) {
  xlsx_decimal(w, v, 0);
}

void xlsx_decimal(struct xlsx_writer *w, int64_t v, int scale) {
  if (v > -INT64_C(1000000000000000) && v < INT64_C(1000000000000000)) {
    number(w, (double)v / pow(10, scale), XLSX_NUMBER);
    return;
  }
  _cleanup_(buf_done) struct buf text = BUF_INIT(64);
  buf_i64(&text, v);
  if (scale > 0 && buf_ok(&text) && (size_t)scale < text.n) {
    struct str digits = buf_str(&text);
    _cleanup_(buf_done) struct buf pointed = BUF_INIT(64);
    buf_str_add(&pointed, str_sub(digits, 0, digits.n - (size_t)scale));
    buf_char(&pointed, '.');
    buf_str_add(&pointed, str_sub(digits, digits.n - (size_t)scale, digits.n));
    xlsx_text(w, buf_str(&pointed));
  } else {
    xlsx_text(w, buf_str(&text));
  }
}

/* Days of Excel's calendar; it has no days before 1900-03-01 that others agree on. */
static bool serial(int32_t day, double *ret_v) {
  *ret_v = (double)day - (double)day_from_civil(1899, 12, 30);
  return *ret_v >= 61 && *ret_v < 2958466;
}

void xlsx_date(struct xlsx_writer *w, int32_t day) {
  double v;
  char text[DAY_TEXT];
  if (serial(day, &v)) return number(w, v, XLSX_DATE);
  day_format(day, text);
  xlsx_text(w, str_from(text));
}

void xlsx_moment(struct xlsx_writer *w, int32_t day, int32_t second) {
  double v;
  char text[DAY_TEXT];
  if (serial(day, &v)) return number(w, v + second / 86400.0, XLSX_MOMENT);
  day_format(day, text);
  xlsx_text(w, str_from(text));
}

void xlsx_time(struct xlsx_writer *w, int32_t second) {
  number(w, second / 86400.0, XLSX_TIME);
}

void xlsx_empty(struct xlsx_writer *w) {
  uint16_t c;
  (void)here(w, &c);
}

void xlsx_end_row(struct xlsx_writer *w) {
  if (w->err.code) return;
  if (w->column != w->o->n_columns) return fail(w, E_BUG, "xlsx_row_too_short");
  w->column = 0;
  if (++w->row > LIMIT_XLSX_ROWS) fail(w, E_TOO_LARGE, "rows");
}

/* --- the end ---------------------------------------------------------------------------------- */

/* The library writes its temporary files without looking whether that worked, and a file cut short
 * must not go out: what there is so far was written, and there is room for the copies to come. */
static void check_space(struct xlsx_writer *w) {
  enum { COPIES = 3 };
  FILE *rows = w->sheet->optimize_tmpfile;
  struct statvfs fs;
  if (fflush(rows) != 0 || ferror(rows)) {
    err_sys(&w->err, errno == ENOSPC ? E_DISK_FULL : E_IO, "temporary_file", errno);
    return;
  }
  off_t size = ftello(rows);
  if (fstatvfs(fileno(rows), &fs) < 0 || size < 0) return fail(w, E_IO, "temporary_file");
  if ((uint64_t)fs.f_bavail * fs.f_frsize < (uint64_t)size * COPIES + MIB(1))
    fail(w, E_DISK_FULL, "temporary_file");
}

int xlsx_finish_fd(struct xlsx_writer *w, int *ret_fd, struct err *e) {
  if (!w->err.code && w->column) fail(w, E_BUG, "xlsx_row_open");
  if (!w->book) fail(w, E_BUG, "xlsx_finished");
  if (!w->err.code) {
    lxw_row_t last = w->row ? w->row - 1 : 0;
    check(w, worksheet_autofilter(w->sheet, 0, 0, last, (lxw_col_t)(w->o->n_columns - 1)));
    if (!w->o->no_guide) make_guide(w);
  }
  if (!w->err.code) check_space(w);
  if (!w->err.code) {
    errno = 0;
    lxw_error r = workbook_close(w->book);
    w->book = NULL;
    if (r != LXW_NO_ERROR) {
      err_sys(&w->err, errno == ENOSPC ? E_DISK_FULL : E_IO, "xlsx_write", errno);
    }
  }
  if (w->err.code) {
    if (e) *e = w->err;
    return -w->err.code;
  }
  int fd = open(w->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return err_sys(e, E_IO, "temporary_file", errno);
  unlink(w->path);
  w->path[0] = 0;
  *ret_fd = fd;
  return 0;
}

static void close_fd(const int *fd) {
  if (*fd >= 0) close(*fd);
}

int xlsx_finish(struct xlsx_writer *w, struct buf *out, struct err *e) {
  _cleanup_(close_fd) int fd = -1;
  struct stat st;
  int r = xlsx_finish_fd(w, &fd, e);
  if (r < 0) return r;
  if (fstat(fd, &st) < 0) return err_sys(e, E_IO, "temporary_file", errno);
  size_t left = (size_t)st.st_size;
  char *at = buf_room(out, left);
  if (!at) return err_field(e, E_TOO_LARGE, "xlsx_file", "file");
  while (left) {
    ssize_t n = read(fd, at, left);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return err_sys(e, E_IO, "temporary_file", errno);
    at += n;
    left -= (size_t)n;
  }
  out->n += (size_t)st.st_size;
  return 0;
}
