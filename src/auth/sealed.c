#include "auth/sealed.h"
#include "base/timeutil.h"
#include <sodium.h>

int sealed_open(struct keys *k, struct arena *a, struct str text, uint32_t key_id,
                struct str *ret_plain, struct err *e) {
  size_t n = 0;
  if (text.n > SEALED_TEXT_MAX) return err_set(e, E_TOO_LARGE, "a sealed item is too large");
  uint8_t *box = arena_alloc(a, text.n + 1);
  if (!text.p || !box ||
      sodium_base642bin(box, text.n, text.p, text.n, NULL, &n, NULL,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      n < BOX_OVERHEAD)
    return err_set(e, E_UNREADABLE, "not a sealed item");
  uint8_t *plain = arena_alloc(a, n - BOX_OVERHEAD + 1);
  if (!plain || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a sealed item");
  if (!keys_box_open(k, key_id, (struct str){(char *)box, n}, plain))
    return err_set(e, E_UNREADABLE, "sealed to another key, or damaged");
  *ret_plain = (struct str){(char *)plain, n - BOX_OVERHEAD};
  return 0;
}

static int shape(struct err *e, const char *what) {
  return err_set(e, E_UNREADABLE, what);
}

static bool path_ok(struct str path) {
  if (!path.n || path.n > SEALED_PATH_MAX) return false;
  for (size_t i = 0; i < path.n; i++)
    if (path.p[i] <= ' ' || path.p[i] > '~') return false;
  return true;
}

static int moment(const json_t *at, int64_t *ret_ms, struct err *e) {
  *ret_ms = 0;
  if (!at || json_is_null(at)) return 0;
  if (json_is_integer(at) && json_integer_value(at) >= 0) {
    *ret_ms = json_integer_value(at);
    return 0;
  }
  if (json_is_string(at) && moment_parse(json_str(at), ret_ms) == 0) return 0;
  return shape(e, "a sealed item's moment");
}

int sealed_parse(struct arena *a, struct str plain, struct sealed_item *ret_item, struct err *e) {
  struct sealed_item it = {.method = S("POST")};
  struct err own = {0};
  json_t *j;
  if (plain.n > SEALED_PLAIN_MAX) return err_set(e, E_TOO_LARGE, "a sealed item is too large");
  if (json_read(a, plain, &j, &own) < 0) {
    if (err_class(own.code) == ERR_CALLER) return shape(e, "a sealed item is no JSON");
    if (e) *e = own;
    return -own.code;
  }
  if (!json_is_object(j)) return shape(e, "a sealed item is no object");
  const json_t *method = json_object_get(j, "method"), *author = json_object_get(j, "author");
  if (method && !json_is_string(method)) return shape(e, "a sealed item's method");
  if (method) it.method = json_str(method);
  it.path = json_str(json_object_get(j, "path"));
  if (!path_ok(it.path)) return shape(e, "a sealed item's path");
  if (author && !json_is_string(author) && !json_is_null(author))
    return shape(e, "a sealed item's author");
  it.author = json_str(author);
  if (!it.author.p) it.author = S("");
  it.body = json_object_get(j, "body");
  if (!it.body || json_is_null(it.body)) {
    it.body = json_object();
    if (!it.body || json_object_set_new(j, "body", it.body) != 0)
      return err_set(e, E_NOMEM, "no memory for a sealed item");
  }
  if (!json_is_object(it.body)) return shape(e, "a sealed item's body");
  it.saw = json_object_get(j, "saw");
  int r = moment(json_object_get(j, "at"), &it.at_ms, e);
  if (r < 0) return r;
  *ret_item = it;
  return 0;
}
