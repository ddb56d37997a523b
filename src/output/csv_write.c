#include "output/csv.h"

bool csv_needs_guard(struct str s) {
  size_t i = 0;
  /* an apostrophe in front of such a text is guarded too, so that taking one away is exact */
  while (i < s.n && s.p[i] == '\'') i++;
  return i < s.n && s.p[i] && strchr("=+-@\t\r", s.p[i]);
}

bool csv_is_guarded(struct str s) {
  return s.n > 1 && s.p[0] == '\'' && csv_needs_guard(s);
}

void csv_begin(struct csv_writer *w, struct buf *out) {
  *w = (struct csv_writer){.out = out};
  buf_lit(out, "\xEF\xBB\xBF");
}

static void field(struct csv_writer *w, bool guard, struct str s) {
  if (w->at++) buf_char(w->out, ',');
  /* unquoted, a first line "sep=|" would be an order to the reader */
  bool quote = guard || str_starts(s, S("sep=")) || (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' '));
  for (size_t i = 0; i < s.n && !quote; i++)
    quote = s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t' ||
            s.p[i] == ';';
  if (!quote) {
    buf_str_add(w->out, s);
    return;
  }
  buf_char(w->out, '"');
  if (guard) buf_char(w->out, '\'');
  while (s.n) {
    size_t at = str_find_char(s, '"');
    size_t n = at == (size_t)-1 ? s.n : at + 1;
    buf_add(w->out, s.p, n);
    if (at != (size_t)-1) buf_char(w->out, '"');
    s = str_sub(s, n, s.n);
  }
  buf_char(w->out, '"');
}

void csv_text(struct csv_writer *w, struct str s) {
  field(w, csv_needs_guard(s), s);
}
void csv_plain(struct csv_writer *w, struct str s) {
  field(w, false, s);
}
void csv_i64(struct csv_writer *w, int64_t v) {
  if (w->at++) buf_char(w->out, ',');
  buf_i64(w->out, v);
}

void csv_end_row(struct csv_writer *w) {
  if (!w->first_row_done) w->columns = w->at;
  if (w->at != w->columns || w->at == 0) w->bad = true;
  w->first_row_done = true;
  w->at = 0;
  buf_lit(w->out, "\r\n");
}

void csv_hxl_row(struct csv_writer *w, const struct str *tags, size_t n) {
  for (size_t i = 0; i < n; i++) csv_plain(w, tags[i]);
  csv_end_row(w);
}

bool csv_ok(const struct csv_writer *w) {
  return !w->bad && w->at == 0 && buf_ok(w->out);
}
