#include "sync/devices.h"
#include "api/api.h"
#include "auth/auth.h"
#include "json/json.h"
#include <sodium.h>

/* ---- what a phone is told of itself ---- */

static void write_unit(struct rq *rq, struct jw *w, int32_t unit) {
  emit_unit(w, unit ? unit_by_no(rq->scope.tree, unit) : NULL);
}

static void write_device(struct jw *w, const struct auth_device_info *d) {
  jw_object(w);
  jw_kuuid(w, "id", &d->id);
  jw_kstr(w, "name", d->name);
  jw_kuuid(w, "post", uuid_is_nil(&d->post) ? NULL : &d->post);
  jw_end(w);
}

static int write_box_key(struct rq *rq, struct jw *w, struct err *e) {
  uint32_t id;
  uint8_t open[KEY_BYTES];
  char text[sodium_base64_ENCODED_LEN(KEY_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
  int r = keys_box_current(auth_keys(rq->app->auth), rq->now_ms, &id, open, e);
  if (r < 0) return r;
  sodium_bin2base64(text, sizeof text, open, sizeof open, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  jw_kstrz(w, "box_key", text);
  jw_ki64(w, "box_key_id", id);
  return 0;
}

int device_facts(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  char now[MOMENT_TEXT];
  jw_k(w, "device");
  write_device(w, rq->device);
  jw_k(w, "unit");
  write_unit(rq, w, rq->device->unit);
  int r = write_box_key(rq, w, e);
  for (const struct module *const *m = modules; *m && r >= 0; m++)
    for (const struct device_section *s = (*m)->device; s && s->name && r >= 0; s++) {
      jw_key(w, str_from(s->name));
      r = s->write(rq, tx, w, e);
    }
  if (r < 0) return r;
  moment_format(rq->now_ms, rq->scope.zone, now);
  jw_kstrz(w, "now", now);
  jw_ki64(w, "now_ms", rq->now_ms);
  return 0;
}

/* ---- registering ---- */

static int registered_answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct auth_device *d = rq->work;
  int r = auth_device_look(rq->app->auth, rq->tx, rq->a, str_from(d->token), &rq->device, e);
  if (r < 0) return r;
  rq->viewer = auth_device_viewer(rq->a, rq->device, &rq->scope);
  rq->status = 201;
  jw_object(w);
  jw_kuuid(w, "id", &d->id);
  jw_kstrz(w, "token", d->token);
  r = device_facts(rq, rq->tx, w, e);
  jw_end(w);
  return r;
}

static void text_member(struct rq *rq, const char *name, int64_t max, struct str *out) {
  const json_t *j = json_object_get(rq->body, name);
  *out = S("");
  if (!j || json_is_null(j)) return;
  if (!json_is_string(j))
    problem_text(&rq->problems, PROBLEM_wrong_type, str_from(name), S("text"), S(""), S(""));
  else if (str_utf8_len(json_str(j)) > (size_t)max)
    problem_limit(&rq->problems, PROBLEM_too_long, str_from(name), max);
  else
    *out = str_trim(json_str(j));
}

/* Where it will stand: at a post that he may see, or at the unit he names or belongs to. */
static int find_place(struct rq *rq, struct auth_device *d, struct err *e) {
  const json_t *post = json_object_get(rq->body, "post"), *unit = json_object_get(rq->body, "unit");
  const struct kind *k = kind_by_name(S("post"));
  d->unit = rq->session->unit;
  if (unit && !json_is_null(unit)) {
    const struct unit_row *u = unit_by_code(rq->viewer->tree, json_str(unit));
    if (u && viewer_may(rq->viewer, right_by_name(S("change.read")), u->no))
      d->unit = u->no;
    else
      problem_add(&rq->problems, PROBLEM_out_of_scope, S("unit"));
  }
  if (!post || json_is_null(post)) return 0;
  struct record *rec;
  struct err own = {0};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = uuid_parse(json_str(post), &d->post) == 0 && k ? rq_read(rq, &tx, e) : -E_NOT_FOUND;
  if (r == 0) r = record_get(tx, rq->a, rq->viewer, k, &d->post, &rec, &own);
  if (r == -E_NOT_FOUND) {
    problem_text(&rq->problems, PROBLEM_not_found, S("post"), S(""), json_str(post), S(""));
    return 0;
  }
  if (r < 0) {
    if (e && own.code) *e = own;
    return r;
  }
  if (rec->retired) problem_add(&rq->problems, PROBLEM_retired, S("post"));
  d->unit = record_unit(rec);
  return 0;
}

int device_register(struct rq *rq, struct err *e) {
  static const char *const known[] = {"name", "public_key", "post", "unit", "app_version"};
  struct auth_device *d = arena_new(rq->a, struct auth_device);
  const char *key;
  json_t *value;
  *d = (struct auth_device){.auth = rq->app->auth, .viewer = rq->viewer, .a = rq->a};
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be a JSON object");
  json_object_foreach(rq->body, key, value) {
    bool found = false;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) found |= strcmp(known[i], key) == 0;
    if (!found) problem_add(&rq->problems, PROBLEM_unknown_field, str_from(key));
  }
  text_member(rq, "name", 60, &d->name);
  text_member(rq, "public_key", 200, &d->public_key);
  text_member(rq, "app_version", 40, &d->app_version);
  if (str_empty(d->name) && !problems_any(&rq->problems))
    problem_add(&rq->problems, PROBLEM_required, S("name"));
  int r = find_place(rq, d, e);
  if (r >= 0) r = rq_check(rq, e);
  return r < 0 ? r : rq_do(rq, &auth_device_cmd, d, CMD_NORMAL, registered_answer, e);
}

/* ---- authors ---- */

static int answer_author(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  const struct auth_author *x = rq->work;
  char at[MOMENT_TEXT];
  jw_object(w);
  jw_kstrz(w, "author", x->token);
  jw_k(w, "expires_at");
  moment_format(x->expires_ms, rq->scope.zone, at);
  jw_strz(w, at);
  jw_kuuid(w, "account", &rq->session->account);
  jw_kuuid(w, "responder", uuid_is_nil(&rq->session->responder) ? NULL : &rq->session->responder);
  jw_kstr(w, "name", rq->session->name);
  jw_end(w);
  rq->status = 201;
  return 0;
}

/* POST devices/:id/authors, by somebody signed in, with X-Device: the device's token */
int device_author_post(struct rq *rq, struct err *e) {
  struct auth_author *x = arena_new(rq->a, struct auth_author);
  struct uuid id;
  if (!rq->device || uuid_parse(rq->params[0], &id) < 0 || !uuid_eq(&id, &rq->device->id))
    return err_field(e, E_FORBIDDEN, "the device's own token belongs into X-Device", "X-Device");
  if (rq->device->ended)
    return err_set(e, E_DEVICE_REVOKED, "the device was revoked, or not used for long");
  if (rq->session->must_change_password)
    return err_set(e, E_FORBIDDEN, "the password must be changed first");
  *x = (struct auth_author){.auth = rq->app->auth,
                            .viewer = rq->viewer,
                            .device = rq->device->id,
                            .unit = rq->device->unit};
  return rq_do(rq, &auth_author_cmd, x, CMD_NORMAL, answer_author, e);
}

static int answer_ended(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  const struct auth_author_end *x = rq->work;
  jw_object(w);
  jw_ki64(w, "ended", x->ended);
  jw_end(w);
  return 0;
}

/* DELETE devices/:id/authors/:account: one's own, or with device.revoke at the device's unit */
int device_author_delete(struct rq *rq, struct err *e) {
  struct auth_author_end *x = arena_new(rq->a, struct auth_author_end);
  struct record *rec;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  *x = (struct auth_author_end){.auth = rq->app->auth, .viewer = rq->viewer};
  if (uuid_parse(rq->params[0], &x->device) < 0 || uuid_parse(rq->params[1], &x->account) < 0)
    return err_set(e, E_NOT_FOUND, "no such device or account");
  int r = rq_read(rq, &tx, e);
  if (r >= 0) r = record_load(tx, rq->a, &device_kind, 0, &x->device, &rec, e);
  if (r == -E_NOROW) return err_set(e, E_NOT_FOUND, "no such device");
  if (r < 0) return r;
  const int32_t unit = record_unit(rec);
  const right_t revoke = right_by_name(S("device.revoke"));
  if (!uuid_eq(&x->account, &rq->viewer->user) &&
      (unit ? !viewer_may(rq->viewer, revoke, unit)
            : viewer_scope(rq->viewer, revoke, NULL, 0) != SCOPE_ALL))
    return err_set(e, E_NOT_FOUND, "no such device in your branch");
  return rq_do(rq, &auth_author_end_cmd, x, CMD_NORMAL, answer_ended, e);
}
