#include "notify/outbox_web.h"
#include "core/settings.h"
#include <curl/curl.h>
#include <stdlib.h>

struct web_client {
  struct app *app;
  struct channel_config *config;
  CURL *curl;
};

int web_client_open(struct app *app, struct channel_config *config, struct web_client **ret_client,
                    struct err *e) {
  struct web_client *c = calloc(1, sizeof *c);
  if (!c) return err_set(e, E_NOMEM, "no memory for a channel");
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    free(c);
    return err_set(e, E_UNAVAILABLE, "libcurl did not start");
  }
  c->app = app;
  c->config = config;
  *ret_client = c;
  return 0;
}

void web_client_idle(struct web_client *c) {
  if (c->curl) curl_easy_cleanup(c->curl);
  c->curl = NULL;
}

struct web_client *web_client_close(struct web_client *c) {
  if (!c) return NULL;
  web_client_idle(c);
  free(c);
  return NULL;
}

static size_t take(char *p, size_t size, size_t n, void *arg) {
  struct buf *out = arg;
  buf_add(out, p, size * n);
  return buf_ok(out) ? size * n : 0;
}

static int failed(CURL *c, CURLcode rc, struct err *e) {
  curl_off_t connected = 0;
  switch ((int)rc) {
  case CURLE_OPERATION_TIMEDOUT:
    curl_easy_getinfo(c, CURLINFO_PRETRANSFER_TIME_T, &connected);
    return connected ? err_sys(e, E_TIMEOUT, "the service did not answer in time", (int)rc)
                     : err_sys(e, E_UNAVAILABLE, "the service cannot be reached", (int)rc);
  case CURLE_WRITE_ERROR:
    return err_sys(e, E_IO, "the service's answer is too long", (int)rc);
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
    return err_sys(e, E_UNAVAILABLE, "the service cannot be reached", (int)rc);
  default:
    return err_sys(e, E_IO, "the service broke off", (int)rc);
  }
}

static int judged(CURL *c, struct err *e) {
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return 0;
  if (status == 429) return err_sys(e, E_RATE, "the service wants us to wait", (int)status);
  if (status >= 500 || status == 408)
    return err_sys(e, E_IO, "the service has trouble", (int)status);
  return err_sys(e, E_FORBIDDEN, "the service does not take us", (int)status);
}

static struct curl_slist *headers_of(const struct web_call *call, struct arena *a) {
  struct curl_slist *list = NULL;
  if (call->type.n)
    list = curl_slist_append(
        list, arena_strz(a, arena_printf(a, "Content-Type: " STR_FMT, STR_ARG(call->type))));
  if (call->header.n) list = curl_slist_append(list, arena_strz(a, call->header));
  return list;
}

static void prepare(struct web_client *w, const struct web_call *call, struct curl_slist *headers,
                    struct arena *a, struct buf *reply) {
  CURL *c = w->curl;
  const long seconds = (long)setting_i64(w->app, 0, "outbox.timeout_seconds");
  curl_easy_reset(c);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_URL, arena_strz(a, call->url));
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  /* what the environment says of proxies is not what the channels' file says */
  curl_easy_setopt(c, CURLOPT_PROXY, arena_strz(a, channel_config_proxy(w->config, a)));
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, seconds * 500L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, seconds * 1000L);
  curl_easy_setopt(c, CURLOPT_USERAGENT, "shouwang");
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, reply);
  if (!call->body.n) return;
  curl_easy_setopt(c, CURLOPT_POST, 1L);
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, call->body.p);
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)call->body.n);
}

int web_call(struct web_client *w, const struct web_call *call, struct arena *a,
             struct str *ret_reply, struct err *e) {
  struct buf reply = BUF_INIT(WEB_REPLY_MAX);
  if (!channel_config_allows(w->config, call->url))
    return err_set(e, E_FORBIDDEN, "the channels' file does not allow this host");
  if (!w->curl) w->curl = curl_easy_init();
  if (!w->curl) return err_set(e, E_NOMEM, "no memory for a channel");
  struct curl_slist *headers = headers_of(call, a);
  prepare(w, call, headers, a, &reply);
  int r = arena_failed(a) ? err_set(e, E_NOMEM, "no memory for a message") : 0;
  if (r == 0) {
    const CURLcode rc = curl_easy_perform(w->curl);
    r = rc == CURLE_OK ? judged(w->curl, e) : failed(w->curl, rc, e);
  }
  curl_slist_free_all(headers);
  if (r == 0) *ret_reply = arena_dup(a, buf_str(&reply));
  buf_done(&reply);
  return r;
}
