#include "app/api.h"
#include "domain/enterprises/enterprises.h"
#include "domain/enterprises/links.h"
#include "http_client.h"
#include "product_fixture.h"

/* The link by which an enterprise reports, as whoever holds one meets it: good until its last day,
 * then gone; gone once it was renewed or the enterprise closed; and unknown where anything in it
 * was changed, as if it had never been. */

#define NOON INT64_C(1588910400000) /* 8 May 2020, 12:00 in Beijing */

struct world {
  struct product *p;
  struct uuid one, other;
  int port;
};

static int make(struct product *p, const char *name, struct uuid *ret) {
  struct change *c = product_make(p, &enterprise_kind, CHANGE_CREATE);
  *ret = c->id;
  change_set(c, ENTERPRISE_NAME, V_TEXTZ(name));
  change_set(c, ENTERPRISE_UNIT, V_I64(product_unit(p, "110102013001")));
  change_set(c, ENTERPRISE_REGISTERED_ON, V_TEXTZ("2020-05-01"));
  return product_do(p, c);
}

static int act(struct product *p, const struct uuid *id, const char *action) {
  struct change *c = product_make(p, &enterprise_kind, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(&enterprise_kind, str_from(action));
  c->reason = S("试");
  return product_do(p, c);
}

static void token(struct world *w, const struct uuid *enterprise, int64_t serial, int32_t last,
                  char out[LINK_TEXT]) {
  const struct link l = {.enterprise = *enterprise, .serial = serial, .last_day = last};
  link_make(w->p->app, &l, out);
}

/* "410 gone": the status and the stable word that comes with it. */
static const char *answered(struct world *w, const char *method, const char *path,
                            const char *body) {
  static char text[200];
  struct client c = client_open(w->port);
  char request[1000];
  snprintf(request, sizeof request,
           "%s /api/v1/returns/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
           "Content-Length: %zu\r\n\r\n%s",
           method, path, *body ? "Content-Type: application/json\r\n" : "", strlen(body), body);
  client_send(&c, request, strlen(request));
  const struct answer a = client_answer(&c, false);
  json_t *doc = json_loadb(a.body.p, a.body.n, 0, NULL);
  snprintf(text, sizeof text, "%d %s", a.status,
           a.status < 400 ? "" : json_str(json_object_get(doc, "code")).p);
  json_decref(doc);
  client_done(&c);
  return text;
}

#define GET(t)  answered(&w, "GET", (t), "")
#define POST(t) answered(&w, "POST", (t), "{\"nil\": true}")

#define WORLD                                                                                      \
  PRODUCT(p, NOON);                                                                                \
  struct world w = {.p = &p};                                                                      \
  CHECK_OK(product_units(&p), &p.e);                                                               \
  CHECK_OK(make(&p, "甲公司", &w.one), &p.e);                                                      \
  CHECK_OK(make(&p, "乙公司", &w.other), &p.e);                                                    \
  CHECK_OK(api_start(p.app, "127.0.0.1:0", &p.e), &p.e);                                           \
  w.port = http_port(p.app->http);                                                                 \
  const int32_t today = p.v->today;                                                                \
  char text[LINK_TEXT];                                                                            \
  (void)text

TEST_BOTH(expired) {
  WORLD;
  token(&w, &w.one, 1, today, text);
  CHECK_STR(GET(text), "200 "); /* its last day is a day of it */
  token(&w, &w.one, 1, today - 1, text);
  CHECK_STR(GET(text), "410 gone");
  CHECK_STR(POST(text), "410 gone");
  api_stop(p.app);
}

TEST_BOTH(renewed_or_closed) {
  WORLD;
  char next[LINK_TEXT], other[LINK_TEXT];
  token(&w, &w.one, 1, today + 9, text);
  token(&w, &w.one, 2, today + 9, next);
  token(&w, &w.other, 1, today + 9, other);
  CHECK_STR(GET(text), "200 ");
  CHECK_STR(GET(next), "410 gone"); /* one that was never given out */
  CHECK_OK(act(&p, &w.one, "renew_link"), &p.e);
  CHECK_STR(GET(text), "410 gone");
  CHECK_STR(POST(text), "410 gone");
  CHECK_STR(GET(next), "200 ");
  CHECK_STR(GET(other), "200 "); /* another enterprise's is not touched by it */
  CHECK_OK(act(&p, &w.one, "close"), &p.e);
  CHECK_STR(GET(next), "410 gone");
  api_stop(p.app);
}

/* Every character of it counts: whichever is changed, there is no such link. */
TEST_BOTH(forged) {
  WORLD;
  char forged[LINK_TEXT + 8];
  token(&w, &w.one, 1, today + 9, text);
  for (size_t i = 0; text[i]; i++) {
    snprintf(forged, sizeof forged, "%s", text);
    /* the last character holds two bits that say nothing: they must be zero */
    forged[i] = text[i] == 'A' ? 'B' : 'A';
    CHECK_STR(GET(forged), "404 not_found");
  }
  snprintf(forged, sizeof forged, "%sA", text);
  CHECK_STR(GET(forged), "404 not_found");
  forged[strlen(text) - 1] = 0;
  CHECK_STR(GET(forged), "404 not_found");
  /* the end of one behind the beginning of another's */
  token(&w, &w.other, 1, today + 9, forged);
  memcpy(forged, text, 21);
  CHECK_STR(GET(forged), "404 not_found");
  /* well made, for an enterprise that is not there */
  const struct uuid nobody = {{7}};
  token(&w, &nobody, 1, today + 9, text);
  CHECK_STR(GET(text), "404 not_found");
  api_stop(p.app);
}

/* Whoever holds one link reads and changes nothing of another enterprise. */
TEST_BOTH(of_another_enterprise) {
  WORLD;
  char other[LINK_TEXT], path[LINK_TEXT + 60], id[UUID_TEXT], body[200];
  struct change *c = product_make(&p, &staff_line_kind, CHANGE_CREATE);
  change_set(c, LINE_ENTERPRISE, V_UUID(w.one));
  change_set(c, LINE_NAME, V_TEXTZ("试员工"));
  CHECK_OK(product_do(&p, c), &p.e);
  uuid_format(&c->result->id, id);
  token(&w, &w.one, 1, today + 9, text);
  token(&w, &w.other, 1, today + 9, other);
  snprintf(path, sizeof path, "%s/lines/%s", other, id);
  CHECK_STR(answered(&w, "PATCH", path, "{\"place\": \"北京\"}"), "404 not_found");
  snprintf(path, sizeof path, "%s/lines/%s", text, id);
  CHECK_STR(answered(&w, "PATCH", path, "{\"place\": \"北京\"}"), "200 ");
  uuid_format(&w.one, id);
  snprintf(body, sizeof body, "{\"nil\": true, \"enterprise\": \"%s\"}", id);
  CHECK_STR(answered(&w, "POST", other, body), "422 invalid");
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM return_version"), 0);
  api_stop(p.app);
}
