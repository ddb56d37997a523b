#include "http/url.h"

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Decodes into the arena. In a path an encoded slash would move the borders of its segments. */
static int decode(struct arena *a, struct str raw, bool in_path, struct str *ret, struct err *e) {
  char *out = arena_alloc(a, raw.n + 1);
  if (!out || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the address");
  size_t n = 0;
  for (size_t i = 0; i < raw.n; i++) {
    unsigned char c = (unsigned char)raw.p[i];
    if (c == '%') {
      bool whole = raw.n - i > 2;
      int hi = whole ? hex_value(raw.p[i + 1]) : -1, lo = whole ? hex_value(raw.p[i + 2]) : -1;
      if (hi < 0 || lo < 0) return err_set(e, E_MALFORMED, "broken percent-escape in the address");
      c = (unsigned char)(hi << 4 | lo);
      i += 2;
      if (in_path && c == '/') return err_set(e, E_MALFORMED, "encoded slash in the path");
    } else if (c == '+' && !in_path) {
      c = ' ';
    }
    /* line breaks and tabs are wanted in a search text as little as in a path */
    if (c < 0x20 || c == 0x7f) return err_set(e, E_MALFORMED, "control character in the address");
    out[n++] = (char)c;
  }
  struct str s = {out, n};
  if (!str_utf8_valid(s)) return err_set(e, E_MALFORMED, "the address is not UTF-8");
  *ret = s;
  return 0;
}

static int check_segments(struct str path, struct err *e) {
  struct str rest = str_sub(path, 1, path.n);
  while (rest.p) {
    struct str segment = str_split(&rest, '/');
    if (segment.n == 0 && rest.p) return err_set(e, E_MALFORMED, "empty segment in the path");
    if (str_is(segment, ".") || str_is(segment, ".."))
      return err_set(e, E_MALFORMED, "dot segment in the path");
  }
  return 0;
}

static int parse_args(struct arena *a, struct str query, struct url *u, struct err *e) {
  size_t max = 1;
  for (size_t i = 0; i < query.n; i++) max += query.p[i] == '&';
  if (max > URL_ARGS_MAX) return err_set(e, E_MALFORMED, "too many query arguments");
  u->args = arena_array(a, struct url_arg, max);
  if (!u->args || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the address");
  while (query.p) {
    struct str pair = str_split(&query, '&');
    if (pair.n == 0) continue;
    struct str key = str_split(&pair, '=');
    struct url_arg arg = {.value = S("")};
    int r = decode(a, key, false, &arg.key, e);
    if (r == 0 && pair.p) r = decode(a, pair, false, &arg.value, e);
    if (r) return r;
    u->args[u->n_args++] = arg;
  }
  return 0;
}

int url_parse(struct arena *a, struct str raw, struct url *ret_url, struct err *e) {
  struct url u = {0};
  if (raw.n == 0 || raw.p[0] != '/' || raw.n > URL_MAX)
    return err_set(e, E_MALFORMED, raw.n > URL_MAX ? "the address is too long" : "not a path");
  struct str query = raw;
  struct str path = str_split(&query, '?');
  int r = decode(a, path, true, &u.path, e);
  if (r == 0) r = check_segments(u.path, e);
  if (r == 0 && query.p) r = parse_args(a, query, &u, e);
  if (r) return r;
  *ret_url = u;
  return 0;
}

struct str url_arg(const struct url *u, struct str key) {
  for (size_t i = 0; i < u->n_args; i++)
    if (str_eq(u->args[i].key, key)) return u->args[i].value;
  return (struct str){NULL, 0};
}
