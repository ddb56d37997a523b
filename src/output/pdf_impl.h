/* What the drawing half of pdf.h is made of; for src/output/pdf_*.c only. A document is laid out
 * twice, first to count its pages, then to draw them; both go through the same calls, and
 * `measuring` holds the ink back. All lengths are points (1/72 inch) from the page's top left. One
 * thread. */
#ifndef OUTPUT_PDF_IMPL_H
#define OUTPUT_PDF_IMPL_H

#include "base/err.h"
#include "base/limits.h"
#include "json/json.h"
#include <cairo-pdf.h>
#include <cairo.h>
#include <pango/pangocairo.h>

#define PDF_FONT "Noto Sans CJK SC"
#define MM       (72.0 / 25.4)

struct render {
  cairo_surface_t *surface;
  cairo_t *cr;
  PangoContext *context;
  bool measuring;
  int page, pages; /* the current one; how many there are, known when not measuring */
  double width, height, margin, top, bottom;
  double y;     /* where the next thing goes */
  double start; /* where it was when the page was still empty: below a repeated header */
  bool zh;
  struct str header, footer, watermark;
  const struct table *table; /* whose header is repeated on a new page */
  struct err err;            /* the first one */
};

enum { WEIGHT_PLAIN, WEIGHT_BOLD };

struct style {
  double size;
  int weight;
  double grey; /* 0 is black */
  int align;   /* enum pdf_align */
};

/* A piece of text in a column of its own, and how much of it has been set. */
struct run {
  PangoLayout *layout;
  double x, width, grey;
  int line;
};

struct table {
  size_t n;
  double x[LIMIT_PDF_COLUMNS], width[LIMIT_PDF_COLUMNS];
  int align[LIMIT_PDF_COLUMNS];
  struct str title[LIMIT_PDF_COLUMNS];
};

void render_fail(struct render *r, int code, const char *what);
static inline bool render_ok(const struct render *r) {
  return r->err.code == 0;
}
double render_content_width(const struct render *r);
/* Ends the page and begins the next, with its furniture and the open table's header. */
void page_new(struct render *r);
bool page_is_empty(const struct render *r);

/* A layout to be released with g_object_unref(). */
PangoLayout *text_layout(struct render *r, struct str s, const struct style *st, double width);
double text_height(PangoLayout *layout);
/* Where the layout's top left goes. */
void text_draw(struct render *r, PangoLayout *layout, double x, double y, double grey);

/* Sets runs side by side, over as many pages as they take, `pad` above and below. With `rules`
 * lines are drawn under and between them. Takes the layouts. */
void flow(struct render *r, struct run *runs, size_t n, double pad, bool rules);
void flow_text(struct render *r, struct str s, const struct style *st, double pad);

void op_table(struct render *r, const json_t *op);
void table_header(struct render *r, const struct table *t);
void op_pairs(struct render *r, const json_t *op);
void op_cards(struct render *r, const json_t *op);
void op_qr(struct render *r, const json_t *op);
/* A code in a square of that side, quiet zone included. */
void qr_draw(struct render *r, struct str s, double x, double y, double side);

/* Members by name; an absent one is empty or 0. */
struct str op_str(const json_t *op, const char *key);
double op_number(const json_t *op, const char *key);

#endif
