/* RFC 4180, and what is sent in its name: other delimiters, lines that end in CR, Excel's "sep="
 * line, ="0012" for text that looks like a number, and rows that are too short. */
#include "output/csv.h"
#include "output/csv_text.h"
#include "output/sheet_impl.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum state { AT_FIELD, IN_PLAIN, IN_QUOTED, AFTER_QUOTE };

struct csv_reader {
  struct sheet_reader base;
  struct sheet_info info;
  struct csv_text text;
  struct str piece; /* what is left of the current one */
  struct buf row_text;
  struct cell cells[LIMIT_XLSX_COLUMNS];
  size_t ends[LIMIT_XLSX_COLUMNS]; /* where each field ends in row_text */
  size_t n, width, rows_given;
  uint32_t record;
  enum state state;
  bool in_record, skip_lf, has_sep_line;
  struct sheet_row row;
};

static int at_row(struct err *e, int code, const char *what, uint32_t record) {
  char field[32];
  snprintf(field, sizeof field, "row %" PRIu32, record);
  return err_set_at(e, code, what, field, (int)record, __FILE__, __LINE__);
}

/* 1.10101E+17: what Excel leaves of an ID when it saves a CSV. */
static bool is_scientific(struct str s) {
  size_t i = 0, digits = 0;
  if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) i++;
  for (; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.'); i++) digits++;
  if (!digits || digits > 17 || i + 2 >= s.n || (s.p[i] | 0x20) != 'e' || s.p[i + 1] != '+')
    return false;
  for (i += 2; i < s.n; i++)
    if (s.p[i] < '0' || s.p[i] > '9') return false;
  return true;
}

static void make_cell(struct cell *c, struct str s, size_t column) {
  *c = (struct cell){.column = (uint16_t)column, .source = s};
  if (csv_is_guarded(s))
    s = str_sub(s, 1, s.n);
  else if (s.n >= 3 && s.p[0] == '=' && s.p[1] == '"' && s.p[s.n - 1] == '"' &&
           !memchr(s.p + 2, '"', s.n - 3))
    s = str_sub(s, 2, s.n - 3);
  c->text = s;
  c->kind = s.n ? CELL_TEXT : CELL_EMPTY;
  c->lost_digits = is_scientific(str_trim(s));
}

static int add(struct csv_reader *c, const char *p, size_t n, struct err *e) {
  size_t begin = c->n ? c->ends[c->n - 1] : 0;
  if (c->row_text.n - begin + n > LIMIT_SHEET_CELL)
    return at_row(e, E_TOO_LARGE, "cell_text", c->record);
  buf_add(&c->row_text, p, n);
  return buf_ok(&c->row_text) ? 0 : at_row(e, E_TOO_LARGE, "row_text", c->record);
}

static int end_field(struct csv_reader *c, struct err *e) {
  if (c->n >= LIMIT_XLSX_COLUMNS) return at_row(e, E_TOO_LARGE, "columns", c->record);
  c->ends[c->n++] = c->row_text.n;
  c->state = AT_FIELD;
  return 0;
}

/* The delimiter or line end at the start of the piece. */
static int end_at(struct csv_reader *c, bool *ret_done, struct err *e) {
  int r = end_field(c, e);
  if (r < 0) return r;
  *ret_done = c->piece.p[0] != c->base.delimiter;
  c->skip_lf = c->piece.p[0] == '\r';
  c->piece = str_sub(c->piece, 1, c->piece.n);
  return 0;
}

static bool is_end(const struct csv_reader *c, char ch) {
  return ch == c->base.delimiter || ch == '\n' || ch == '\r';
}

static int in_plain(struct csv_reader *c, bool *ret_done, struct err *e) {
  size_t i = 0;
  while (i < c->piece.n && !is_end(c, c->piece.p[i])) i++;
  int r = add(c, c->piece.p, i, e);
  if (r < 0) return r;
  c->piece = str_sub(c->piece, i, c->piece.n);
  return c->piece.n ? end_at(c, ret_done, e) : 0;
}

/* A line break inside quotes is LF whatever the file has, as in an XLSX. */
static int in_quoted(struct csv_reader *c, struct err *e) {
  size_t i = 0;
  while (i < c->piece.n && c->piece.p[i] != '"' && c->piece.p[i] != '\r') i++;
  int r = add(c, c->piece.p, i, e);
  if (r == 0 && i < c->piece.n) {
    if (c->piece.p[i] == '"') {
      c->state = AFTER_QUOTE;
    } else {
      r = add(c, "\n", 1, e);
      c->skip_lf = true;
    }
    i++;
  }
  c->piece = str_sub(c->piece, i, c->piece.n);
  return r;
}

static int after_quote(struct csv_reader *c, bool *ret_done, struct err *e) {
  char ch = c->piece.p[0];
  if (is_end(c, ch)) return end_at(c, ret_done, e);
  if (ch != '"' && ch != ' ') return at_row(e, E_MALFORMED, "text_after_quote", c->record);
  c->piece = str_sub(c->piece, 1, c->piece.n);
  if (ch == ' ') return 0;
  c->state = IN_QUOTED;
  return add(c, "\"", 1, e);
}

static int step(struct csv_reader *c, bool *ret_done, struct err *e) {
  if (c->skip_lf) {
    c->skip_lf = false;
    if (c->piece.p[0] == '\n') {
      c->piece = str_sub(c->piece, 1, c->piece.n);
      return 0;
    }
  }
  c->in_record = true;
  switch (c->state) {
  case AT_FIELD:
    c->state = c->piece.p[0] == '"' ? IN_QUOTED : IN_PLAIN;
    if (c->state == IN_QUOTED) c->piece = str_sub(c->piece, 1, c->piece.n);
    return 0;
  case IN_PLAIN:
    return in_plain(c, ret_done, e);
  case IN_QUOTED:
    return in_quoted(c, e);
  case AFTER_QUOTE:
    return after_quote(c, ret_done, e);
  }
  return err_set(e, E_BUG, "csv_state");
}

/* The next record, with or without content; *ret_got is false at the end. */
static int read_record(struct csv_reader *c, bool *ret_got, struct err *e) {
  bool done = false;
  int r = 0;
  buf_clear(&c->row_text);
  c->n = 0;
  c->record++;
  c->state = AT_FIELD;
  c->in_record = false;
  while (!done) {
    if (c->piece.n == 0 && (r = csv_text_next(&c->text, &c->piece, e)) < 0) return r;
    if (c->piece.n == 0) {
      if (c->state == IN_QUOTED) return at_row(e, E_MALFORMED, "unclosed_quote", c->record);
      if (!c->in_record) {
        *ret_got = false;
        return 0;
      }
      if ((r = end_field(c, e)) < 0) return r;
      break;
    }
    if ((r = step(c, &done, e)) < 0) return r;
  }
  *ret_got = true;
  return 0;
}

/* Makes the cells of a whole record; false where it has no content. */
static bool finish_record(struct csv_reader *c) {
  bool content = false;
  size_t begin = 0;
  for (size_t i = 0; i < c->n; i++) {
    const char *p = c->row_text.p ? c->row_text.p + begin : "";
    make_cell(&c->cells[i], (struct str){p, c->ends[i] - begin}, i);
    content |= c->cells[i].kind != CELL_EMPTY;
    begin = c->ends[i];
  }
  if (!content) return false;
  if (!c->width) c->width = c->n;
  c->row = (struct sheet_row){
      .number = c->record, .n = c->n, .cells = c->cells, .ragged = c->n != c->width};
  return true;
}

static int next(struct sheet_reader *r, const struct sheet_row **ret_row, struct err *e) {
  struct csv_reader *c = (struct csv_reader *)r;
  for (;;) {
    bool got = false;
    int code = read_record(c, &got, e);
    if (code < 0) {
      c->piece = (struct str){0};
      c->text.at = c->text.in.n;
      c->state = AT_FIELD;
      return code;
    }
    if (!got) {
      *ret_row = NULL;
      return 0;
    }
    if (!finish_record(c)) continue;
    if (++c->rows_given > LIMIT_XLSX_ROWS) return at_row(e, E_TOO_LARGE, "rows", c->record);
    *ret_row = &c->row;
    return 0;
  }
}

/* --- the delimiter ---------------------------------------------------------------------------- */

struct shape {
  size_t fields, same; /* of the first record; how many of the looked-at records agree */
};

/* How the first records look with that delimiter. The last, perhaps cut, record does not count
 * unless it is the only one. */
static struct shape shape_with(struct str s, char delimiter) {
  enum { LOOK_AT = 20 };
  struct shape shape = {0};
  size_t fields = 1, records = 0;
  bool quoted = false, at_start = true;
  for (size_t i = 0; i <= s.n && records < LOOK_AT; i++) {
    char ch = i < s.n ? s.p[i] : '\n';
    if (quoted) {
      quoted = ch != '"' && i < s.n;
      if (i < s.n) continue;
    }
    if (ch == '"' && (at_start || (i && s.p[i - 1] == '"'))) {
      quoted = true;
    } else if (ch == '\n' || ch == '\r') {
      bool blank = fields == 1 && at_start, cut = i == s.n && records > 0;
      if (!blank && !cut) {
        if (!records++) shape.fields = fields;
        shape.same += fields == shape.fields;
      }
      fields = 1;
      at_start = true;
      continue;
    } else if (ch == delimiter) {
      fields++;
      at_start = true;
      continue;
    }
    at_start = false;
  }
  return shape;
}

static char detect_delimiter(struct str s) {
  static const char candidates[] = {',', '\t', ';'};
  char best = ',';
  struct shape top = {0};
  for (size_t i = 0; i < sizeof candidates; i++) {
    struct shape v = shape_with(s, candidates[i]);
    if (v.fields < 2) continue;
    if (v.same > top.same || (v.same == top.same && v.fields > top.fields)) {
      best = candidates[i];
      top = v;
    }
  }
  return best;
}

/* --- open, choose, close ---------------------------------------------------------------------- */

static int choose(struct sheet_reader *r, size_t i, struct err *e) {
  struct csv_reader *c = (struct csv_reader *)r;
  (void)i;
  csv_text_rewind(&c->text);
  c->record = 0;
  c->width = c->rows_given = 0;
  c->skip_lf = false;
  int code = csv_text_next(&c->text, &c->piece, e);
  if (code < 0 || !c->has_sep_line) return code;
  /* "sep=;" belongs to no row */
  size_t at = 5;
  if (at < c->piece.n && c->piece.p[at] == '\r') at++;
  if (at < c->piece.n && c->piece.p[at] == '\n') at++;
  c->piece = str_sub(c->piece, at, c->piece.n);
  return 0;
}

static void close_reader(struct sheet_reader *r) {
  struct csv_reader *c = (struct csv_reader *)r;
  csv_text_done(&c->text);
  buf_done(&c->row_text);
  free(c);
}

int csv_open(struct str bytes, struct sheet_reader **ret_reader, struct err *e) {
  static const struct sheet_ops ops = {choose, next, close_reader};
  struct csv_reader *c = calloc(1, sizeof *c);
  if (!c) return err_set(e, E_NOMEM, "csv");
  c->row_text = BUF_INIT(LIMIT_SHEET_ROW);
  int r = csv_text_open(&c->text, bytes, e);
  if (r == 0) {
    c->base = (struct sheet_reader){.ops = &ops,
                                    .format = SHEET_CSV,
                                    .encoding = c->text.encoding,
                                    .sheets = &c->info,
                                    .n_sheets = 1};
    r = choose(&c->base, 0, e);
  }
  if (r == 0) {
    struct str s = str_sub(c->piece, 0, CSV_WINDOW);
    c->has_sep_line = s.n > 5 && str_starts(s, S("sep=")) && (s.p[5] == '\r' || s.p[5] == '\n') &&
                      strchr(",;\t|", s.p[4]);
    c->base.delimiter = c->has_sep_line ? s.p[4] : detect_delimiter(s);
    if (c->has_sep_line) r = choose(&c->base, 0, e);
  }
  if (r < 0) {
    close_reader(&c->base);
    return r;
  }
  *ret_reader = &c->base;
  return 0;
}
