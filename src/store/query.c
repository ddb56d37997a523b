#include "store/store_impl.h"

/* The linker puts these around the section; weak, for a program without a single query. */
extern const struct query *const __start_sw_queries[] __attribute__((weak));
extern const struct query *const __stop_sw_queries[] __attribute__((weak));

void query_each(void (*fn)(const struct query *, void *), void *arg) {
  for (const struct query *const *q = __start_sw_queries; q < __stop_sw_queries; q++) fn(*q, arg);
}

const char *ask_name(const struct ask *a) {
  return a->q ? a->q->name : "a statement made at run time";
}

void sql_words(struct buf *out, struct str sql) {
  char quote = 0;
  bool gap = false;
  size_t start = out->n;
  for (size_t i = 0; i < sql.n; i++) {
    char c = sql.p[i];
    if (!quote && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
      gap = true;
      continue;
    }
    if (gap && out->n > start) buf_char(out, ' ');
    gap = false;
    if (quote ? c == quote : c == '\'' || c == '"') quote = quote ? 0 : c;
    buf_char(out, c);
  }
}
