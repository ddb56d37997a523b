/* Text on pages: layouts, and rows of them that break where a page ends. */
#include "output/pdf.h"
#include "output/pdf_impl.h"

PangoLayout *text_layout(struct render *r, struct str s, const struct style *st, double width) {
  static const PangoAlignment aligns[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT};
  PangoLayout *layout = pango_layout_new(r->context);
  PangoFontDescription *font = pango_font_description_new();
  pango_font_description_set_family_static(font, PDF_FONT);
  pango_font_description_set_weight(font, st->weight == WEIGHT_BOLD ? PANGO_WEIGHT_BOLD
                                                                    : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_absolute_size(font, st->size * PANGO_SCALE);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);
  pango_layout_set_width(layout, width > 0 ? (int)(width * PANGO_SCALE) : -1);
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(layout, aligns[st->align]);
  /* a hyphen that Pango puts where it breaks a code or a login would be typed along with it */
  PangoAttrList *attributes = pango_attr_list_new();
  pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
  pango_layout_set_attributes(layout, attributes);
  pango_attr_list_unref(attributes);
  pango_layout_set_text(layout, s.p ? s.p : "", (int)s.n);
  return layout;
}

double text_height(PangoLayout *layout) {
  int h;
  pango_layout_get_size(layout, NULL, &h);
  return (double)h / PANGO_SCALE;
}

void text_draw(struct render *r, PangoLayout *layout, double x, double y, double grey) {
  if (r->measuring) return;
  cairo_set_source_rgb(r->cr, grey, grey, grey);
  cairo_move_to(r->cr, x, y);
  pango_cairo_show_layout(r->cr, layout);
}

/* How many lines from run->line on fit into `room`, and how high they are. */
static int lines_that_fit(const struct run *run, double room, double *ret_height) {
  int n = pango_layout_get_line_count(run->layout), fit = 0;
  double height = 0;
  PangoLayoutIter *it = pango_layout_get_iter(run->layout);
  for (int i = 0; i < n; i++, pango_layout_iter_next_line(it)) {
    PangoRectangle box;
    if (i < run->line) continue;
    pango_layout_iter_get_line_extents(it, NULL, &box);
    double h = (double)box.height / PANGO_SCALE;
    if (height + h > room) break;
    height += h;
    fit++;
  }
  pango_layout_iter_free(it);
  *ret_height = height;
  return fit;
}

static void draw_lines(struct render *r, struct run *run, int n, double y) {
  PangoLayoutIter *it = pango_layout_get_iter(run->layout);
  double top = 0;
  bool first = true;
  for (int i = 0; i < run->line + n; i++, pango_layout_iter_next_line(it)) {
    PangoRectangle box;
    if (i < run->line) continue;
    pango_layout_iter_get_line_extents(it, NULL, &box);
    if (first) top = (double)box.y / PANGO_SCALE;
    first = false;
    if (r->measuring) continue;
    double base = (double)pango_layout_iter_get_baseline(it) / PANGO_SCALE;
    cairo_set_source_rgb(r->cr, run->grey, run->grey, run->grey);
    cairo_move_to(r->cr, run->x + (double)box.x / PANGO_SCALE, y + base - top);
    pango_cairo_show_layout_line(r->cr, pango_layout_iter_get_line_readonly(it));
  }
  pango_layout_iter_free(it);
  run->line += n;
}

static void draw_rules(struct render *r, const struct run *runs, size_t n, double from) {
  if (r->measuring) return;
  const struct run *last = &runs[n - 1];
  double left = runs[0].x - 3, right = last->x + last->width + 3;
  cairo_set_source_rgb(r->cr, 0.6, 0.6, 0.6);
  cairo_set_line_width(r->cr, 0.5);
  cairo_rectangle(r->cr, left, from, right - left, r->y - from);
  for (size_t i = 1; i < n; i++) {
    cairo_move_to(r->cr, runs[i].x - 3, from);
    cairo_line_to(r->cr, runs[i].x - 3, r->y);
  }
  cairo_stroke(r->cr);
}

/* One page's share of the row; true when nothing is left of it. */
static bool flow_slice(struct render *r, struct run *runs, size_t n, double pad, bool rules) {
  double room = r->bottom - r->y - 2 * pad, slice = 0;
  double heights[LIMIT_PDF_COLUMNS];
  int fit[LIMIT_PDF_COLUMNS];
  bool all = true, some = false;
  double whole = 0;
  for (size_t i = 0; i < n; i++) {
    fit[i] = lines_that_fit(&runs[i], room, &heights[i]);
    if (heights[i] > slice) slice = heights[i];
    int left = pango_layout_get_line_count(runs[i].layout) - runs[i].line;
    all &= fit[i] == left;
    some |= fit[i] > 0;
    double h = text_height(runs[i].layout);
    if (h > whole) whole = h;
  }
  /* a row that fits on a page of its own is not torn apart */
  bool movable = !page_is_empty(r) && whole + 2 * pad <= r->bottom - r->top - 40;
  if (!all && (movable || !some)) {
    if (page_is_empty(r)) {
      render_fail(r, E_BUG, "pdf_line_too_high");
      return true;
    }
    page_new(r);
    return false;
  }
  double from = r->y;
  for (size_t i = 0; i < n; i++) draw_lines(r, &runs[i], fit[i], r->y + pad);
  r->y += slice + 2 * pad;
  if (rules) draw_rules(r, runs, n, from);
  if (!all) page_new(r);
  return all;
}

void flow(struct render *r, struct run *runs, size_t n, double pad, bool rules) {
  while (render_ok(r) && !flow_slice(r, runs, n, pad, rules)) continue;
  for (size_t i = 0; i < n; i++) g_object_unref(runs[i].layout);
}

void flow_text(struct render *r, struct str s, const struct style *st, double pad) {
  double width = render_content_width(r);
  struct run run = {
      .layout = text_layout(r, s, st, width), .x = r->margin, .width = width, .grey = st->grey};
  flow(r, &run, 1, pad, false);
}

/* --- tables and pairs --------------------------------------------------------------------------
 */

static const struct style cell_style = {.size = 9};

static void row(struct render *r, const struct table *t, const json_t *cells) {
  struct run runs[LIMIT_PDF_COLUMNS];
  for (size_t i = 0; i < t->n; i++) {
    const json_t *cell = json_array_get(cells, i);
    struct style st = cell_style;
    st.align = t->align[i];
    runs[i] = (struct run){.layout = text_layout(r, json_str(cell), &st, t->width[i]),
                           .x = t->x[i],
                           .width = t->width[i]};
  }
  flow(r, runs, t->n, 2, true);
}

void table_header(struct render *r, const struct table *t) {
  struct run runs[LIMIT_PDF_COLUMNS];
  double height = 0;
  for (size_t i = 0; i < t->n; i++) {
    struct style st = {.size = 9, .weight = WEIGHT_BOLD, .align = t->align[i]};
    runs[i] = (struct run){.layout = text_layout(r, t->title[i], &st, t->width[i]),
                           .x = t->x[i],
                           .width = t->width[i]};
    double h = text_height(runs[i].layout);
    if (h > height) height = h;
  }
  if (height > (r->bottom - r->top) / 2) render_fail(r, E_BUG, "pdf_header_too_high");
  if (!r->measuring) {
    cairo_set_source_rgb(r->cr, 0.92, 0.92, 0.92);
    cairo_rectangle(r->cr, t->x[0] - 3, r->y, render_content_width(r), height + 6);
    cairo_fill(r->cr);
  }
  const struct table *open = r->table;
  r->table = NULL; /* it is its own header */
  flow(r, runs, t->n, 3, true);
  r->table = open;
}

static bool read_columns(struct render *r, const json_t *op, struct table *t) {
  const json_t *columns = json_object_get(op, "columns");
  double sum = 0, x = r->margin;
  t->n = json_array_size(columns);
  if (t->n == 0 || t->n > LIMIT_PDF_COLUMNS) return false;
  for (size_t i = 0; i < t->n; i++) {
    double weight = op_number(json_array_get(columns, i), "weight");
    if (!(weight > 0)) return false;
    sum += weight;
  }
  for (size_t i = 0; i < t->n; i++) {
    const json_t *c = json_array_get(columns, i);
    double full = render_content_width(r) * op_number(c, "weight") / sum;
    int align = (int)op_number(c, "align");
    t->x[i] = x + 3;
    t->width[i] = full - 6;
    t->align[i] = align >= PDF_LEFT && align <= PDF_RIGHT ? align : PDF_LEFT;
    t->title[i] = op_str(c, "title");
    x += full;
    if (t->width[i] < 6) return false;
  }
  return true;
}

void op_table(struct render *r, const json_t *op) {
  struct table t;
  const json_t *rows = json_object_get(op, "rows");
  if (!read_columns(r, op, &t)) return render_fail(r, E_BUG, "pdf_columns");
  /* the header never stands alone at the foot of a page */
  if (r->bottom - r->y < 60 && !page_is_empty(r)) page_new(r);
  table_header(r, &t);
  r->table = &t;
  for (size_t i = 0; i < json_array_size(rows) && render_ok(r); i++)
    row(r, &t, json_array_get(rows, i));
  r->table = NULL;
  r->y += 6;
}

void op_pairs(struct render *r, const json_t *op) {
  const json_t *pairs = json_object_get(op, "pairs");
  double all = render_content_width(r), label = all * 0.24;
  for (size_t i = 0; i < json_array_size(pairs) && render_ok(r); i++) {
    const json_t *pair = json_array_get(pairs, i);
    static const struct style key = {.size = 10, .grey = 0.35}, value = {.size = 10};
    struct run runs[2] = {
        {.layout = text_layout(r, json_str(json_array_get(pair, 0)), &key, label - 8),
         .x = r->margin,
         .width = label - 8,
         .grey = key.grey},
        {.layout = text_layout(r, json_str(json_array_get(pair, 1)), &value, all - label),
         .x = r->margin + label,
         .width = all - label},
    };
    flow(r, runs, 2, 1.5, false);
  }
  r->y += 4;
}
