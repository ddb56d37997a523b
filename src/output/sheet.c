#include "output/sheet_impl.h"

static bool holds_utf16(struct str bytes, const char *ascii) {
  char wide[64];
  size_t n = 0;
  for (; *ascii && n + 2 <= sizeof wide; ascii++) {
    wide[n++] = *ascii;
    wide[n++] = 0;
  }
  return memmem(bytes.p, bytes.n, wide, n) != NULL;
}

/* Many systems hand out an HTML or XML table under a spreadsheet's name. */
static bool looks_like_markup(struct str s) {
  s = str_trim(str_sub(s, 0, 512));
  static const struct str begins[] = {STR_INIT("<!doctype html"), STR_INIT("<html"),
                                      STR_INIT("<table"), STR_INIT("<?xml"), STR_INIT("<meta")};
  for (size_t i = 0; i < ARRAY_LEN(begins); i++)
    if (s.n >= begins[i].n && strncasecmp(s.p, begins[i].p, begins[i].n) == 0) return true;
  return false;
}

int sheet_open(struct str bytes, struct sheet_reader **ret_reader, struct err *e) {
  static const struct str ole = STR_INIT("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
  if (str_empty(str_trim(bytes))) return err_set(e, E_MALFORMED, "empty_file");
  if (bytes.n > LIMIT_BODY_IMPORT) return err_field(e, E_TOO_LARGE, "sheet_file", "file");
  if (str_starts(bytes, S("PK\x03\x04")) || str_starts(bytes, S("PK\x05\x06")))
    return xlsx_open(bytes, ret_reader, e);
  if (str_starts(bytes, ole))
    return err_set(e, E_UNSUPPORTED, holds_utf16(bytes, "EncryptedPackage") ? "encrypted" : "xls");
  if (str_starts(bytes, S("%PDF-"))) return err_set(e, E_UNSUPPORTED, "pdf");
  if (looks_like_markup(bytes)) return err_set(e, E_UNSUPPORTED, "html");
  return csv_open(bytes, ret_reader, e);
}

struct sheet_reader *sheet_close(struct sheet_reader *r) {
  if (r) r->ops->close(r);
  return NULL;
}

enum sheet_format sheet_format(const struct sheet_reader *r) {
  return r->format;
}
const char *sheet_encoding(const struct sheet_reader *r) {
  return r->encoding;
}
size_t sheet_count(const struct sheet_reader *r) {
  return r->n_sheets;
}
struct str sheet_name(const struct sheet_reader *r, size_t i) {
  return i < r->n_sheets ? r->sheets[i].name : (struct str){0};
}
bool sheet_hidden(const struct sheet_reader *r, size_t i) {
  return i < r->n_sheets && r->sheets[i].hidden;
}
size_t sheet_chosen(const struct sheet_reader *r) {
  return r->chosen;
}

int sheet_choose(struct sheet_reader *r, size_t i, struct err *e) {
  if (i >= r->n_sheets) return err_field(e, E_NOT_FOUND, "no_such_sheet", "sheet");
  return r->ops->choose(r, i, e);
}

int sheet_choose_name(struct sheet_reader *r, struct str name, struct err *e) {
  for (size_t i = 0; i < r->n_sheets; i++)
    if (str_eq(r->sheets[i].name, name)) return sheet_choose(r, i, e);
  return err_field(e, E_NOT_FOUND, "no_such_sheet", "sheet");
}

int sheet_next(struct sheet_reader *r, const struct sheet_row **ret_row, struct err *e) {
  return r->ops->next(r, ret_row, e);
}

size_t sheet_merges(const struct sheet_reader *r, const struct sheet_range **ret_ranges) {
  *ret_ranges = r->merges;
  return r->n_merges;
}

const struct sheet_range *sheet_merged(const struct sheet_reader *r, uint32_t row,
                                       uint16_t column) {
  for (size_t i = 0; i < r->n_merges; i++) {
    const struct sheet_range *m = &r->merges[i];
    if (row >= m->first_row && row <= m->last_row && column >= m->first_column &&
        column <= m->last_column)
      return m;
  }
  return NULL;
}

bool sheet_row_is_hxl(const struct sheet_row *row) {
  size_t tags = 0;
  for (size_t i = 0; i < row->n; i++) {
    struct str s = str_trim(row->cells[i].text);
    if (str_empty(s)) continue;
    if (s.p[0] != '#' || s.n < 2) return false;
    tags++;
  }
  return tags > 0;
}

void sheet_column(uint16_t column, char out[COLUMN_TEXT]) {
  char back[COLUMN_TEXT];
  size_t n = 0;
  for (unsigned c = column + 1u; c && n < COLUMN_TEXT - 1; c = (c - 1) / 26)
    back[n++] = (char)('A' + (c - 1) % 26);
  for (size_t i = 0; i < n; i++) out[i] = back[n - 1 - i];
  out[n] = 0;
}
