#include "kind/rows.h"
#include "base/limits.h"
#include "base/log.h"
#include <stdarg.h>
#include <stdio.h>

void rows_init(struct rows *rs) {
  *rs = (struct rows){.text = BUF_INIT(MIB(1)), .area = "?"};
}

void rows_done(struct rows *rs) {
  buf_done(&rs->text);
}

void rows_of(struct rows *rs, const char *area, const char *file) {
  while (file && strncmp(file, "../", 3) == 0) file += 3; /* the way from the build folder */
  rs->area = area ? area : "?";
  rs->file = file;
}

void rows_wrong(struct rows *rs, const char *type, const char *row, const char *fmt, ...) {
  char said[512];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(said, sizeof said, fmt, ap);
  va_end(ap);
  rs->wrong++;
  buf_printf(&rs->text, "%s", rs->area);
  if (rs->file) buf_printf(&rs->text, " (%s)", rs->file);
  buf_printf(&rs->text, ": %s \"%s\": %s\n", type, row ? row : "", said);
}

int rows_verdict(struct rows *rs, struct err *e) {
  const size_t wrong = rs->wrong;
  struct str rest = buf_str(&rs->text);
  struct str first = rest;
  first = str_split(&first, '\n');
  char field[64];
  snprintf(field, sizeof field, STR_FMT, STR_ARG(first));
  while (rest.p && rest.n) {
    struct str line = str_split(&rest, '\n');
    log_error("wrong_row", STR_FMT, STR_ARG(line));
  }
  rows_done(rs);
  return wrong ? err_field(e, E_BUG, "rows of the product's tables are wrong; the log names each",
                           field)
               : 0;
}

void rows_labels(struct rows *rs, const char *type, const char *row, const char *zh,
                 const char *en) {
  if (!zh || !*zh || !en || !*en) rows_wrong(rs, type, row, "needs its names in zh and en");
}

void rows_words(const char *list, char sep, void (*fn)(void *arg, struct str word), void *arg) {
  struct str rest = str_from(list ? list : "");
  while (rest.p && rest.n) {
    struct str word = str_trim(str_split(&rest, sep));
    if (word.n) fn(arg, word);
  }
}

bool rows_name_ok(const char *name) {
  if (!name || !(name[0] >= 'a' && name[0] <= 'z') || strlen(name) > 40) return false;
  for (const char *p = name; *p; p++)
    if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == '-'))
      return false;
  return true;
}
