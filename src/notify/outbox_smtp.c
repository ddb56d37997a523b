#include "notify/outbox.h"
#include "core/settings.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Where the relay is and how it is spoken to are settings; who we are to it comes from the
 * environment or a file named there, never from the database and never into the log. */
struct smtp {
  struct app *app;
  CURL *curl;
  char user[128], password[256];
};

static void take_line(const char **at, char *out, size_t max) {
  size_t n = strcspn(*at, "\r\n");
  const size_t take = n < max ? n : max - 1;
  memcpy(out, *at, take);
  out[take] = 0;
  *at += n + strspn(*at + n, "\r\n");
}

/* SHOUWANG_SMTP_CREDENTIALS names a file of two lines, user and password; else
 * SHOUWANG_SMTP_USER and SHOUWANG_SMTP_PASSWORD. */
static int credentials(struct smtp *s, struct err *e) {
  const char *file = getenv("SHOUWANG_SMTP_CREDENTIALS");
  const char *user = getenv("SHOUWANG_SMTP_USER"), *password = getenv("SHOUWANG_SMTP_PASSWORD");
  char text[512] = "";
  if (file) {
    FILE *f = fopen(file, "re");
    if (!f) return err_field(e, E_UNAVAILABLE, "the relay's credentials cannot be read", file);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    const char *at = text;
    take_line(&at, s->user, sizeof s->user);
    take_line(&at, s->password, sizeof s->password);
    explicit_bzero(text, sizeof text);
  } else if (user && password) {
    take_line(&user, s->user, sizeof s->user);
    take_line(&password, s->password, sizeof s->password);
  }
  return 0;
}

static void smtp_close(void *state) {
  struct smtp *s = state;
  if (!s) return;
  if (s->curl) curl_easy_cleanup(s->curl);
  explicit_bzero(s->password, sizeof s->password);
  free(s);
}

static int smtp_open(const struct outbox_channel *self, struct app *app,
                     struct channel_config *config, void **ret_state, struct err *e) {
  (void)self, (void)config;
  struct smtp *s = calloc(1, sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no memory for the mail channel");
  s->app = app;
  int r = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK
              ? credentials(s, e)
              : err_set(e, E_UNAVAILABLE, "libcurl did not start");
  if (r < 0) {
    smtp_close(s);
    return r;
  }
  *ret_state = s;
  return 0;
}

/* ---- the message ---- */

static void base64(struct buf *out, struct str s, size_t line) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t column = 0;
  for (size_t i = 0; i < s.n; i += 3) {
    const size_t left = s.n - i;
    const uint32_t v = (uint32_t)(uint8_t)s.p[i] << 16 |
                       (left > 1 ? (uint32_t)(uint8_t)s.p[i + 1] << 8 : 0) |
                       (left > 2 ? (uint32_t)(uint8_t)s.p[i + 2] : 0);
    const char four[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63],
                          left > 1 ? alphabet[v >> 6 & 63] : '=',
                          left > 2 ? alphabet[v & 63] : '='};
    buf_add(out, four, 4);
    column += 4;
    if (line && column >= line) {
      buf_lit(out, "\r\n");
      column = 0;
    }
  }
}

/* RFC 2047: pieces of at most 45 bytes, never within a character. */
static void encoded_words(struct buf *out, struct str s) {
  bool first = true;
  while (s.n) {
    size_t n = s.n < 42 ? s.n : 42;
    while (n > 1 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--;
    buf_str_add(out, first ? S("=?UTF-8?B?") : S("\r\n =?UTF-8?B?"));
    base64(out, str_sub(s, 0, n), 0);
    buf_lit(out, "?=");
    s = str_sub(s, n, s.n);
    first = false;
  }
}

static void date_header(struct buf *out, int64_t at_ms) {
  static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t t = (time_t)(at_ms / 1000);
  struct tm tm;
  gmtime_r(&t, &tm);
  buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
             months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* One address and nothing else: no second recipient, no further header can ride along. */
static bool address_ok(struct str s) {
  size_t at = 0;
  for (size_t i = 0; i < s.n; i++) {
    const unsigned char c = (unsigned char)s.p[i];
    if (c <= ' ' || c >= 0x7f || strchr("<>,;:\\\"()[]", c)) return false;
    at += c == '@';
  }
  return at == 1 && s.n <= 200 && s.p[0] != '@' && s.p[s.n - 1] != '@';
}

static void message(struct buf *out, const struct outbox_mail *m, struct str from) {
  char id[UUID_TEXT];
  const size_t at = str_find_char(from, '@');
  uuid_format(&m->id, id);
  date_header(out, m->at_ms);
  buf_printf(out, "From: <" STR_FMT ">\r\nTo: <" STR_FMT ">\r\nSubject: ", STR_ARG(from),
             STR_ARG(m->to));
  encoded_words(out, m->subject);
  buf_printf(out,
             "\r\nMessage-ID: <%s@" STR_FMT ">\r\nMIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\n"
             "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n",
             id, STR_ARG(str_sub(from, at + 1, from.n)));
  base64(out, m->body, 76);
  buf_lit(out, "\r\n");
}

/* ---- sending ---- */

static size_t give(char *out, size_t size, size_t n, void *arg) {
  struct str *rest = arg;
  const size_t take = rest->n < size * n ? rest->n : size * n;
  memcpy(out, rest->p, take);
  *rest = str_sub(*rest, take, rest->n);
  return take;
}

static int verdict(CURL *curl, CURLcode rc, struct err *e) {
  long code = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  if (rc == CURLE_OK) return 0;
  const int sys = code ? (int)code : (int)rc;
  /* 454, 530 to 538 and a failed TLS are about who we are, for us or the relay to mend. */
  const bool about_us = rc == CURLE_LOGIN_DENIED || code == 454 || (code >= 530 && code <= 538);
  if (!about_us && code >= 500) return err_sys(e, E_INVALID, "the relay refused the message", sys);
  if (!about_us && (code >= 400 || rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR ||
                    rc == CURLE_WEIRD_SERVER_REPLY))
    return err_sys(e, E_IO, "the relay did not take the message", sys);
  return err_sys(e, E_UNAVAILABLE, "the relay cannot be reached", sys);
}

static int smtp_send(void *state, const struct outbox_mail *m, struct err *e) {
  struct smtp *s = state;
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(256));
  if (!a) return err_set(e, E_NOMEM, "no memory for a message");
  const char *url = arena_strz(a, setting_text(s->app, 0, "outbox.smtp_url", a));
  const struct str from = setting_text(s->app, 0, "outbox.from", a);
  const int64_t tls = setting_i64(s->app, 0, "outbox.tls");
  if (!url[0] || !from.n) return err_set(e, E_UNAVAILABLE, "no relay is set");
  if (!address_ok(from)) return err_set(e, E_UNAVAILABLE, "the sender's address is wrong");
  if (!address_ok(m->to)) return err_set(e, E_INVALID, "not an address");
  if (!s->curl) s->curl = curl_easy_init();
  if (!s->curl) return err_set(e, E_NOMEM, "no memory for the mail channel");
  struct buf text = BUF_INIT(MIB(1));
  message(&text, m, from);
  struct str rest = buf_str(&text);
  struct curl_slist *to = curl_slist_append(NULL, arena_strz(a, m->to));
  CURL *c = s->curl;
  curl_easy_reset(c);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_URL, url);
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 20000L);
  curl_easy_setopt(c, CURLOPT_USE_SSL,
                   (long)(tls == 2   ? CURLUSESSL_ALL
                          : tls == 1 ? CURLUSESSL_TRY
                                     : CURLUSESSL_NONE));
  if (s->user[0]) {
    curl_easy_setopt(c, CURLOPT_USERNAME, s->user);
    curl_easy_setopt(c, CURLOPT_PASSWORD, s->password);
  }
  curl_easy_setopt(c, CURLOPT_MAIL_FROM, arena_strz(a, from));
  curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
  curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(c, CURLOPT_READDATA, &rest);
  int r = buf_ok(&text) && to && !arena_failed(a) ? verdict(c, curl_easy_perform(c), e)
                                                  : err_set(e, E_NOMEM, "no memory for a message");
  curl_slist_free_all(to);
  buf_done(&text);
  return r;
}

/* Within a round the connection is used again; between rounds the relay shall not hold it. */
static void smtp_idle(void *state) {
  struct smtp *s = state;
  if (s->curl) curl_easy_cleanup(s->curl);
  s->curl = NULL;
}

static const struct channel_lack *smtp_lack(void *state) {
  static const struct channel_lack no_relay = {
      "没有设置邮件服务器和发件地址（outbox.smtp_url、outbox.from）",
      "no relay and sender's address are set (outbox.smtp_url, outbox.from)"};
  const struct smtp *s = state;
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(16));
  if (!a) return NULL;
  return setting_text(s->app, 0, "outbox.smtp_url", a).n &&
                 address_ok(setting_text(s->app, 0, "outbox.from", a))
             ? NULL
             : &no_relay;
}

const struct outbox_channel outbox_smtp = {.name = "smtp",
                                           .zh = "邮件",
                                           .en = "Mail",
                                           .to = TO_MAIL,
                                           .send = smtp_send,
                                           .open = smtp_open,
                                           .close = smtp_close,
                                           .idle = smtp_idle,
                                           .lack = smtp_lack};
