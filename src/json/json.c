#include "json/json.h"
#include <stdio.h>
#include <stdlib.h>
#include "base/limits.h"

static bool too_deep(const json_t *j, int left) {
  if (!json_is_array(j) && !json_is_object(j)) return false;
  if (left == 0) return true;
  if (json_is_array(j)) {
    for (size_t i = 0; i < json_array_size(j); i++)
      if (too_deep(json_array_get(j, i), left - 1)) return true;
    return false;
  }
  json_t *object = (json_t *)(uintptr_t)j; /* jansson's iterators take a non-const object */
  for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
    if (too_deep(json_object_iter_value(it), left - 1)) return true;
  return false;
}

static void release(void *p) {
  json_decref(p);
}

int json_read(struct arena *a, struct str text, json_t **ret_root, struct err *e) {
  json_error_t je;
  json_t *root =
      json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);
  if (!root) {
    if (json_error_code(&je) == json_error_out_of_memory)
      return err_set(e, E_NOMEM, "no memory for the document");
    return err_sys(e, E_MALFORMED, "not a JSON document", je.position);
  }
  if (too_deep(root, LIMIT_JSON_DEPTH)) {
    json_decref(root);
    return err_set(e, E_TOO_LARGE, "the document is nested too deeply");
  }
  arena_defer(a, release, root);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the document");
  *ret_root = root;
  return 0;
}

void jw_init(struct jw *w, struct buf *b) {
  *w = (struct jw){.b = b};
}

/* What must stand before the next value: nothing, or a comma. */
static void value_begins(struct jw *w) {
  if (w->after_key) {
    w->after_key = false;
    return;
  }
  if (w->depth && w->is_object >> w->depth & 1u) w->bad = true;
  if (w->has_item >> w->depth & 1u) {
    if (w->depth == 0) w->bad = true;
    buf_char(w->b, ',');
  }
  w->has_item |= 1u << w->depth;
}

static void open_level(struct jw *w, bool object) {
  value_begins(w);
  buf_char(w->b, object ? '{' : '[');
  if (w->depth >= 31) {
    w->bad = true;
    return;
  }
  w->depth++;
  w->has_item &= ~(1u << w->depth);
  if (object)
    w->is_object |= 1u << w->depth;
  else
    w->is_object &= ~(1u << w->depth);
}

void jw_object(struct jw *w) {
  open_level(w, true);
}
void jw_array(struct jw *w) {
  open_level(w, false);
}

void jw_end(struct jw *w) {
  if (w->depth == 0 || w->after_key) {
    w->bad = true;
    return;
  }
  buf_char(w->b, w->is_object >> w->depth & 1u ? '}' : ']');
  w->depth--;
}

/* Most texts hold nothing to escape: those are copied in one piece. False: there is something. */
static bool quoted_plain(struct buf *b, struct str s) {
  for (size_t i = 0; i < s.n; i++) {
    const unsigned char c = (unsigned char)s.p[i];
    if (c < 0x20 || c == '"' || c == '\\') return false;
  }
  char *at = buf_room(b, s.n + 2);
  if (!at) return true;
  at[0] = '"';
  if (s.n) memcpy(at + 1, s.p, s.n);
  at[s.n + 1] = '"';
  b->n += s.n + 2;
  return true;
}

/* Bytes that JSON wants escaped; UTF-8 passes as it is. */
static void quoted(struct buf *b, struct str s) {
  static const char digit[] = "0123456789abcdef";
  if (quoted_plain(b, s)) return;
  buf_char(b, '"');
  size_t from = 0;
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    buf_add(b, s.p + from, i - from);
    from = i + 1;
    if (c == '"' || c == '\\') {
      buf_char(b, '\\');
      buf_char(b, (char)c);
    } else if (c == '\n') {
      buf_lit(b, "\\n");
    } else if (c == '\t') {
      buf_lit(b, "\\t");
    } else if (c == '\r') {
      buf_lit(b, "\\r");
    } else {
      buf_lit(b, "\\u00");
      buf_char(b, digit[c >> 4]);
      buf_char(b, digit[c & 15]);
    }
  }
  buf_add(b, s.p + from, s.n - from);
  buf_char(b, '"');
}

void jw_key(struct jw *w, struct str key) {
  if (!w->depth || !(w->is_object >> w->depth & 1u) || w->after_key) w->bad = true;
  if (w->has_item >> w->depth & 1u) buf_char(w->b, ',');
  w->has_item |= 1u << w->depth;
  quoted(w->b, key);
  buf_char(w->b, ':');
  w->after_key = true;
}

void jw_str(struct jw *w, struct str s) {
  value_begins(w);
  if (s.p)
    quoted(w->b, s);
  else
    buf_lit(w->b, "null");
}

void jw_strz(struct jw *w, const char *z) {
  jw_str(w, str_from(z));
}

void jw_i64(struct jw *w, int64_t v) {
  value_begins(w);
  buf_i64(w->b, v);
}

void jw_bool(struct jw *w, bool v) {
  jw_raw(w, v ? S("true") : S("false"));
}
void jw_null(struct jw *w) {
  jw_raw(w, S("null"));
}

void jw_decimal(struct jw *w, int64_t v, int scale) {
  int64_t unit = 1;
  for (int i = 0; i < scale; i++) unit *= 10;
  value_begins(w);
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  if (v < 0) buf_char(w->b, '-');
  buf_i64(w->b, (int64_t)(u / (uint64_t)unit));
  uint64_t rest = u % (uint64_t)unit;
  if (scale) buf_char(w->b, '.');
  for (int i = 0; i < scale; i++) {
    unit /= 10;
    buf_char(w->b, (char)('0' + rest / (uint64_t)unit % 10));
  }
}

void jw_uuid(struct jw *w, const struct uuid *u) {
  char text[UUID_TEXT];
  if (u) uuid_format(u, text);
  jw_str(w, u ? (struct str){text, UUID_TEXT - 1} : (struct str){NULL, 0});
}

void jw_raw(struct jw *w, struct str json) {
  value_begins(w);
  buf_str_add(w->b, json);
}

static int dump_to(const char *p, size_t n, void *arg) {
  buf_add(arg, p, n);
  return buf_ok(arg) ? 0 : -1;
}

void jw_tree(struct jw *w, const json_t *j) {
  value_begins(w);
  if (json_dump_callback(j, dump_to, w->b, JSON_COMPACT | JSON_ENCODE_ANY) < 0) w->bad = true;
}

/* ---- one text for one value ---- */

struct member {
  const char *key;
  const json_t *value;
};

static int key_order(const void *a, const void *b) {
  const struct member *x = a, *y = b;
  return strcmp(x->key, y->key);
}

static void canonical(struct jw *w, const json_t *j);

static void canonical_object(struct jw *w, const json_t *j) {
  enum { FEW = 64 };
  json_t *object = (json_t *)(uintptr_t)j; /* jansson's iterators take a non-const object */
  struct member few[FEW], *members = few;
  const size_t size = json_object_size(j);
  size_t n = 0;
  if (size > FEW && !(members = calloc(size, sizeof *members))) {
    w->bad = true;
    return;
  }
  for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
    members[n++] = (struct member){json_object_iter_key(it), json_object_iter_value(it)};
  qsort(members, n, sizeof *members, key_order);
  jw_object(w);
  for (size_t i = 0; i < n; i++) {
    jw_key(w, str_from(members[i].key));
    canonical(w, members[i].value);
  }
  jw_end(w);
  if (members != few) free(members);
}

static void canonical_real(struct jw *w, double v) {
  const double limit = 9007199254740992.0; /* below it every whole number is itself */
  char text[40];
  if (v > -limit && v < limit && !(v > (double)(int64_t)v || v < (double)(int64_t)v)) {
    jw_i64(w, (int64_t)v);
    return;
  }
  const int n = snprintf(text, sizeof text, "%.17g", v);
  jw_raw(w, (struct str){text, n > 0 ? (size_t)n : 0});
}

static void canonical(struct jw *w, const json_t *j) {
  if (json_is_object(j)) {
    canonical_object(w, j);
  } else if (json_is_array(j)) {
    jw_array(w);
    for (size_t i = 0; i < json_array_size(j); i++) canonical(w, json_array_get(j, i));
    jw_end(w);
  } else if (json_is_string(j)) {
    jw_str(w, json_str(j));
  } else if (json_is_integer(j)) {
    jw_i64(w, json_integer_value(j));
  } else if (json_is_real(j)) {
    canonical_real(w, json_real_value(j));
  } else {
    jw_raw(w, json_is_true(j) ? S("true") : json_is_false(j) ? S("false") : S("null"));
  }
}

void json_canonical(struct buf *out, const json_t *j) {
  struct jw w;
  jw_init(&w, out);
  canonical(&w, j);
  if (!jw_ok(&w)) out->failed = true;
}

bool jw_ok(const struct jw *w) {
  return !w->bad && w->depth == 0 && !w->after_key && buf_ok(w->b);
}
