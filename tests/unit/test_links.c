#include "api/api.h"
#include "domain/daily_returns/clerk.h"
#include "domain/daily_returns/daily_return.h"
#include "domain/daily_returns/staff_line.h"
#include "domain/daily_returns/chase_note.h"
#include "base/code32.h"
#include "core/links.h"
#include "domain/gate/gate.h"
#include "domain/gate/reverse.h"
#include "domain/rosters/rosters.h"
#include "http_client.h"
#include "product_fixture.h"
#include <sodium.h>

/* The link by which an enterprise reports, as whoever holds one meets it: good until its last day,
 * then gone; gone once it was renewed or the enterprise closed; and unknown where anything in it
 * was changed, as if it had never been. */

#define NOON INT64_C(1588910400000) /* 8 May 2020, 12:00 in Beijing */

struct world {
  struct product *p;
  struct uuid one, other;
  int port, wrong;
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
  const struct link l = {.subject = *enterprise, .serial = serial, .last_day = last};
  link_make(w->p->app, &clerk_purpose, &l, out);
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
  (void)text, (void)today

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

/* The viewer itself: its subject, what refers to it, and nothing beside. */
TEST_BOTH(a_link_opens_one_record) {
  WORLD;
  struct viewer *v;
  struct record *rec;
  struct list_page page;
  struct change *c;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  api_stop(p.app);
  CHECK_OK(app_link_viewer(p.app, p.a, p.v->op, &clerk_purpose, &w.one,
                           product_unit(&p, "110102013001"), &v, &p.e),
           &p.e);
  CHECK_OK(store_read(p.app->store, &tx, &p.e), &p.e);
  CHECK_OK(record_get(tx, p.a, v, &enterprise_kind, &w.one, &rec, &p.e), &p.e);
  CHECK(record_get(tx, p.a, v, &enterprise_kind, &w.other, &rec, &p.e) == -E_NOT_FOUND);
  const struct list_query all = {.limit = 10};
  int r = record_list(tx, p.a, &p.app->registry, v, &enterprise_kind, &all, &page, &p.e);
  CHECK(r < 0 || page.n == 0);
  for (size_t i = 0; i < kinds_count(); i++) { /* no kind's whole */
    int32_t unit;
    CHECK_EQ_I64(viewer_scope(v, kind_right(kind_at(i), VERB_READ), &unit, 1), 0);
  }
  const struct uuid *const whose[] = {&w.one, &w.other};
  for (size_t i = 0; i < 2; i++) {
    c = change_make(p.a, &p.app->registry, v, &staff_line_kind, CHANGE_CREATE);
    c->id = idgen_next(&p.app->ids, NOON);
    change_set(c, LINE_ENTERPRISE, V_UUID(*whose[i]));
    change_set(c, LINE_NAME, V_TEXTZ("试员工"));
    CHECK((change_do(c, &p.e) == 0) == (i == 0));
  }
  /* the subject is not the holder's to change, only what the purpose names */
  c = change_make(p.a, &p.app->registry, v, &enterprise_kind, CHANGE_UPDATE);
  c->id = w.one;
  change_set(c, ENTERPRISE_NAME, V_TEXTZ("丙公司"));
  CHECK(change_do(c, &p.e) == -E_FORBIDDEN);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM staff_line"), 1);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM audit a JOIN enterprise e ON e.id = a.actor "
                                 "WHERE a.action = 'create'"),
               1);
}

/* A link is no session: no route of the program takes it for one. */
static void try_route(const struct route *r, void *arg) {
  struct world *w = arg;
  static const char *const methods[] = {
      [HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE"};
  char text[LINK_TEXT], request[800];
  if (r->flags & ROUTE_PUBLIC || (size_t)r->method >= ARRAY_LEN(methods) || !methods[r->method])
    return;
  token(w, &w->one, 1, w->p->v->today + 9, text);
  struct client c = client_open(w->port);
  snprintf(request, sizeof request,
           "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
           "Authorization: Bearer %s\r\nContent-Length: 0\r\n\r\n",
           methods[r->method], r->pattern, text);
  client_send(&c, request, strlen(request));
  const int status = client_answer(&c, false).status;
  if (status != 401) {
    printf("# %s %s: %d\n", methods[r->method], r->pattern, status);
    w->wrong++;
  }
  client_done(&c);
}
TEST_BOTH(no_session) {
  WORLD;
  api_each_route(try_route, &w);
  api_stop(p.app);
  CHECK_EQ_I64(w.wrong, 0);
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

/* ---- printed by the first release ---- */

static void mac(struct world *w, enum key_purpose key, const uint8_t *raw, size_t n, uint8_t *out,
                size_t n_out) {
  uint8_t whole[16];
  keys_mac(auth_keys(w->p->app->auth), key, (struct str){(const char *)raw, n}, whole, 16);
  memcpy(out, whole, n_out);
}

TEST_BOTH(a_link_of_the_first_release_is_still_good) {
  WORLD;
  uint8_t raw[40] = {0};
  const uint32_t last = (uint32_t)today + 3;
  memcpy(raw, w.one.b, 16);
  raw[19] = 1;
  for (int i = 0; i < 4; i++) raw[20 + i] = (uint8_t)(last >> (24 - 8 * i));
  mac(&w, KEY_LINK, raw, 24, raw + 24, 16);
  sodium_bin2base64(text, sizeof text, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  CHECK_STR(GET(text), "200 ");
  CHECK_OK(act(&p, &w.one, "renew_link"), &p.e);
  CHECK_STR(GET(text), "410 gone");
  raw[19] = 2;
  mac(&w, KEY_LINK, raw, 24, raw + 24, 15); /* all but its last byte */
  sodium_bin2base64(text, sizeof text, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  CHECK_STR(GET(text), "404 not_found");
  api_stop(p.app);
}

static int make_gate(struct product *p, struct uuid *ret) {
  struct change *c = product_make(p, &post_kind, CHANGE_CREATE);
  *ret = c->id;
  change_set(c, POST_NAME, V_TEXTZ("东门"));
  change_set(c, POST_KIND, V_TEXTZ("gate"));
  change_set(c, POST_UNIT, V_I64(product_unit(p, "110102013001")));
  return product_do(p, c);
}

static int act_on_post(struct product *p, const struct uuid *id, const char *action) {
  struct change *c = product_make(p, &post_kind, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(&post_kind, str_from(action));
  c->reason = S("试");
  return product_do(p, c);
}

static const char *gate_get(struct world *w, const char *code) {
  struct client c = client_open(w->port);
  static char text[80];
  char request[300];
  snprintf(request, sizeof request,
           "GET /api/v1/gate-codes/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
           code);
  client_send(&c, request, strlen(request));
  snprintf(text, sizeof text, "%d", client_answer(&c, false).status);
  client_done(&c);
  return text;
}

/* A poster's code: as people read it off, until it is renewed; old ones, too. */
TEST_BOTH(a_gates_code) {
  WORLD;
  struct uuid gate;
  uint8_t raw[20];
  char code[LINK_TEXT], old[CODE32_TEXT(sizeof raw)], typed[LINK_TEXT + 8];
  CHECK_OK(make_gate(&p, &gate), &p.e);
  gate_code_write(p.app, &gate, 0, code);
  CHECK_STR(gate_get(&w, code), "200");
  snprintf(typed, sizeof typed, "%.8s-%s", code, code + 8);
  for (char *c = typed; *c; c++)
    *c = *c == '0' ? 'o' : *c == '1' ? 'L' : *c >= 'a' ? (char)(*c - 32) : *c;
  CHECK_STR(gate_get(&w, typed), "200");
  memcpy(raw, gate.b, 16);
  mac(&w, KEY_GATE, raw, 16, raw + 16, 4);
  code32_write(raw, sizeof raw, old);
  CHECK_STR(gate_get(&w, old), "200");
  /* no code opens what another purpose is for */
  token(&w, &w.one, 1, today + 9, text);
  CHECK_STR(gate_get(&w, text), "404");
  CHECK_STR(GET(code), "404 not_found");
  code[30] = code[30] == '2' ? '3' : '2';
  CHECK_STR(gate_get(&w, code), "404");
  CHECK_OK(act_on_post(&p, &gate, "renew_code"), &p.e);
  CHECK_STR(gate_get(&w, old), "410");
  gate_code_write(p.app, &gate, 0, code);
  CHECK_STR(gate_get(&w, code), "410");
  gate_code_write(p.app, &gate, 1, code);
  CHECK_STR(gate_get(&w, code), "200");
  CHECK_OK(act_on_post(&p, &gate, "close"), &p.e);
  CHECK_STR(gate_get(&w, code), "410");
  api_stop(p.app);
}

/* Code that changes something for the holder stays within the purpose, too. */
TEST_BOTH(code_for_the_holder_is_held_to_the_purpose) {
  WORLD;
  struct viewer *v;
  api_stop(p.app);
  CHECK_OK(app_link_viewer(p.app, p.a, p.v->op, &clerk_purpose, &w.one,
                           product_unit(&p, "110102013001"), &v, &p.e),
           &p.e);
  const struct uuid *const whose[] = {&w.one, &w.other};
  for (size_t i = 0; i < 2; i++) {
    struct change *c = change_make(p.a, &p.app->registry, v, &enterprise_kind, CHANGE_UPDATE);
    c->id = *whose[i];
    c->internal = true;
    change_set(c, ENTERPRISE_HEADCOUNT, V_I64(7));
    CHECK_EQ_I64(change_do(c, &p.e), i == 0 ? 0 : -E_NOT_FOUND);
    c = change_make(p.a, &p.app->registry, v, &chase_note_kind, CHANGE_CREATE);
    c->id = idgen_next(&p.app->ids, NOON);
    c->internal = true;
    change_set(c, CHASE_ENTERPRISE, V_UUID(*whose[i]));
    change_set(c, CHASE_DAY, V_TEXTZ("2020-05-08"));
    change_set(c, CHASE_OUTCOME, V_TEXTZ("no_answer"));
    CHECK((change_do(c, &p.e) == 0) == (i == 0));
  }
  /* a kind that the purpose does not name, at the same place */
  struct change *c = change_make(p.a, &p.app->registry, v, &post_kind, CHANGE_CREATE);
  c->id = idgen_next(&p.app->ids, NOON);
  c->internal = true;
  change_set(c, POST_NAME, V_TEXTZ("西门"));
  change_set(c, POST_KIND, V_TEXTZ("gate"));
  change_set(c, POST_UNIT, V_I64(product_unit(&p, "110102013001")));
  CHECK_EQ_I64(change_do(c, &p.e), -E_FORBIDDEN);
}
