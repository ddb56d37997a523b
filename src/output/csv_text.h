/* The bytes of a CSV as UTF-8, piece by piece. Which encoding it is, is found out from all of them:
 * a byte order mark, else UTF-8 where the bytes are valid, else GB18030 (which holds GBK: what
 * Chinese Excel saves). A file of UTF-8 with a damaged place is not mistaken for GB18030. Borrows
 * the bytes. For csv_read.c only. */
#ifndef OUTPUT_CSV_TEXT_H
#define OUTPUT_CSV_TEXT_H

#include "base/err.h"
#include <iconv.h>

enum { CSV_WINDOW = 64 * 1024 };

struct csv_text {
  struct str in;
  size_t at, begin;
  const char *encoding;
  iconv_t cd; /* where converting is set */
  bool converting;
  char *window;
};

/* The whole file is checked here: -E_MALFORMED "bad_encoding" with the offset of the first byte
 * that is wrong. */
_must_check_ int csv_text_open(struct csv_text *t, struct str bytes, struct err *e);
void csv_text_done(struct csv_text *t);
void csv_text_rewind(struct csv_text *t);
/* The next piece, valid until the next call; empty at the end. */
_must_check_ int csv_text_next(struct csv_text *t, struct str *ret_piece, struct err *e);

#endif
