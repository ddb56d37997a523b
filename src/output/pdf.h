/* Printed pages. A document is described by calls that write JSON into a buffer owned by the
 * caller, and drawn by a short-lived process of the same program: fonts and text layout take some
 * 70 MB and many locks, which a server that runs for weeks with several threads should not carry.
 * The process is started anew (/proc/self/exe render-pdf), never forked off a threaded program,
 * with a deadline and bounds on memory and processor time. The font is Noto Sans CJK SC, by name. A
 * description is built by one thread; rendering may be called from any, blocks until the pages are
 * there, and belongs into a job. */
#ifndef OUTPUT_PDF_H
#define OUTPUT_PDF_H

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"

struct pdf {
  struct jw w;
  struct buf *json;
  size_t columns, at; /* of the open table */
  bool in_table, in_row, in_cards, bad;
};

struct pdf_options {
  struct str title;     /* of the document, for its properties */
  struct str header;    /* small, at the top of every page; may be empty */
  struct str footer;    /* small, at the bottom left of every page; may be empty */
  struct str watermark; /* light, across every page; may be empty */
  struct str author;
  int64_t created_ms;
  bool landscape;
  bool a3;          /* else A4 */
  bool zh;          /* "第 1 页 / 共 3 页", else "Page 1 of 3" */
  double margin_mm; /* 0: 15 */
};

enum pdf_align { PDF_LEFT, PDF_CENTER, PDF_RIGHT };

struct pdf_column {
  struct str title;
  double weight; /* share of the width */
  enum pdf_align align;
};

struct pdf_pair {
  struct str label, value;
};

/* A strip along the card's top that is told apart by words, by colour and, for who sees none or
 * prints in grey, by its pattern. */
enum pdf_pattern { PDF_PLAIN, PDF_STRIPES, PDF_DOTS, PDF_CHECKS, PDF_PATTERNS_ };
struct pdf_band {
  struct str text; /* empty: no strip */
  uint32_t colour; /* 0xrrggbb, dark enough for white words */
  enum pdf_pattern pattern;
};

struct pdf_card {
  struct pdf_band band;
  struct str big; /* a number to be read from afar, under the title; may be empty */
  struct str title;
  const struct pdf_pair *pairs;
  size_t n_pairs;
  struct str qr;   /* text of the code, or empty */
  struct str note; /* small, at the bottom */
};

/* `json` needs a maximum (LIMIT_PDF_JSON). Calls in the order of the pages; pdf_end() last. */
void pdf_begin(struct pdf *p, struct buf *json, const struct pdf_options *o);
void pdf_heading(struct pdf *p, int level, struct str text); /* 1 to 3 */
void pdf_paragraph(struct pdf *p, struct str text);
void pdf_note(struct pdf *p, struct str text); /* smaller, grey */
void pdf_pairs(struct pdf *p, const struct pdf_pair *pairs, size_t n);
/* Centred, in the size that the text is to be read from (points, 20 to 160); for what hangs on a
 * wall. */
void pdf_banner(struct pdf *p, struct str text, double size);
void pdf_space(struct pdf *p, double mm);
void pdf_page_break(struct pdf *p);
/* Centred; mm counts the quiet zone. */
void pdf_qr(struct pdf *p, struct str text, double mm, struct str caption);
/* The header row is repeated on each page. */
void pdf_table_begin(struct pdf *p, const struct pdf_column *columns, size_t n);
void pdf_cell(struct pdf *p, struct str text);
void pdf_end_row(struct pdf *p);
void pdf_table_end(struct pdf *p);
/* Cards to be cut apart: `columns` by `rows` a page, starting on a new page. */
void pdf_cards_begin(struct pdf *p, int columns, int rows);
void pdf_card(struct pdf *p, const struct pdf_card *card);
void pdf_cards_end(struct pdf *p);
void pdf_end(struct pdf *p);
/* Nothing was misused and everything fitted. */
bool pdf_ok(const struct pdf *p);

/* Appends the PDF to `out`. Errors: -E_TIMEOUT, -E_TOO_LARGE (pages, the buffer's maximum),
 * -E_UNAVAILABLE (the font is missing), -E_BUG (the description is wrong), -E_NOMEM, -E_IO. */
_must_check_ int pdf_render(const struct pdf *p, struct buf *out, struct err *e);
/* The same in this process, without bounds: what the child does; for tests and the command line. */
_must_check_ int pdf_render_here(struct str json, struct buf *out, struct err *e);

/* The hidden command. Reads the description from in_fd to its end, writes the pages to out_fd, and
 * returns the process's exit status. */
#define PDF_COMMAND "render-pdf"
int pdf_render_main(int in_fd, int out_fd);

/* Whether the font is there: for `shouwang check`. Loads the font libraries. */

#endif
