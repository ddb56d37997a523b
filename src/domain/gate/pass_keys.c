#include "core/app.h"
#include "core/operation.h"
#include "domain/gate/passes.h"
#include "domain/rosters/rosters.h"
#include <sodium.h>

/* Keys of passes: the private half is derived when it is needed and stands nowhere. */

QUERY(q_pass_key_current, "SELECT key_id FROM pass_key WHERE op = $1 AND retired_on IS NULL "
                          "AND retired = 0 ORDER BY key_id DESC LIMIT 1");
QUERY(q_pass_key_last, "SELECT coalesce(max(key_id), 0) FROM pass_key WHERE op = $1");
QUERY(q_pass_key_signing, "SELECT id FROM pass_key WHERE op = $1 AND retired_on IS NULL "
                          "AND retired = 0 ORDER BY key_id LIMIT 8"); /* limit: asked again */
QUERY(q_pass_keys, "SELECT key_id, public_key FROM pass_key WHERE op = $1 AND retired = 0 "
                   "ORDER BY key_id DESC");

enum {
  KEY_TEXT = sodium_base64_ENCODED_LEN(PASS_PUBLIC_KEY, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
};

static void key_text(const uint8_t key[PASS_PUBLIC_KEY], char out[KEY_TEXT]) {
  sodium_bin2base64(out, KEY_TEXT, key, PASS_PUBLIC_KEY, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static struct str today_text(struct change *by) {
  char text[DAY_TEXT];
  day_format(by->viewer->today, text);
  return arena_dup(by->a, (struct str){text, 10});
}

static int retire_former(struct tx *tx, struct change *by, struct err *e) {
  struct uuid ids[8];
  size_t n;
  int r;
  do {
    n = 0;
    {
      _cleanup_(cur_donep) struct cur *cur = NULL;
      r = cur_open(tx, &q_pass_key_signing, P(V_I64(by->op)), &cur, e);
      while (r >= 0 && n < ARRAY_LEN(ids) && (r = cur_next(cur, e)) == 1)
        ids[n++] = cur_uuid(cur, 0);
    }
    for (size_t i = 0; i < n && r >= 0; i++) {
      struct change *c = change_make(by->a, by->en, by->viewer, &pass_key_kind, CHANGE_UPDATE);
      c->id = ids[i];
      change_set(c, PASS_KEY_RETIRED_ON, V_TEXT(today_text(by)));
      r = change_within(tx, by, c, e);
    }
  } while (r >= 0 && n == ARRAY_LEN(ids));
  return r < 0 ? r : 0;
}

int pass_key_rotate(struct tx *tx, struct change *by, struct record **ret_key, struct err *e) {
  struct keys *keys = auth_keys(change_app(by)->auth);
  uint8_t key[PASS_PUBLIC_KEY];
  char text[KEY_TEXT];
  int64_t last = 0;
  int r = tx_i64(tx, &q_pass_key_last, P(V_I64(by->op)), &last, e);
  if (r < 0) return r;
  if (last >= PASS_KEY_ID_MAX) return err_set(e, E_UNAVAILABLE, "no key number is left");
  r = keys_pass_public(keys, by->op, (uint32_t)last + 1, key, e);
  if (r >= 0) r = retire_former(tx, by, e);
  if (r < 0) return r;
  key_text(key, text);
  struct change *c = change_make(by->a, by->en, by->viewer, &pass_key_kind, CHANGE_CREATE);
  change_set(c, PASS_KEY_NUMBER, V_I64(last + 1));
  change_set(c, PASS_KEY_PUBLIC, V_TEXT(arena_dup(by->a, str_from(text))));
  change_set(c, PASS_KEY_MADE_ON, V_TEXT(today_text(by)));
  r = change_within(tx, by, c, e);
  if (r >= 0 && ret_key) *ret_key = c->result;
  return r;
}

int pass_key_current(struct tx *tx, struct change *by, uint32_t *ret_key_id, struct err *e) {
  int64_t id = 0;
  struct record *made = NULL;
  int r = tx_i64(tx, &q_pass_key_current, P(V_I64(by->op)), &id, e);
  if (r == -E_NOROW) {
    r = pass_key_rotate(tx, by, &made, e);
    if (r >= 0) id = rec_i64(made, PASS_KEY_NUMBER);
  }
  if (r >= 0) *ret_key_id = (uint32_t)id;
  return r;
}

int pass_keys_public(struct tx *tx, int64_t op, struct pass_public_key out[PASS_KEYS_MAX],
                     size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  size_t n = 0;
  int r = cur_open(tx, &q_pass_keys, P(V_I64(op)), &cur, e);
  while (r >= 0 && n < PASS_KEYS_MAX && (r = cur_next(cur, e)) == 1) {
    const struct str text = cur_text(cur, 1);
    size_t len = 0;
    out[n].key_id = (uint32_t)cur_i64(cur, 0);
    if (sodium_base642bin(out[n].key, PASS_PUBLIC_KEY, text.p ? text.p : "", text.n, NULL, &len,
                          NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
        len == PASS_PUBLIC_KEY)
      n++;
  }
  if (r < 0) return r;
  *ret_n = n;
  return 0;
}

void pass_keys_write(struct jw *w, const struct pass_public_key *keys, size_t n) {
  jw_array(w);
  for (size_t i = 0; i < n; i++) {
    char text[KEY_TEXT];
    key_text(keys[i].key, text);
    jw_object(w);
    jw_ki64(w, "id", keys[i].key_id);
    jw_kstrz(w, "key", text);
    jw_end(w);
  }
  jw_end(w);
}

/* ---- codes ---- */

struct signing {
  struct keys *keys;
  int64_t op;
};

static int sign(void *arg, uint32_t key_id, struct str message, uint8_t signature[PASS_SIGNATURE],
                struct err *e) {
  const struct signing *s = arg;
  return keys_pass_sign(s->keys, s->op, key_id, message, signature, e);
}

static enum pass_class class_of(const struct record *pass) {
  static const char *const names[] = {"person", "household", "vehicle", "visitor"};
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    if (rec_is(pass, PASS_CLASS, names[i])) return (enum pass_class)(i + 1);
  return PASS_OF_PERSON;
}

int pass_code_of(struct app *app, const struct record *pass, struct pass_code *ret_code,
                 struct err *e) {
  struct operation op;
  struct signing s = {.keys = auth_keys(app->auth), .op = pass->op};
  int r = operation_get(app, pass->op, &op, e);
  if (r < 0) return r;
  const struct pass_claims claims = {
      .key_id = (uint32_t)rec_i64(pass, PASS_KEY_ID),
      .cls = class_of(pass),
      .serial = (uint64_t)rec_i64(pass, PASS_SERIAL),
      .nbf_s = zone_moment(op.zone, rec_day(pass, PASS_VALID_FROM), 0) / MS_SECOND,
      .exp_s = zone_moment(op.zone, rec_day(pass, PASS_VALID_TO) + 1, 0) / MS_SECOND,
      .estate = (uint32_t)rec_i64(pass, PASS_ESTATE)};
  return pass_encode(&claims, sign, &s, ret_code, e);
}
