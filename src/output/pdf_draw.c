/* From a description to pages. */
#include "output/pdf.h"
#include "output/pdf_impl.h"
#include <math.h>
#include <stdio.h>

void render_fail(struct render *r, int code, const char *what) {
  if (!r->err.code) err_set(&r->err, code, what);
}

double render_content_width(const struct render *r) {
  return r->width - 2 * r->margin;
}

struct str op_str(const json_t *op, const char *key) {
  return json_str(json_object_get(op, key));
}

double op_number(const json_t *op, const char *key) {
  return json_number_value(json_object_get(op, key));
}

/* --- pages ------------------------------------------------------------------------------------ */

bool page_is_empty(const struct render *r) {
  return r->y <= r->start;
}

static void draw_watermark(struct render *r) {
  static const struct style st = {.size = 15};
  if (r->measuring || r->watermark.n == 0) return;
  PangoLayout *l = text_layout(r, r->watermark, &st, 0);
  int w, h;
  pango_layout_get_size(l, &w, &h);
  double step_x = (double)w / PANGO_SCALE + 60, step_y = 120;
  double reach = hypot(r->width, r->height);
  int across = (int)(reach / step_x) + 1, down = (int)(reach / step_y) + 1;
  cairo_save(r->cr);
  cairo_translate(r->cr, r->width / 2, r->height / 2);
  cairo_rotate(r->cr, -G_PI / 7);
  for (int i = 0; i < across * down; i++)
    text_draw(r, l, i % across * step_x - reach / 2, (i - i % across) * step_y / across - reach / 2,
              0.91);
  cairo_restore(r->cr);
  g_object_unref(l);
}

static void draw_furniture(struct render *r) {
  static const struct style left = {.size = 8}, right = {.size = 8, .align = PDF_RIGHT};
  char number[64];
  double width = render_content_width(r);
  if (r->measuring) return;
  draw_watermark(r);
  if (r->header.n) {
    PangoLayout *l = text_layout(r, r->header, &left, width);
    pango_layout_set_height(l, -1);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    text_draw(r, l, r->margin, r->margin - 6, 0.35);
    g_object_unref(l);
  }
  double y = r->height - r->margin - 2;
  PangoLayout *l = text_layout(r, r->footer, &left, width * 0.75);
  pango_layout_set_height(l, -1);
  pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
  text_draw(r, l, r->margin, y, 0.35);
  g_object_unref(l);
  snprintf(number, sizeof number, r->zh ? "第 %d 页 / 共 %d 页" : "Page %d of %d", r->page,
           r->pages);
  l = text_layout(r, str_from(number), &right, width);
  text_draw(r, l, r->margin, y, 0.35);
  g_object_unref(l);
}

static void page_begin(struct render *r) {
  if (++r->page > LIMIT_PDF_PAGES) render_fail(r, E_TOO_LARGE, "pdf_pages");
  r->y = r->start = r->top;
  draw_furniture(r);
}

void page_new(struct render *r) {
  if (!render_ok(r)) return;
  if (!r->measuring) cairo_show_page(r->cr);
  page_begin(r);
  if (r->table) table_header(r, r->table);
  r->start = r->y;
}

/* --- operations ------------------------------------------------------------------------------- */

static void op_heading(struct render *r, const json_t *op) {
  static const double sizes[] = {18, 14, 11.5};
  int level = (int)op_number(op, "level");
  if (level < 1 || level > 3) return render_fail(r, E_BUG, "pdf_heading");
  struct style st = {
      .size = sizes[level - 1], .weight = WEIGHT_BOLD, .align = level == 1 ? PDF_CENTER : PDF_LEFT};
  /* it takes some of what it heads along */
  if (r->bottom - r->y < st.size * 2 + 48 && !page_is_empty(r)) page_new(r);
  if (!page_is_empty(r)) r->y += st.size * 0.4;
  flow_text(r, op_str(op, "text"), &st, 3);
}

static void op_paragraph(struct render *r, const json_t *op) {
  static const struct style st = {.size = 10.5};
  flow_text(r, op_str(op, "text"), &st, 3);
}

static void op_banner(struct render *r, const json_t *op) {
  const struct style st = {
      .size = op_number(op, "size"), .weight = WEIGHT_BOLD, .align = PDF_CENTER};
  if (!(st.size >= 20 && st.size <= 160)) return render_fail(r, E_BUG, "pdf_banner");
  flow_text(r, op_str(op, "text"), &st, 2);
}

static void op_note(struct render *r, const json_t *op) {
  static const struct style st = {.size = 8.5, .grey = 0.35};
  flow_text(r, op_str(op, "text"), &st, 2);
}

static void op_space(struct render *r, const json_t *op) {
  double h = op_number(op, "mm") * MM;
  if (!page_is_empty(r) && h > 0) r->y += h;
  if (r->y > r->bottom) page_new(r);
}

static void op_break(struct render *r, const json_t *op) {
  (void)op;
  if (!page_is_empty(r)) page_new(r);
}

static const struct {
  const char *name;
  void (*draw)(struct render *r, const json_t *op);
} ops[] = {
    {"heading", op_heading}, {"paragraph", op_paragraph}, {"note", op_note},   {"pairs", op_pairs},
    {"space", op_space},     {"break", op_break},         {"table", op_table}, {"cards", op_cards},
    {"qr", op_qr},           {"banner", op_banner},
};

static void draw_op(struct render *r, const json_t *op) {
  struct str name = op_str(op, "op");
  for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
    if (!str_is(name, ops[i].name)) continue;
    ops[i].draw(r, op);
    return;
  }
  render_fail(r, E_BUG, "pdf_operation");
}

/* --- the document ----------------------------------------------------------------------------- */

static bool family_is_there(PangoContext *context) {
  PangoFontDescription *font = pango_font_description_from_string(PDF_FONT " 10");
  PangoFont *loaded = pango_context_load_font(context, font);
  bool same = false;
  if (loaded) {
    PangoFontDescription *got = pango_font_describe(loaded);
    const char *family = pango_font_description_get_family(got);
    same = family && strcmp(family, PDF_FONT) == 0;
    pango_font_description_free(got);
    g_object_unref(loaded);
  }
  pango_font_description_free(font);
  return same;
}

static PangoContext *make_context(PangoFontMap *map) {
  PangoContext *context = pango_font_map_create_context(map);
  cairo_font_options_t *options = cairo_font_options_create();
  /* the same metrics whatever the surface: both passes must break lines alike */
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(context, options);
  cairo_font_options_destroy(options);
  pango_cairo_context_set_resolution(context, 72);
  pango_context_set_language(context, pango_language_from_string("zh-cn"));
  return context;
}

static cairo_status_t to_buf(void *out, const unsigned char *p, unsigned n) {
  buf_add(out, p, n);
  return buf_ok(out) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void set_metadata(struct render *r, const json_t *doc) {
  static const struct {
    const char *key;
    cairo_pdf_metadata_t which;
  } all[] = {{"title", CAIRO_PDF_METADATA_TITLE},
             {"author", CAIRO_PDF_METADATA_AUTHOR},
             {"watermark", CAIRO_PDF_METADATA_SUBJECT}};
  for (size_t i = 0; i < ARRAY_LEN(all); i++) {
    const char *z = json_string_value(json_object_get(doc, all[i].key));
    if (z && *z) cairo_pdf_surface_set_metadata(r->surface, all[i].which, z);
  }
  cairo_pdf_surface_set_metadata(r->surface, CAIRO_PDF_METADATA_CREATOR, "Shouwang");
  int64_t ms = json_integer_value(json_object_get(doc, "created_ms"));
  GDateTime *at = g_date_time_new_from_unix_utc(ms / 1000);
  char *text = at ? g_date_time_format(at, "%Y-%m-%dT%H:%M:%SZ") : NULL;
  if (text) cairo_pdf_surface_set_metadata(r->surface, CAIRO_PDF_METADATA_CREATE_DATE, text);
  g_free(text);
  if (at) g_date_time_unref(at);
}

/* Lays everything out once; without `out` only to count the pages. */
static void one_pass(struct render *r, const json_t *doc, struct buf *out) {
  const json_t *list = json_object_get(doc, "ops");
  r->measuring = !out;
  r->page = 0;
  r->surface = out ? cairo_pdf_surface_create_for_stream(to_buf, out, r->width, r->height)
                   : cairo_pdf_surface_create(NULL, r->width, r->height);
  r->cr = cairo_create(r->surface);
  if (out) set_metadata(r, doc);
  page_begin(r);
  for (size_t i = 0; i < json_array_size(list) && render_ok(r); i++)
    draw_op(r, json_array_get(list, i));
  if (out) cairo_show_page(r->cr);
  cairo_status_t status = cairo_status(r->cr);
  cairo_destroy(r->cr);
  cairo_surface_finish(r->surface);
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(r->surface);
  cairo_surface_destroy(r->surface);
  if (out && !buf_ok(out))
    render_fail(r, E_TOO_LARGE, "pdf_size");
  else if (status == CAIRO_STATUS_NO_MEMORY)
    render_fail(r, E_NOMEM, "pdf");
  else if (status != CAIRO_STATUS_SUCCESS)
    render_fail(r, E_BUG, cairo_status_to_string(status));
  r->pages = r->page;
}

static int draw(const json_t *doc, struct buf *out, struct err *e) {
  struct render r = {.header = op_str(doc, "header"),
                     .footer = op_str(doc, "footer"),
                     .watermark = op_str(doc, "watermark"),
                     .zh = json_is_true(json_object_get(doc, "zh"))};
  bool landscape = json_is_true(json_object_get(doc, "landscape"));
  double margin = op_number(doc, "margin");
  if (!json_is_array(json_object_get(doc, "ops")) || !(margin >= 5) || margin > 50)
    return err_set(e, E_BUG, "pdf_document");
  const bool a3 = json_is_true(json_object_get(doc, "a3"));
  const double narrow = (a3 ? 297 : 210) * MM, wide = (a3 ? 420 : 297) * MM;
  r.width = landscape ? wide : narrow;
  r.height = landscape ? narrow : wide;
  r.margin = margin * MM;
  r.top = r.margin + (r.header.n ? 10 : 0);
  r.bottom = r.height - r.margin - 8;
  /* a map of its own: the shared one would keep its fonts for ever */
  PangoFontMap *map = pango_cairo_font_map_new();
  r.context = make_context(map);
  if (family_is_there(r.context)) {
    one_pass(&r, doc, NULL);
    if (render_ok(&r)) one_pass(&r, doc, out);
  } else {
    render_fail(&r, E_UNAVAILABLE, "font " PDF_FONT);
  }
  g_object_unref(r.context);
  g_object_unref(map);
  if (render_ok(&r)) return 0;
  if (e) *e = r.err;
  return -r.err.code;
}

int pdf_render_here(struct str json, struct buf *out, struct err *e) {
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_JOB);
  json_t *doc = NULL;
  if (!a) return err_set(e, E_NOMEM, "pdf");
  int r = json_read(a, json, &doc, e);
  return r < 0 ? r : draw(doc, out, e);
}
