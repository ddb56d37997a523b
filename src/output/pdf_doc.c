#include "base/limits.h"
#include "output/pdf.h"

static void number(struct jw *w, double v) {
  /* hundredths are finer than any printer */
  jw_decimal(w, (int64_t)(v * 100 + (v < 0 ? -0.5 : 0.5)), 2);
}

static bool between(struct pdf *p) {
  if (p->in_table || p->in_cards) p->bad = true;
  return !p->bad;
}

void pdf_begin(struct pdf *p, struct buf *json, const struct pdf_options *o) {
  *p = (struct pdf){.json = json};
  struct jw *w = &p->w;
  jw_init(w, json);
  jw_object(w);
  jw_kstr(w, "title", o->title.p ? o->title : S(""));
  jw_kstr(w, "header", o->header.p ? o->header : S(""));
  jw_kstr(w, "footer", o->footer.p ? o->footer : S(""));
  jw_kstr(w, "watermark", o->watermark.p ? o->watermark : S(""));
  jw_kstr(w, "author", o->author.p ? o->author : S(""));
  jw_ki64(w, "created_ms", o->created_ms);
  jw_kbool(w, "landscape", o->landscape);
  jw_kbool(w, "a3", o->a3);
  jw_kbool(w, "zh", o->zh);
  jw_k(w, "margin");
  number(w, o->margin_mm > 0 ? o->margin_mm : 15);
  jw_karray(w, "ops");
}

static void op(struct pdf *p, const char *name) {
  jw_object(&p->w);
  jw_kstrz(&p->w, "op", name);
}

static void member(struct pdf *p, const char *key, struct str s) {
  jw_key(&p->w, str_from(key));
  jw_str(&p->w, s.p ? s : S(""));
}

void pdf_heading(struct pdf *p, int level, struct str text) {
  if (!between(p)) return;
  if (level < 1 || level > 3) p->bad = true;
  op(p, "heading");
  jw_ki64(&p->w, "level", level);
  member(p, "text", text);
  jw_end(&p->w);
}

void pdf_paragraph(struct pdf *p, struct str text) {
  if (!between(p)) return;
  op(p, "paragraph");
  member(p, "text", text);
  jw_end(&p->w);
}

void pdf_note(struct pdf *p, struct str text) {
  if (!between(p)) return;
  op(p, "note");
  member(p, "text", text);
  jw_end(&p->w);
}

static void write_pairs(struct pdf *p, const struct pdf_pair *all, size_t n) {
  jw_k(&p->w, "pairs");
  jw_array(&p->w);
  for (size_t i = 0; i < n; i++) {
    jw_array(&p->w);
    jw_str(&p->w, all[i].label.p ? all[i].label : S(""));
    jw_str(&p->w, all[i].value.p ? all[i].value : S(""));
    jw_end(&p->w);
  }
  jw_end(&p->w);
}

void pdf_pairs(struct pdf *p, const struct pdf_pair *pairs, size_t n) {
  if (!between(p)) return;
  op(p, "pairs");
  write_pairs(p, pairs, n);
  jw_end(&p->w);
}

void pdf_banner(struct pdf *p, struct str text, double size) {
  if (!between(p)) return;
  if (!(size >= 20 && size <= 160)) p->bad = true;
  op(p, "banner");
  member(p, "text", text);
  jw_k(&p->w, "size");
  number(&p->w, size);
  jw_end(&p->w);
}

void pdf_space(struct pdf *p, double mm) {
  if (!between(p)) return;
  op(p, "space");
  jw_k(&p->w, "mm");
  number(&p->w, mm);
  jw_end(&p->w);
}

void pdf_page_break(struct pdf *p) {
  if (!between(p)) return;
  op(p, "break");
  jw_end(&p->w);
}

void pdf_qr(struct pdf *p, struct str text, double mm, struct str caption) {
  if (!between(p)) return;
  op(p, "qr");
  member(p, "text", text);
  jw_k(&p->w, "mm");
  number(&p->w, mm);
  member(p, "caption", caption);
  jw_end(&p->w);
}

void pdf_table_begin(struct pdf *p, const struct pdf_column *columns, size_t n) {
  if (!between(p)) return;
  if (n == 0 || n > LIMIT_PDF_COLUMNS) p->bad = true;
  p->in_table = true;
  p->columns = n;
  p->at = 0;
  op(p, "table");
  jw_k(&p->w, "columns");
  jw_array(&p->w);
  for (size_t i = 0; i < n; i++) {
    jw_object(&p->w);
    member(p, "title", columns[i].title);
    jw_k(&p->w, "weight");
    number(&p->w, columns[i].weight > 0 ? columns[i].weight : 1);
    jw_ki64(&p->w, "align", columns[i].align);
    jw_end(&p->w);
  }
  jw_end(&p->w);
  jw_k(&p->w, "rows");
  jw_array(&p->w);
}

void pdf_cell(struct pdf *p, struct str text) {
  if (!p->in_table) p->bad = true;
  if (p->bad) return;
  if (!p->in_row) jw_array(&p->w);
  p->in_row = true;
  p->at++;
  jw_str(&p->w, text.p ? text : S(""));
}

void pdf_end_row(struct pdf *p) {
  if (!p->in_row || p->at != p->columns) p->bad = true;
  if (p->bad) return;
  jw_end(&p->w);
  p->in_row = false;
  p->at = 0;
}

void pdf_table_end(struct pdf *p) {
  if (!p->in_table || p->in_row) p->bad = true;
  if (p->bad) return;
  p->in_table = false;
  jw_end(&p->w);
  jw_end(&p->w);
}

void pdf_cards_begin(struct pdf *p, int columns, int rows) {
  if (!between(p)) return;
  if (columns < 1 || columns > 6 || rows < 1 || rows > 16) p->bad = true;
  p->in_cards = true;
  op(p, "cards");
  jw_ki64(&p->w, "columns", columns);
  jw_ki64(&p->w, "rows", rows);
  jw_k(&p->w, "cards");
  jw_array(&p->w);
}

void pdf_card(struct pdf *p, const struct pdf_card *card) {
  if (!p->in_cards) p->bad = true;
  if (p->bad) return;
  jw_object(&p->w);
  member(p, "title", card->title);
  write_pairs(p, card->pairs, card->n_pairs);
  member(p, "qr", card->qr);
  if (card->big.n) member(p, "big", card->big);
  if (card->band.text.n) {
    if (card->band.pattern >= PDF_PATTERNS_) p->bad = true;
    jw_k(&p->w, "band");
    jw_object(&p->w);
    member(p, "text", card->band.text);
    jw_ki64(&p->w, "colour", card->band.colour & 0xffffff);
    jw_ki64(&p->w, "pattern", card->band.pattern);
    jw_end(&p->w);
  }
  member(p, "note", card->note);
  jw_end(&p->w);
}

void pdf_cards_end(struct pdf *p) {
  if (!p->in_cards) p->bad = true;
  if (p->bad) return;
  p->in_cards = false;
  jw_end(&p->w);
  jw_end(&p->w);
}

void pdf_end(struct pdf *p) {
  if (!between(p)) return;
  jw_end(&p->w);
  jw_end(&p->w);
}

bool pdf_ok(const struct pdf *p) {
  return !p->bad && jw_ok(&p->w);
}
