#include "output/csv_text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int bad_encoding(struct err *e, size_t offset) {
  char field[32];
  snprintf(field, sizeof field, "byte %zu", offset);
  return err_set_at(e, E_MALFORMED, "bad_encoding", field, (int)offset, __FILE__, __LINE__);
}

static size_t utf8_sequence(const unsigned char *p, size_t n) {
  size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
  return n >= len && str_utf8_valid((struct str){(const char *)p, len}) ? len : 0;
}

struct utf8_survey {
  size_t first_bad; /* (size_t)-1: none */
  size_t bad, triples;
};

static struct utf8_survey survey(struct str s) {
  struct utf8_survey v = {.first_bad = (size_t)-1};
  const unsigned char *p = (const unsigned char *)s.p;
  for (size_t i = 0; i < s.n;) {
    uint64_t eight;
    if (i + 8 <= s.n && (memcpy(&eight, p + i, 8), !(eight & UINT64_C(0x8080808080808080)))) {
      i += 8;
      continue;
    }
    size_t step = utf8_sequence(p + i, s.n - i);
    v.triples += step == 3;
    if (!step) {
      if (!v.bad++) v.first_bad = i;
      step = 1;
    }
    i += step;
  }
  return v;
}

/* Everything once through the converter; then back to the start. */
static int check_conversion(struct csv_text *t, struct err *e) {
  struct str piece = {0};
  do {
    int r = csv_text_next(t, &piece, e);
    if (r < 0) return r;
    if (piece.n && memchr(piece.p, 0, piece.n)) return bad_encoding(e, t->at);
  } while (piece.n);
  csv_text_rewind(t);
  return 0;
}

static int convert_from(struct csv_text *t, const char *encoding, struct err *e) {
  t->encoding = encoding;
  t->window = malloc(CSV_WINDOW);
  if (!t->window) return err_set(e, E_NOMEM, "csv");
  t->cd = iconv_open("UTF-8", encoding);
  if (t->cd == (iconv_t)-1) return err_field(e, E_UNAVAILABLE, "iconv", encoding);
  t->converting = true;
  return check_conversion(t, e);
}

int csv_text_open(struct csv_text *t, struct str bytes, struct err *e) {
  *t = (struct csv_text){.in = bytes, .encoding = "UTF-8"};
  bool marked = str_starts(bytes, S("\xEF\xBB\xBF"));
  int r = 0;
  if (str_starts(bytes, S("\xFF\xFE")) || str_starts(bytes, S("\xFE\xFF"))) {
    t->begin = t->at = 2;
    r = convert_from(t, bytes.p[0] == '\xFF' ? "UTF-16LE" : "UTF-16BE", e);
  } else {
    t->begin = t->at = marked ? 3 : 0;
    const char *nul = memchr(bytes.p, 0, bytes.n);
    struct utf8_survey v = survey(bytes);
    if (nul)
      r = bad_encoding(e, (size_t)(nul - bytes.p));
    else if (v.bad && (marked || v.triples >= v.bad))
      r = bad_encoding(e, v.first_bad);
    else if (v.bad)
      r = convert_from(t, "GB18030", e);
  }
  if (r < 0) csv_text_done(t);
  return r;
}

void csv_text_done(struct csv_text *t) {
  if (t->converting) iconv_close(t->cd);
  t->converting = false;
  free(t->window);
  t->window = NULL;
}

void csv_text_rewind(struct csv_text *t) {
  t->at = t->begin;
  if (t->converting) iconv(t->cd, NULL, NULL, NULL, NULL);
}

int csv_text_next(struct csv_text *t, struct str *ret_piece, struct err *e) {
  if (!t->converting) {
    *ret_piece = str_sub(t->in, t->at, t->in.n);
    t->at = t->in.n;
    return 0;
  }
  char *from = (char *)(uintptr_t)(t->in.p + t->at), *to = t->window;
  size_t left = t->in.n - t->at, room = CSV_WINDOW;
  size_t r = left ? iconv(t->cd, &from, &left, &to, &room) : 0;
  t->at = t->in.n - left;
  if (r == (size_t)-1 && errno != E2BIG) return bad_encoding(e, t->at);
  *ret_piece = (struct str){t->window, CSV_WINDOW - room};
  return 0;
}
