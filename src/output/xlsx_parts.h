/* Inside an XLSX: the zip with its bounds, and the parts that are read whole (workbook,
 * relationships, styles, shared strings). Everything here belongs to the struct it hangs on and is
 * freed by its _done. For xlsx_read.c only. One thread. */
#ifndef OUTPUT_XLSX_PARTS_H
#define OUTPUT_XLSX_PARTS_H

#include "output/sheet_impl.h"
#include <expat.h>
#include <zip.h>

/* --- the container ---------------------------------------------------------------------------- */

struct package {
  zip_t *zip;
  size_t unzipped; /* all bytes that came out so far, against LIMIT_XLSX_UNZIPPED */
};
_must_check_ int package_open(struct package *p, struct str bytes, struct err *e);
void package_done(struct package *p);
bool package_has(const struct package *p, const char *part);

/* One part, unzipped piece by piece. */
struct part {
  struct package *package;
  zip_file_t *file;
  char name[64]; /* for messages, cut to what err.field holds */
  uint64_t zipped, out;
};
_must_check_ int part_open(struct part *t, struct package *p, const char *name, struct err *e);
void part_done(struct part *t);
/* *ret_n is 0 at the end. */
_must_check_ int part_read(struct part *t, char *at, size_t room, size_t *ret_n, struct err *e);

/* --- XML -------------------------------------------------------------------------------------- */

/* A parser over a part. It stands first in the struct of whoever parses: handlers get its address.
 * They report with xml_fail(). A document type declaration, and with it every entity of one's own,
 * is refused. */
struct xml {
  XML_Parser parser;
  XML_StartElementHandler start;
  XML_EndElementHandler end;
  int depth;
  uint64_t fed; /* bytes given to the parser */
  struct part part;
  struct err err; /* set by a handler */
  bool failed, suspended, last_piece, ended;
};
_must_check_ int xml_open(struct xml *x, struct package *p, const char *name,
                          XML_StartElementHandler start, XML_EndElementHandler end,
                          XML_CharacterDataHandler text, struct err *e);
void xml_done(struct xml *x);
/* Parses until a handler says xml_pause() or the part ends (x->ended). */
_must_check_ int xml_run(struct xml *x, struct err *e);
void xml_pause(struct xml *x);
/* The whole part at once: open, run, done. */
_must_check_ int xml_read(struct xml *x, struct package *p, const char *name,
                          XML_StartElementHandler start, XML_EndElementHandler end,
                          XML_CharacterDataHandler text, struct err *e);
void xml_fail(struct xml *x, int code, const char *what);
const char *xml_local(const char *name);
/* By local name; NULL where absent. */
const char *xml_attr(const char **attrs, const char *local);

/* _xHHHH_ escapes undone, in place; returns the new length. */
size_t xlsx_unescape(char *p, size_t n);

/* --- parts read whole ------------------------------------------------------------------------- */

struct book {
  struct sheet_info *sheets;
  char **paths; /* of each sheet */
  size_t n_sheets;
  char *strings_path, *styles_path;
  bool base_1904;
};
_must_check_ int book_read(struct book *b, struct package *p, struct err *e);
void book_done(struct book *b);

struct styles {
  uint8_t *looks; /* enum number_look per cell format */
  size_t n, cap;
};
_must_check_ int styles_read(struct styles *s, struct package *p, const char *part, struct err *e);
void styles_done(struct styles *s);

struct strings {
  struct buf text;
  uint32_t *ends; /* where each string ends in text */
  size_t n, cap;
};
_must_check_ int strings_read(struct strings *s, struct package *p, const char *part,
                              struct err *e);
void strings_done(struct strings *s);
_must_check_ int strings_get(const struct strings *s, int64_t i, struct str *ret_text);

#endif
