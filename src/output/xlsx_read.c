/* The rows of an XLSX's sheet. The parser is stopped at the end of each row that has content and
 * resumed for the next; the sheet is unzipped once beforehand, so that a damaged or overgrown one
 * is refused before its first row, and its merged ranges (which stand behind the rows) are known.
 */
#include "output/xlsx_parts.h"
#include <stdlib.h>

enum { EXCEL_ROWS = 1048576, EXCEL_COLUMNS = 16384 };

enum cell_type { T_NUMBER, T_SHARED, T_TEXT, T_INLINE, T_BOOL, T_ERROR, T_DATE };

/* Where a cell's text lies in the row's buffer, until the row is whole and stands still. */
struct place {
  size_t text, text_n, source, source_n;
  bool in_row; /* else the text is a shared string and cell.text points at it */
};

struct rows {
  struct xml xml;
  struct xlsx_reader *reader;
  struct cell cells[LIMIT_XLSX_COLUMNS];
  struct place places[LIMIT_XLSX_COLUMNS];
  struct buf text;
  size_t n; /* columns in use */
  uint32_t row, last_row;
  size_t rows_given;
  bool in_data, in_row, in_cell, in_inline, collecting, row_ready, open;
  int phonetic;
  /* the cell being read */
  uint32_t column, next_column;
  enum cell_type type;
  size_t style, begin;
  bool formula, has_value;
};

struct xlsx_reader {
  struct sheet_reader base;
  struct package package;
  struct book book;
  struct styles styles;
  struct strings strings;
  size_t unzipped_before; /* by the parts that every sheet shares */
  struct rows rows;
  struct sheet_row row;
};

/* --- merged ranges ---------------------------------------------------------------------------- */

struct merges_xml {
  struct xml xml;
  struct sheet_range *all;
  size_t n, cap;
};

/* "B12" gives row 12 and column 1; *s moves behind it. */
static int parse_reference(struct str *s, uint32_t *ret_row, uint32_t *ret_column) {
  uint32_t column = 0, row = 0;
  size_t i = 0;
  for (; i < s->n && (s->p[i] | 0x20) >= 'a' && (s->p[i] | 0x20) <= 'z'; i++) {
    column = column * 26 + (uint32_t)((s->p[i] | 0x20) - 'a' + 1);
    if (column > EXCEL_COLUMNS) return -E_INVALID;
  }
  size_t letters = i;
  for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
    row = row * 10 + (uint32_t)(s->p[i] - '0');
    if (row > EXCEL_ROWS) return -E_INVALID;
  }
  if (!letters || i == letters || row == 0) return -E_INVALID;
  *s = str_sub(*s, i, s->n);
  *ret_row = row;
  *ret_column = column - 1;
  return 0;
}

static void on_merge(void *arg, const char *name, const char **attrs) {
  struct merges_xml *mx = arg;
  if (strcmp(xml_local(name), "mergeCell") != 0) return;
  struct str ref = str_from(xml_attr(attrs, "ref"));
  uint32_t row, column, last_row, last_column;
  if (parse_reference(&ref, &row, &column) < 0 || ref.n == 0 || ref.p[0] != ':') {
    xml_fail(&mx->xml, E_MALFORMED, "merged_range");
    return;
  }
  ref = str_sub(ref, 1, ref.n);
  if (parse_reference(&ref, &last_row, &last_column) < 0 || ref.n || last_row < row ||
      last_column < column) {
    xml_fail(&mx->xml, E_MALFORMED, "merged_range");
    return;
  }
  if (mx->n >= LIMIT_XLSX_MERGES) {
    xml_fail(&mx->xml, E_TOO_LARGE, "merged_ranges");
    return;
  }
  if (mx->n == mx->cap) {
    size_t cap = mx->cap ? mx->cap * 2 : 16;
    struct sheet_range *more = reallocarray(mx->all, cap, sizeof *more);
    if (!more) {
      xml_fail(&mx->xml, E_NOMEM, "merged_ranges");
      return;
    }
    mx->all = more;
    mx->cap = cap;
  }
  mx->all[mx->n++] = (struct sheet_range){.first_row = row,
                                          .last_row = last_row,
                                          .first_column = (uint16_t)column,
                                          .last_column = (uint16_t)last_column};
}

/* Unzips the part to its end (size and checksum are then known to be right) and looks for a word
 * that stands in every sheet with merged cells; UTF-16 is never written by anyone, so it is parsed
 * without looking. */
static int scan_part(struct package *p, const char *path, bool *ret_merges, struct err *e) {
  enum { PIECE = 64 * 1024, KEEP = 16 };
  static const struct str word = STR_INIT("mergeCell");
  struct part t;
  char *piece = malloc(PIECE + KEEP);
  if (!piece) return err_set(e, E_NOMEM, "xlsx");
  int r = part_open(&t, p, path, e);
  size_t kept = 0, n = 1;
  bool found = false, first = true;
  while (r == 0 && n) {
    r = part_read(&t, piece + kept, PIECE, &n, e);
    if (r < 0 || n == 0) break;
    if (first && n >= 2)
      found = ((unsigned char)piece[0] >= 0xfe && (unsigned char)piece[1] >= 0xfe) || !piece[0] ||
              !piece[1];
    first = false;
    size_t have = kept + n;
    found = found || memmem(piece, have, word.p, word.n) != NULL;
    kept = have < KEEP ? have : KEEP;
    memmove(piece, piece + have - kept, kept);
  }
  part_done(&t);
  free(piece);
  if (r == 0) *ret_merges = found;
  return r;
}

static int read_merges(struct xlsx_reader *x, const char *path, struct err *e) {
  bool any = false;
  free(x->base.merges);
  x->base.merges = NULL;
  x->base.n_merges = 0;
  int r = scan_part(&x->package, path, &any, e);
  x->package.unzipped = x->unzipped_before;
  if (r < 0 || !any) return r;
  struct merges_xml mx = {0};
  r = xml_read(&mx.xml, &x->package, path, on_merge, NULL, NULL, e);
  x->package.unzipped = x->unzipped_before;
  if (r < 0) {
    free(mx.all);
    return r;
  }
  x->base.merges = mx.all;
  x->base.n_merges = mx.n;
  return 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void begin_row(struct rows *w, const char **attrs) {
  const char *r = xml_attr(attrs, "r");
  int64_t row = (int64_t)w->last_row + 1;
  if (w->in_row || (r && parse_i64(str_from(r), 1, EXCEL_ROWS, &row) < 0) || row > EXCEL_ROWS) {
    xml_fail(&w->xml, E_MALFORMED, "row_number");
    return;
  }
  if (row <= w->last_row) {
    xml_fail(&w->xml, E_MALFORMED, "row_order");
    return;
  }
  for (size_t i = 0; i < w->n; i++) w->cells[i] = (struct cell){0};
  w->row = w->last_row = (uint32_t)row;
  w->in_row = true;
  w->next_column = 0;
  w->n = 0;
  buf_clear(&w->text);
}

static enum cell_type cell_type(const char *t) {
  static const struct {
    const char *name;
    enum cell_type type;
  } known[] = {{"s", T_SHARED}, {"str", T_TEXT}, {"inlineStr", T_INLINE},
               {"b", T_BOOL},   {"e", T_ERROR},  {"d", T_DATE}};
  for (size_t i = 0; t && i < ARRAY_LEN(known); i++)
    if (strcmp(known[i].name, t) == 0) return known[i].type;
  return T_NUMBER;
}

static void begin_cell(struct rows *w, const char **attrs) {
  struct str ref = str_from(xml_attr(attrs, "r"));
  const char *style = xml_attr(attrs, "s");
  uint32_t row = w->row, column = w->next_column;
  int64_t s = 0;
  if (w->in_cell || (ref.p && (parse_reference(&ref, &row, &column) < 0 || ref.n)) ||
      row != w->row || column >= EXCEL_COLUMNS) {
    xml_fail(&w->xml, E_MALFORMED, "cell_reference");
    return;
  }
  if (style && parse_i64(str_from(style), 0, UINT32_MAX, &s) < 0) {
    xml_fail(&w->xml, E_MALFORMED, "cell_style");
    return;
  }
  w->in_cell = true;
  w->column = column;
  w->next_column = column + 1;
  w->type = cell_type(xml_attr(attrs, "t"));
  w->style = (size_t)s;
  w->begin = w->text.n;
  w->formula = w->has_value = w->in_inline = w->collecting = false;
  w->phonetic = 0;
}

static void on_start(void *arg, const char *name, const char **attrs) {
  struct rows *w = arg;
  name = xml_local(name);
  if (!w->in_data) {
    w->in_data = strcmp(name, "sheetData") == 0;
  } else if (!w->in_row) {
    if (strcmp(name, "row") == 0) begin_row(w, attrs);
  } else if (strcmp(name, "row") == 0 || strcmp(name, "c") == 0) {
    if (name[0] == 'r')
      xml_fail(&w->xml, E_MALFORMED, "row_number");
    else
      begin_cell(w, attrs);
  } else if (!w->in_cell) {
    return;
  } else if (strcmp(name, "v") == 0) {
    w->collecting = w->type != T_INLINE;
    w->has_value |= w->collecting;
  } else if (strcmp(name, "f") == 0) {
    w->formula = true;
  } else if (strcmp(name, "is") == 0) {
    w->in_inline = w->type == T_INLINE;
    w->has_value |= w->in_inline;
  } else if (strcmp(name, "rPh") == 0) {
    w->phonetic++;
  } else if (strcmp(name, "t") == 0) {
    w->collecting = w->in_inline && w->phonetic == 0;
  }
}

static void on_text(void *arg, const char *p, int n) {
  struct rows *w = arg;
  if (!w->collecting || n <= 0) return;
  if (w->text.n - w->begin + (size_t)n > LIMIT_SHEET_CELL) {
    xml_fail(&w->xml, E_TOO_LARGE, "cell_text");
    return;
  }
  buf_add(&w->text, p, (size_t)n);
  if (!buf_ok(&w->text)) xml_fail(&w->xml, E_TOO_LARGE, "row_text");
}

/* Numbers, dates, booleans: the text for a person goes behind the source in the row's buffer. */
static int value_cell(struct rows *w, struct cell *c, struct place *at) {
  const struct styles *st = &w->reader->styles;
  struct str source = {w->text.p ? w->text.p + w->begin : "", w->text.n - w->begin};
  char out[NUMBER_TEXT];
  size_t n = 0;
  int64_t flag = 0;
  int r = 0;
  if (w->type == T_BOOL) {
    if (str_is(source, "true") || str_is(source, "false"))
      flag = source.p[0] == 't';
    else
      r = parse_i64(source, 0, 1, &flag);
    c->kind = CELL_BOOL;
    c->number = (double)flag;
    n = flag ? 4 : 5;
    memcpy(out, flag ? "TRUE" : "FALSE", n);
  } else if (w->type == T_DATE) {
    r = iso_cell(source, c, out, &n);
  } else {
    enum number_look look = w->style < st->n ? (enum number_look)st->looks[w->style] : LOOK_NUMBER;
    r = number_cell(source, look, w->reader->book.base_1904, c, out, &n);
  }
  if (r < 0) return r;
  at->source = w->begin;
  at->source_n = source.n;
  at->text = w->text.n;
  at->text_n = n;
  at->in_row = true;
  buf_add(&w->text, out, n);
  return buf_ok(&w->text) ? 0 : -E_TOO_LARGE;
}

static int make_cell(struct rows *w, struct cell *c, struct place *at) {
  size_t n = w->text.n - w->begin;
  struct str raw = {w->text.p ? w->text.p + w->begin : "", n};
  *at = (struct place){0};
  if (!w->has_value || (n == 0 && w->type != T_SHARED)) return 0;
  switch (w->type) {
  case T_SHARED: {
    int64_t i;
    if (parse_i64(str_trim(raw), 0, LIMIT_XLSX_STRINGS, &i) < 0) return -E_INVALID;
    if (strings_get(&w->reader->strings, i, &c->text) < 0) return -E_INVALID;
    c->kind = c->text.n ? CELL_TEXT : CELL_EMPTY;
    w->text.n = w->begin;
    return 0;
  }
  case T_TEXT:
  case T_INLINE:
    w->text.n = w->begin + xlsx_unescape(w->text.p + w->begin, n);
    *at = (struct place){.text = w->begin, .text_n = w->text.n - w->begin, .in_row = true};
    c->kind = at->text_n ? CELL_TEXT : CELL_EMPTY;
    return 0;
  case T_ERROR:
    *at = (struct place){.text = w->begin, .text_n = n, .in_row = true};
    c->kind = CELL_ERROR;
    return 0;
  case T_NUMBER:
  case T_BOOL:
  case T_DATE:
    if (str_empty(str_trim(raw))) return 0;
    return value_cell(w, c, at);
  }
  return -E_INVALID;
}

static void end_cell(struct rows *w) {
  struct cell c = {.column = (uint16_t)w->column, .formula = w->formula};
  struct place at;
  w->in_cell = false;
  int r = make_cell(w, &c, &at);
  if (r < 0) {
    xml_fail(&w->xml, r == -E_TOO_LARGE ? E_TOO_LARGE : E_MALFORMED,
             r == -E_TOO_LARGE ? "row_text" : "cell_value");
    return;
  }
  if (c.kind == CELL_EMPTY && !c.formula) return;
  if (w->column >= LIMIT_XLSX_COLUMNS) {
    xml_fail(&w->xml, E_TOO_LARGE, "columns");
    return;
  }
  struct cell *to = &w->cells[w->column];
  if (w->column < w->n && (to->kind != CELL_EMPTY || to->formula)) {
    xml_fail(&w->xml, E_MALFORMED, "cell_twice");
    return;
  }
  *to = c;
  w->places[w->column] = at;
  if (w->column >= w->n) w->n = w->column + 1;
}

static void end_row(struct rows *w) {
  w->in_row = false;
  if (w->n == 0) return;
  if (++w->rows_given > LIMIT_XLSX_ROWS) {
    xml_fail(&w->xml, E_TOO_LARGE, "rows");
    return;
  }
  w->row_ready = true;
  xml_pause(&w->xml);
}

static void on_end(void *arg, const char *name) {
  struct rows *w = arg;
  name = xml_local(name);
  if (!w->in_data) return;
  if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
    w->collecting = false;
  else if (strcmp(name, "rPh") == 0 && w->phonetic)
    w->phonetic--;
  else if (strcmp(name, "is") == 0)
    w->in_inline = false;
  else if (strcmp(name, "c") == 0 && w->in_cell)
    end_cell(w);
  else if (strcmp(name, "row") == 0 && w->in_row)
    end_row(w);
  else if (strcmp(name, "sheetData") == 0)
    w->in_data = false;
}

static void finish_row(struct xlsx_reader *x) {
  struct rows *w = &x->rows;
  for (size_t i = 0; i < w->n; i++) {
    struct cell *c = &w->cells[i];
    const struct place *at = &w->places[i];
    c->column = (uint16_t)i;
    if (c->kind == CELL_EMPTY || !at->in_row) continue;
    c->text = (struct str){w->text.p + at->text, at->text_n};
    if (at->source_n) c->source = (struct str){w->text.p + at->source, at->source_n};
  }
  x->row = (struct sheet_row){.number = w->row, .n = w->n, .cells = w->cells};
}

static int next(struct sheet_reader *r, const struct sheet_row **ret_row, struct err *e) {
  struct xlsx_reader *x = (struct xlsx_reader *)r;
  struct rows *w = &x->rows;
  if (!w->open) {
    *ret_row = NULL;
    return 0;
  }
  w->row_ready = false;
  int code = xml_run(&w->xml, e);
  if (code == 0 && w->row_ready) {
    finish_row(x);
    *ret_row = &x->row;
    return 0;
  }
  xml_done(&w->xml);
  w->open = false;
  if (code == 0) *ret_row = NULL;
  return code;
}

static int choose(struct sheet_reader *r, size_t i, struct err *e) {
  struct xlsx_reader *x = (struct xlsx_reader *)r;
  struct rows *w = &x->rows;
  const char *path = x->book.paths[i];
  if (w->open) xml_done(&w->xml);
  w->open = false;
  x->package.unzipped = x->unzipped_before;
  int code = read_merges(x, path, e);
  if (code < 0) return code;
  buf_done(&w->text);
  memset(w, 0, sizeof *w);
  w->reader = x;
  w->text = BUF_INIT(LIMIT_SHEET_ROW);
  code = xml_open(&w->xml, &x->package, path, on_start, on_end, on_text, e);
  if (code < 0) return code;
  w->open = true;
  x->base.chosen = i;
  return 0;
}

static void close_reader(struct sheet_reader *r) {
  struct xlsx_reader *x = (struct xlsx_reader *)r;
  if (x->rows.open) xml_done(&x->rows.xml);
  buf_done(&x->rows.text);
  strings_done(&x->strings);
  styles_done(&x->styles);
  book_done(&x->book);
  package_done(&x->package);
  free(x->base.merges);
  free(x);
}

int xlsx_open(struct str bytes, struct sheet_reader **ret_reader, struct err *e) {
  static const struct sheet_ops ops = {choose, next, close_reader};
  struct xlsx_reader *x = calloc(1, sizeof *x);
  if (!x) return err_set(e, E_NOMEM, "xlsx");
  x->base = (struct sheet_reader){.ops = &ops, .format = SHEET_XLSX, .encoding = "UTF-8"};
  x->rows.text = BUF_INIT(LIMIT_SHEET_ROW);
  int r = package_open(&x->package, bytes, e);
  if (r == 0) r = book_read(&x->book, &x->package, e);
  if (r == 0 && x->book.styles_path)
    r = styles_read(&x->styles, &x->package, x->book.styles_path, e);
  if (r == 0 && x->book.strings_path)
    r = strings_read(&x->strings, &x->package, x->book.strings_path, e);
  if (r == 0) {
    x->unzipped_before = x->package.unzipped;
    x->base.sheets = x->book.sheets;
    x->base.n_sheets = x->book.n_sheets;
    size_t first = 0;
    while (first + 1 < x->base.n_sheets && x->base.sheets[first].hidden) first++;
    if (x->base.sheets[first].hidden) first = 0;
    r = choose(&x->base, first, e);
  }
  if (r < 0) {
    close_reader(&x->base);
    return r;
  }
  *ret_reader = &x->base;
  return 0;
}
