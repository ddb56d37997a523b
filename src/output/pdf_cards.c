/* Boxes of a fixed place: QR codes, and cards that are cut apart. */
#include "output/pdf.h"
#include "output/pdf_impl.h"
#include "output/qr.h"

/* The code as a stencil of a few hundred bytes, where thousands of squares would be drawn one by
 * one; several dots a module keep its edges sharp in viewers that smooth pictures. */
static cairo_surface_t *stencil_of(const struct qr *q) {
  enum { DOTS = 4 };
  int side = (int)q->n * DOTS;
  cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_A8, side, side);
  if (cairo_surface_status(s) != CAIRO_STATUS_SUCCESS) return s;
  unsigned char *data = cairo_image_surface_get_data(s);
  int stride = cairo_image_surface_get_stride(s);
  cairo_surface_flush(s);
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      data[(ptrdiff_t)y * stride + x] =
          qr_dark(q, (unsigned)x / DOTS, (unsigned)y / DOTS) ? 0xff : 0;
  cairo_surface_mark_dirty(s);
  return s;
}

void qr_draw(struct render *r, struct str s, double x, double y, double side) {
  struct qr q;
  if (r->measuring || qr_encode(s, QR_MEDIUM, &q, &r->err) < 0) return;
  double quiet = side * QR_QUIET / (q.n + 2 * QR_QUIET), inner = side - 2 * quiet;
  cairo_set_source_rgb(r->cr, 1, 1, 1);
  cairo_rectangle(r->cr, x, y, side, side);
  cairo_fill(r->cr);
  cairo_surface_t *stencil = stencil_of(&q);
  cairo_pattern_t *pattern = cairo_pattern_create_for_surface(stencil);
  cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
  cairo_save(r->cr);
  cairo_translate(r->cr, x + quiet, y + quiet);
  double scale = inner / cairo_image_surface_get_width(stencil);
  cairo_scale(r->cr, scale, scale);
  cairo_set_source_rgb(r->cr, 0, 0, 0);
  cairo_mask(r->cr, pattern);
  cairo_restore(r->cr);
  cairo_pattern_destroy(pattern);
  cairo_surface_destroy(stencil);
}

void op_qr(struct render *r, const json_t *op) {
  double side = op_number(op, "mm") * MM;
  struct str caption = op_str(op, "caption");
  double full = r->bottom - r->top;
  if (!(side >= 10 * MM) || side > full - 40 || side > render_content_width(r))
    return render_fail(r, E_BUG, "pdf_qr_size");
  if (r->y + side + (caption.n ? 20 : 0) > r->bottom) page_new(r);
  qr_draw(r, op_str(op, "text"), (r->width - side) / 2, r->y, side);
  r->y += side;
  static const struct style st = {.size = 9, .align = PDF_CENTER};
  if (caption.n) flow_text(r, caption, &st, 2);
  r->y += 4;
}

/* --- cards ------------------------------------------------------------------------------------ */

struct box {
  double x, y, w, h;
};

static const double pad = 3.5 * MM;

/* A code in groups (A7KQ2-9XMTP-4HRWD) is broken between them: by the general rules no line ends
 * between a hyphen and a digit. */
static PangoLayout *value_layout(struct render *r, struct str s, const struct style *st,
                                 double width) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(LIMIT_TEXT_LONG * 4);
  for (size_t i = 0; i < s.n; i++) {
    buf_char(&b, s.p[i]);
    if (s.p[i] == '-') buf_lit(&b, "\u200b");
  }
  return text_layout(r, buf_ok(&b) ? buf_str(&b) : s, st, width);
}

static double line_of(struct render *r, struct str s, const struct style *st, struct box b,
                      double y, bool ink) {
  PangoLayout *l = text_layout(r, s, st, b.w);
  const double h = text_height(l);
  if (ink) text_draw(r, l, b.x, y, st->grey);
  g_object_unref(l);
  return h;
}

/* The card's text at that size: its height; drawn where `ink` is set. */
static double card_text(struct render *r, const json_t *card, struct box b, double size, bool ink) {
  struct style title = {.size = size * 1.35, .weight = WEIGHT_BOLD};
  struct style big = {.size = size * 1.9, .weight = WEIGHT_BOLD};
  struct style label = {.size = size * 0.85, .grey = 0.35}, value = {.size = size};
  const json_t *pairs = json_object_get(card, "pairs");
  double y = b.y, column = b.w * 0.27;
  y += line_of(r, op_str(card, "title"), &title, b, y, ink) + size * 0.25;
  if (op_str(card, "big").n) y += line_of(r, op_str(card, "big"), &big, b, y, ink) + size * 0.15;
  for (size_t i = 0; i < json_array_size(pairs); i++) {
    const json_t *pair = json_array_get(pairs, i);
    PangoLayout *k = text_layout(r, json_str(json_array_get(pair, 0)), &label, column - 3);
    PangoLayout *v = value_layout(r, json_str(json_array_get(pair, 1)), &value, b.w - column);
    /* one baseline for both */
    double down =
        (pango_layout_get_baseline(v) - pango_layout_get_baseline(k)) / (double)PANGO_SCALE;
    if (ink) text_draw(r, k, b.x, y + down, label.grey);
    if (ink) text_draw(r, v, b.x + column, y, 0);
    double h = text_height(v), hk = text_height(k) + down;
    y += (h > hk ? h : hk) + size * 0.12;
    g_object_unref(k);
    g_object_unref(v);
  }
  return y - b.y;
}

/* White shapes on the strip's right half; its words stand on the left one. */
static void draw_pattern(struct render *r, enum pdf_pattern pattern, struct box b) {
  const double step = b.h / 3;
  cairo_save(r->cr);
  cairo_rectangle(r->cr, b.x, b.y, b.w, b.h);
  cairo_clip(r->cr);
  cairo_set_source_rgb(r->cr, 1, 1, 1);
  for (int i = 0; i * step < b.w + b.h && pattern != PDF_PLAIN; i++) {
    const double x = b.x + i * step;
    if (pattern == PDF_STRIPES && i % 2 == 0) {
      cairo_move_to(r->cr, x - b.h, b.y + b.h);
      cairo_line_to(r->cr, x, b.y);
      cairo_line_to(r->cr, x + step, b.y);
      cairo_line_to(r->cr, x + step - b.h, b.y + b.h);
      cairo_fill(r->cr);
    } else if (pattern == PDF_DOTS && i % 2 == 0) {
      cairo_arc(r->cr, x + step, b.y + b.h / 2, step * 0.7, 0, 6.2832);
      cairo_fill(r->cr);
    } else if (pattern == PDF_CHECKS) {
      for (int row = i % 2; row < 3; row += 2)
        cairo_rectangle(r->cr, x, b.y + row * step, step, step);
      cairo_fill(r->cr);
    }
  }
  cairo_restore(r->cr);
}

/* The strip takes its height off the box. */
static void draw_band(struct render *r, const json_t *band, struct box *b) {
  static const struct style st = {.size = 12, .weight = WEIGHT_BOLD};
  const unsigned colour = (unsigned)op_number(band, "colour");
  const double h = 7.5 * MM;
  const struct box strip = {b->x + 1, b->y + 1, b->w - 2, h};
  cairo_set_source_rgb(r->cr, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                       (colour & 255) / 255.0);
  cairo_rectangle(r->cr, strip.x, strip.y, strip.w, strip.h);
  cairo_fill(r->cr);
  draw_pattern(r, (enum pdf_pattern)op_number(band, "pattern"),
               (struct box){strip.x + strip.w * 0.55, strip.y, strip.w * 0.45, strip.h});
  PangoLayout *l = text_layout(r, op_str(band, "text"), &st, strip.w * 0.55 - pad);
  text_draw(r, l, b->x + pad, strip.y + (h - text_height(l)) / 2, 1);
  g_object_unref(l);
  b->y += h;
  b->h -= h;
}

static void draw_card(struct render *r, const json_t *card, struct box b) {
  struct str code = op_str(card, "qr"), note = op_str(card, "note");
  const json_t *band = json_object_get(card, "band");
  if (band) draw_band(r, band, &b);
  struct box in = {b.x + pad, b.y + pad, b.w - 2 * pad, b.h - 2 * pad};
  static const struct style small = {.size = 7, .grey = 0.35};
  struct box text = in;
  double size = 11;
  if (code.n) {
    double side = in.h < in.w * 0.44 ? in.h : in.w * 0.44;
    qr_draw(r, code, in.x + in.w - side, in.y + (in.h - side) / 2, side);
    text.w -= side + 4;
  }
  PangoLayout *l = note.n ? text_layout(r, note, &small, text.w) : NULL;
  if (l) {
    pango_layout_set_height(l, -3);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    double h = text_height(l);
    text_draw(r, l, text.x, in.y + in.h - h, small.grey);
    text.h -= h + 2;
    g_object_unref(l);
  }
  while (size > 5 && card_text(r, card, text, size, false) > text.h) size -= 0.5;
  cairo_save(r->cr);
  cairo_rectangle(r->cr, text.x, text.y, text.w, text.h);
  cairo_clip(r->cr);
  card_text(r, card, text, size, true);
  cairo_restore(r->cr);
}

/* Dashed lines where to cut, and ticks beyond the outer edge for a guillotine. */
static void cut_marks(struct render *r, struct box area, int columns, int rows) {
  static const double dashes[] = {1.5, 3};
  if (r->measuring) return;
  cairo_set_source_rgb(r->cr, 0.65, 0.65, 0.65);
  cairo_set_line_width(r->cr, 0.4);
  for (int pass = 0; pass < 2; pass++) {
    cairo_set_dash(r->cr, dashes, pass == 0 ? 2 : 0, 0);
    for (int i = 0; i <= columns; i++) {
      double x = area.x + area.w * i / columns;
      cairo_move_to(r->cr, x, pass ? area.y - 3 * MM : area.y);
      cairo_line_to(r->cr, x, pass ? area.y - 1 * MM : area.y + area.h);
    }
    for (int i = 0; i <= rows; i++) {
      double y = area.y + area.h * i / rows;
      cairo_move_to(r->cr, pass ? area.x - 3 * MM : area.x, y);
      cairo_line_to(r->cr, pass ? area.x - 1 * MM : area.x + area.w, y);
    }
    cairo_stroke(r->cr);
  }
  cairo_set_dash(r->cr, NULL, 0, 0);
}

void op_cards(struct render *r, const json_t *op) {
  const json_t *cards = json_object_get(op, "cards");
  int columns = (int)op_number(op, "columns"), rows = (int)op_number(op, "rows");
  if (columns < 1 || columns > 6 || rows < 1 || rows > 16)
    return render_fail(r, E_BUG, "pdf_cards");
  size_t across = (size_t)columns, per_page = across * (size_t)rows;
  for (size_t i = 0; i < json_array_size(cards) && render_ok(r); i++) {
    size_t at = i % per_page, row = at / across;
    if (at == 0 && !page_is_empty(r)) page_new(r);
    struct box area = {r->margin, r->top, render_content_width(r), r->bottom - r->top};
    double w = area.w / columns, h = area.h / rows;
    if (at == 0) cut_marks(r, area, columns, rows);
    if (!r->measuring)
      draw_card(r, json_array_get(cards, i),
                (struct box){area.x + w * (double)(at % across), area.y + h * (double)row, w, h});
    r->y = r->bottom; /* the page is taken */
  }
}
