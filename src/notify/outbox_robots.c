#include "notify/outbox_web.h"
#include "notify/outbox.h"
#include "core/settings.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* Group robots of the three chat programs that offices in China work with. Each is a row: how its
 * message looks, how it is signed, and what the number in its reply means. They answer 200 whatever
 * became of the message, so the number decides. */

enum meaning {
  TAKEN,
  SLOWER, /* too many a minute */
  OURS,   /* address, signature, keyword or permitted addresses: for a person to put right */
  NEVER,  /* this message, as it is */
};
struct reply_code {
  int64_t code;
  enum meaning meaning;
};
struct vendor {
  const char *name;
  const char *member;     /* of the reply, that bears the number */
  const char *old_member; /* under which it came before, NULL where it never changed */
  size_t text_max;        /* bytes */
  /* The address to call (with its signature), and the body. */
  void (*compose)(struct arena *a, struct str url, struct str secret, struct str text,
                  struct str *ret_url, struct str *ret_body);
  const struct reply_code *codes; /* ends with {0}, which is TAKEN */
};
struct robots {
  const struct vendor *vendor;
  struct app *app;
  struct web_client *web;
};

/* ---- signatures ---- */

/* base64(HMAC-SHA256(key, data)) */
static struct str signature(struct arena *a, struct str key, struct str data) {
  crypto_auth_hmacsha256_state st;
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  char text[sodium_base64_ENCODED_LEN(sizeof mac, sodium_base64_VARIANT_ORIGINAL)];
  crypto_auth_hmacsha256_init(&st, (const unsigned char *)(key.p ? key.p : ""), key.n);
  crypto_auth_hmacsha256_update(&st, (const unsigned char *)(data.p ? data.p : ""), data.n);
  crypto_auth_hmacsha256_final(&st, mac);
  sodium_bin2base64(text, sizeof text, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
  return arena_dup(a, str_from(text));
}

/* base64 needs no more than this in an address */
static struct str percent(struct arena *a, struct str s) {
  struct buf out = BUF_INIT(KIB(1));
  for (size_t i = 0; i < s.n; i++) {
    if (strchr("+/=", s.p[i]))
      buf_printf(&out, "%%%02X", (unsigned)s.p[i]);
    else
      buf_char(&out, s.p[i]);
  }
  const struct str text = arena_dup(a, buf_str(&out));
  buf_done(&out);
  return text;
}

/* ---- the three ---- */

static struct str text_json(struct arena *a, const char *type_key, const char *content_key,
                            const char *text_key, struct str text, struct str at_s,
                            struct str sign) {
  struct buf b = BUF_INIT(KIB(128));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  if (sign.n) {
    jw_kstr(&w, "timestamp", at_s);
    jw_kstr(&w, "sign", sign);
  }
  jw_key(&w, str_from(type_key));
  jw_strz(&w, "text");
  jw_key(&w, str_from(content_key));
  jw_object(&w);
  jw_key(&w, str_from(text_key));
  jw_str(&w, text);
  jw_end(&w);
  jw_end(&w);
  const struct str body = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return body;
}

static void compose_wecom(struct arena *a, struct str url, struct str secret, struct str text,
                          struct str *ret_url, struct str *ret_body) {
  (void)secret;
  *ret_url = url;
  *ret_body = text_json(a, "msgtype", "text", "content", text, S(""), S(""));
}

/* The machine's own time: a drill's would be refused. */
static void compose_dingtalk(struct arena *a, struct str url, struct str secret, struct str text,
                             struct str *ret_url, struct str *ret_body) {
  const long long now = (long long)machine_now_ms();
  *ret_url = url;
  if (secret.n) {
    const struct str said = arena_printf(a, "%lld\n" STR_FMT, now, STR_ARG(secret));
    *ret_url = arena_printf(a, STR_FMT "&timestamp=%lld&sign=" STR_FMT, STR_ARG(url), now,
                            STR_ARG(percent(a, signature(a, secret, said))));
  }
  *ret_body = text_json(a, "msgtype", "text", "content", text, S(""), S(""));
}

static void compose_feishu(struct arena *a, struct str url, struct str secret, struct str text,
                           struct str *ret_url, struct str *ret_body) {
  const struct str at = arena_printf(a, "%lld", (long long)(machine_now_ms() / 1000));
  const struct str key = arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(at), STR_ARG(secret));
  *ret_url = url;
  *ret_body = text_json(a, "msg_type", "content", "text", text, at,
                        secret.n ? signature(a, key, S("")) : S(""));
}

static const struct reply_code wecom_codes[] = {{45009, SLOWER}, {45033, SLOWER}, {93000, OURS},
                                                {93008, OURS},   {40008, NEVER},  {40058, NEVER},
                                                {44004, NEVER},  {0, TAKEN}};
static const struct reply_code dingtalk_codes[] = {
    {130101, SLOWER}, {130102, SLOWER}, {410100, SLOWER}, {300001, OURS},  {310000, OURS},
    {400013, OURS},   {400101, OURS},   {400102, OURS},   {430101, NEVER}, {430102, NEVER},
    {430103, NEVER},  {430104, NEVER},  {0, TAKEN}};
static const struct reply_code feishu_codes[] = {{11232, SLOWER}, {9499, NEVER}, {19001, OURS},
                                                 {19002, NEVER},  {19021, OURS}, {19022, OURS},
                                                 {19024, OURS},   {0, TAKEN}};

static const struct vendor wecom = {.name = "wecom",
                                    .member = "errcode",
                                    .text_max = 2000,
                                    .compose = compose_wecom,
                                    .codes = wecom_codes};
static const struct vendor dingtalk = {.name = "dingtalk",
                                       .member = "errcode",
                                       .text_max = 18000,
                                       .compose = compose_dingtalk,
                                       .codes = dingtalk_codes};
static const struct vendor feishu = {.name = "feishu",
                                     .member = "code",
                                     .old_member = "StatusCode",
                                     .text_max = 15000,
                                     .compose = compose_feishu,
                                     .codes = feishu_codes};

/* ---- the reply ---- */

static int judge(const struct vendor *v, struct str reply, struct arena *a, struct err *e) {
  json_t *root;
  struct err unreadable;
  if (json_read(a, reply, &root, &unreadable) < 0)
    return err_set(e, E_IO, "the robot's answer cannot be read");
  const json_t *number = json_object_get(root, v->member);
  if (!json_is_integer(number) && v->old_member) number = json_object_get(root, v->old_member);
  if (!json_is_integer(number)) return err_set(e, E_IO, "the robot's answer bears no number");
  const int64_t code = json_integer_value(number);
  const int sys = code > 0 && code <= INT32_MAX ? (int)code : -1;
  if (code == 0) return 0;
  const struct reply_code *c = v->codes;
  while (c->code && c->code != code) c++;
  if (!c->code) return err_sys(e, E_IO, "the robot did not take the message", sys);
  switch (c->meaning) {
  case SLOWER:
    return err_sys(e, E_RATE, "too many messages a minute for this robot", sys);
  case OURS:
    return err_sys(e, E_FORBIDDEN, "the robot does not take us", sys);
  case NEVER:
    return err_sys(e, E_INVALID, "the robot refuses this message", sys);
  case TAKEN:
    break;
  }
  return 0;
}

/* ---- the channel ---- */

static struct str clip(struct arena *a, struct str s, size_t max) {
  if (s.n <= max) return s;
  size_t n = max - 3;
  while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--; /* not within a character */
  return arena_printf(a, STR_FMT "…", STR_ARG(str_sub(s, 0, n)));
}

static int robots_send(void *state, const struct outbox_mail *m, struct err *e) {
  struct robots *ro = state;
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  struct str url, secret, reply;
  struct web_call call = {.type = S("application/json; charset=utf-8")};
  if (!a) return err_set(e, E_NOMEM, "no memory for a message");
  int r = channel_config_robot(outbox_config(ro->app->outbox), ro->vendor->name, m->to, a, &url,
                               &secret, e);
  if (r < 0) return r;
  const struct str prefix = setting_text(ro->app, 0, "outbox.robot_prefix", a);
  const struct str text = arena_printf(a, STR_FMT STR_FMT "\n" STR_FMT, STR_ARG(prefix),
                                       STR_ARG(m->subject), STR_ARG(m->body));
  ro->vendor->compose(a, url, secret, clip(a, text, ro->vendor->text_max), &call.url, &call.body);
  r = web_call(ro->web, &call, a, &reply, e);
  return r < 0 ? r : judge(ro->vendor, reply, a, e);
}

static void robots_close(void *state) {
  struct robots *ro = state;
  if (!ro) return;
  web_client_close(ro->web);
  free(ro);
}

static int robots_open(const struct outbox_channel *self, struct app *app,
                       struct channel_config *config, void **ret_state, struct err *e) {
  struct robots *ro = calloc(1, sizeof *ro);
  if (!ro) return err_set(e, E_NOMEM, "no memory for a channel");
  ro->vendor = self->arg;
  ro->app = app;
  int r = web_client_open(app, config, &ro->web, e);
  if (r < 0) {
    robots_close(ro);
    return r;
  }
  *ret_state = ro;
  return 0;
}

static void robots_idle(void *state) {
  const struct robots *ro = state;
  web_client_idle(ro->web);
}

static const struct channel_lack no_robot = {
    "通道文件里没有登记这种机器人（docs/operations.md）",
    "the channels' file names no robot of this kind (docs/operations.md)"};
static const struct channel_lack *robots_lack(void *state) {
  const struct robots *ro = state;
  struct str one[1];
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(16));
  return a && channel_config_robots(outbox_config(ro->app->outbox), ro->vendor->name, a, one, 1)
             ? NULL
             : &no_robot;
}

#define ROBOTS(id, row, zh_name, en_name)                                                          \
  const struct outbox_channel id = {.name = #row,                                                  \
                                    .zh = (zh_name),                                               \
                                    .en = (en_name),                                               \
                                    .to = TO_ROBOT,                                                \
                                    .arg = &(row),                                                 \
                                    .send = robots_send,                                           \
                                    .open = robots_open,                                           \
                                    .close = robots_close,                                         \
                                    .idle = robots_idle,                                           \
                                    .lack = robots_lack}
ROBOTS(outbox_wecom, wecom, "企业微信群机器人", "WeCom group robot");
ROBOTS(outbox_dingtalk, dingtalk, "钉钉群机器人", "DingTalk group robot");
ROBOTS(outbox_feishu, feishu, "飞书群机器人", "Feishu group robot");
