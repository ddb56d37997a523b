#include "notify/outbox.h"
#include "notify/outbox_web.h"
#include "core/settings.h"
#include <stdlib.h>

/* A gateway for text messages, whichever it is: its address, the body and what says success are
 * settings with placeholders; who we are to it comes from the channels' file as {secret.NAME}, so
 * that no setting shows a key. */
struct sms {
  struct app *app;
  struct web_client *web;
};

enum escaping { ESCAPE_NONE, ESCAPE_URL, ESCAPE_JSON };

static void put(struct buf *out, struct str s, enum escaping how) {
  for (size_t i = 0; i < s.n; i++) {
    const unsigned char c = (unsigned char)s.p[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       (c && strchr("-_.~", c));
    if (how == ESCAPE_URL && !plain)
      buf_printf(out, "%%%02X", (unsigned)c);
    else if (how == ESCAPE_JSON && (c == '"' || c == '\\'))
      buf_printf(out, "\\%c", c);
    else if (how == ESCAPE_JSON && c < ' ')
      buf_printf(out, "\\u%04x", (unsigned)c);
    else if (how != ESCAPE_NONE || c >= ' ') /* no line's end into a header */
      buf_char(out, (char)c);
  }
}

struct filling {
  struct sms *sms;
  struct arena *a;
  struct str to, text, id, at;
};

static int value_of(const struct filling *f, struct str name, struct str *ret, struct err *e) {
  const struct {
    const char *name;
    struct str value;
  } known[] = {{"to", f->to}, {"text", f->text}, {"id", f->id}, {"time", f->at}};
  for (size_t i = 0; i < ARRAY_LEN(known); i++) {
    if (!str_is(name, known[i].name)) continue;
    *ret = known[i].value;
    return 1;
  }
  if (!str_starts(name, S("secret."))) return 0; /* a brace of the body's own */
  *ret = channel_config_secret(outbox_config(f->sms->app->outbox), str_sub(name, 7, name.n), f->a);
  return ret->p ? 1 : err_set(e, E_FORBIDDEN, "the channels' file lacks a secret of the gateway");
}

static int filled(const struct filling *f, struct str form, enum escaping how, struct str *ret,
                  struct err *e) {
  struct buf out = BUF_INIT(KIB(64));
  int r = 0;
  while (form.n && r >= 0) {
    const size_t end = form.p[0] == '{' ? str_find_char(form, '}') : (size_t)-1;
    struct str value;
    r = end == (size_t)-1 ? 0 : value_of(f, str_sub(form, 1, end - 1), &value, e);
    if (r == 1) put(&out, value, how);
    if (r == 0) buf_char(&out, form.p[0]);
    form = str_sub(form, r == 1 ? end + 1 : 1, form.n);
  }
  if (r >= 0 && !buf_ok(&out)) r = err_set(e, E_TOO_LARGE, "a text message is too large");
  if (r >= 0) *ret = arena_dup(f->a, buf_str(&out));
  buf_done(&out);
  return r < 0 ? r : 0;
}

/* ---- what it answered ---- */

static struct str member_text(struct arena *a, const json_t *root, struct str path) {
  const json_t *at = root;
  while (path.p && at) at = json_object_get(at, arena_strz(a, str_split(&path, '.')));
  if (json_is_string(at)) return json_str(at);
  if (json_is_integer(at)) return arena_printf(a, "%lld", (long long)json_integer_value(at));
  if (json_is_boolean(at)) return json_is_true(at) ? S("true") : S("false");
  return (struct str){NULL, 0};
}

/* "code=0", "data.status=OK,SUCCESS": a member of the JSON answer is one of these; anything without
 * "=": the answer contains it. *ret_number is what the member says, where that is a number. */
static bool answer_is(struct arena *a, struct str test, struct str reply, const json_t *root,
                      int64_t *ret_number) {
  const size_t eq = str_find_char(test, '=');
  if (eq == (size_t)-1) return str_find(reply, test) != (size_t)-1;
  const struct str value = member_text(a, root, str_trim(str_sub(test, 0, eq)));
  struct str wanted = str_sub(test, eq + 1, test.n);
  int64_t number;
  if (parse_i64(value, INT32_MIN, INT32_MAX, &number) == 0) *ret_number = number;
  while (value.p && wanted.p)
    if (str_eq(str_trim(str_split(&wanted, ',')), value)) return true;
  return false;
}

static int judge(struct sms *s, struct str reply, struct arena *a, struct err *e) {
  const struct str good = setting_text(s->app, 0, "outbox.sms_success", a);
  const struct str never = setting_text(s->app, 0, "outbox.sms_refused", a);
  json_t *root = NULL;
  struct err unreadable;
  int64_t number = 0;
  if (json_read(a, reply, &root, &unreadable) < 0) root = NULL;
  if (!good.n || answer_is(a, good, reply, root, &number)) return 0;
  if (never.n && answer_is(a, never, reply, root, &number))
    return err_sys(e, E_INVALID, "the gateway refuses this message", (int)number);
  return err_sys(e, E_IO, "the gateway did not take the message", (int)number);
}

/* ---- the channel ---- */

static bool mobile(struct str s) {
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] < '0' || s.p[i] > '9') return false;
  return s.n == 11 && s.p[0] == '1';
}

static struct str signed_text(struct sms *s, struct arena *a, struct str text) {
  const struct str sign = setting_text(s->app, 0, "outbox.sms_sign", a);
  text = str_trim(text);
  return sign.n ? arena_printf(a, "【" STR_FMT "】" STR_FMT, STR_ARG(sign), STR_ARG(text)) : text;
}

static int compose(struct sms *s, const struct outbox_mail *m, struct arena *a,
                   struct web_call *call, struct err *e) {
  char id[UUID_TEXT];
  const struct str url = setting_text(s->app, 0, "outbox.sms_url", a);
  const struct str body = setting_text(s->app, 0, "outbox.sms_body", a);
  const struct str header = setting_text(s->app, 0, "outbox.sms_header", a);
  const bool json = body.n && (body.p[0] == '{' || body.p[0] == '[');
  uuid_format(&m->id, id);
  const struct filling f = {.sms = s,
                            .a = a,
                            .to = m->to,
                            .text = signed_text(s, a, m->body),
                            .id = arena_dup(a, str_from(id)),
                            .at = arena_printf(a, "%lld", (long long)machine_now_ms())};
  if (!url.n) return err_set(e, E_UNAVAILABLE, "no gateway is set");
  int r = filled(&f, url, ESCAPE_URL, &call->url, e);
  if (r == 0) r = filled(&f, body, json ? ESCAPE_JSON : ESCAPE_URL, &call->body, e);
  if (r == 0) r = filled(&f, header, ESCAPE_NONE, &call->header, e);
  if (body.n)
    call->type = json ? S("application/json; charset=utf-8")
                      : S("application/x-www-form-urlencoded; charset=utf-8");
  return r;
}

static int sms_send(void *state, const struct outbox_mail *m, struct err *e) {
  struct sms *s = state;
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  struct web_call call = {0};
  struct str reply;
  if (!a) return err_set(e, E_NOMEM, "no memory for a message");
  if (!mobile(m->to)) return err_set(e, E_INVALID, "not a mobile number");
  int r = compose(s, m, a, &call, e);
  if (r == 0) r = web_call(s->web, &call, a, &reply, e);
  return r < 0 ? r : judge(s, reply, a, e);
}

static void sms_close(void *state) {
  struct sms *s = state;
  if (!s) return;
  web_client_close(s->web);
  free(s);
}

static int sms_open(const struct outbox_channel *self, struct app *app,
                    struct channel_config *config, void **ret_state, struct err *e) {
  struct sms *s = calloc(1, sizeof *s);
  (void)self;
  if (!s) return err_set(e, E_NOMEM, "no memory for a channel");
  s->app = app;
  int r = web_client_open(app, config, &s->web, e);
  if (r < 0) {
    sms_close(s);
    return r;
  }
  *ret_state = s;
  return 0;
}

static void sms_idle(void *state) {
  const struct sms *s = state;
  web_client_idle(s->web);
}

static const struct channel_lack *sms_lack(void *state) {
  static const struct channel_lack no_url = {"没有设置短信网关地址（outbox.sms_url）",
                                             "no gateway is set (outbox.sms_url)"};
  static const struct channel_lack not_allowed = {
      "通道文件没有允许这个短信网关的主机（allow 一行）",
      "the channels' file does not allow the gateway's host (a line `allow`)"};
  static const struct channel_lack no_test = {
      "没有设置成功判据（outbox.sms_success）：凡是有回应都当作已发",
      "no test of success is set (outbox.sms_success): any answer counts as sent"};
  struct sms *s = state;
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(16));
  if (!a) return NULL;
  const struct str url = setting_text(s->app, 0, "outbox.sms_url", a);
  if (!url.n) return &no_url;
  if (!channel_config_allows(outbox_config(s->app->outbox), url)) return &not_allowed;
  return setting_text(s->app, 0, "outbox.sms_success", a).n ? NULL : &no_test;
}

const struct outbox_channel outbox_sms = {.name = "sms",
                                          .zh = "短信",
                                          .en = "Text message",
                                          .to = TO_PHONE,
                                          .brief = true,
                                          .send = sms_send,
                                          .open = sms_open,
                                          .close = sms_close,
                                          .idle = sms_idle,
                                          .lack = sms_lack};
