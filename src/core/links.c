#include "core/links.h"
#include "base/code32.h"
#include "core/operation.h"
#include "core/settings.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>

enum { BODY = 21, MAC = 16, TYPED_MAC = 4, OLD_DATED = 24, OLD_BARE = 16, SERIAL_MAX = 0xffff };

/* Made once at start: the rows, and how each one's subject is read. */
static struct {
  struct {
    const struct link_purpose *p;
    struct query subject; /* $1 id */
    char sql[300];
  } rows[LINK_PURPOSES];
  size_t n;
} all;

int links_init(const struct module *const *list, struct err *e) {
  all.n = 0;
  for (; *list; list++)
    for (const struct link_purpose *const *p = (*list)->links; p && *p; p++) {
      const struct kind *k = (*p)->kind;
      if (all.n == LINK_PURPOSES) return err_field(e, E_BUG, "too many purposes", (*p)->code);
      char *sql = all.rows[all.n].sql;
      if (!(*p)->once)
        snprintf(sql, sizeof all.rows[0].sql,
                 "SELECT op, retired, state, \"%s\", \"%s\" FROM \"%s\" WHERE id = $1",
                 k->fields[kind_home(k)].name, (*p)->serial, k->name);
      all.rows[all.n].p = *p;
      all.rows[all.n++].subject = (struct query){"link_subject", sql, NULL};
    }
  return 0;
}

static const struct query *subject_query(const struct link_purpose *p) {
  size_t i = 0;
  while (i < all.n && all.rows[i].p != p) i++;
  assert(i < all.n && !p->once);
  return &all.rows[i].subject;
}

/* ---- tokens ---- */

static size_t mac_size(const struct link_purpose *p) {
  return p->typed ? TYPED_MAC : MAC;
}

/* A short one is the beginning of the whole: as the first release made it. */
static void mac_of(struct app *app, enum key_purpose key, const uint8_t *body, size_t n,
                   uint8_t out[MAC]) {
  keys_mac(auth_keys(app->auth), key, (struct str){(const char *)body, n}, out, MAC);
}

struct link link_for(struct app *app, const struct viewer *v, const struct link_purpose *p,
                     const struct uuid *subject, int64_t serial) {
  return (struct link){.subject = *subject,
                       .serial = serial,
                       .last_day = p->days ? v->today + (int32_t)setting_i64(app, v->op, p->days)
                                           : INT32_MAX};
}

void link_make(struct app *app, const struct link_purpose *p, const struct link *l,
               char out[LINK_TEXT]) {
  uint8_t raw[BODY + MAC];
  const int64_t day = l->last_day == INT32_MAX ? 0 : l->last_day;
  assert(l->serial >= 0 && l->serial <= SERIAL_MAX && day >= 0 && day <= UINT16_MAX);
  raw[0] = p->no;
  memcpy(raw + 1, l->subject.b, 16);
  raw[17] = (uint8_t)(l->serial >> 8);
  raw[18] = (uint8_t)l->serial;
  raw[19] = (uint8_t)(day >> 8);
  raw[20] = (uint8_t)day;
  mac_of(app, KEY_LINK, raw, BODY, raw + BODY);
  if (p->typed)
    code32_write(raw, BODY + TYPED_MAC, out);
  else
    sodium_bin2base64(out, LINK_TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static uint32_t get(const uint8_t *p, size_t n) {
  uint32_t v = 0;
  while (n--) v = v << 8 | *p++;
  return v;
}

/* What was printed before purposes had numbers: a link with its day, a code without one. */
static bool read_old(struct app *app, const struct link_purpose *p, const uint8_t *raw, size_t n,
                     struct link *ret) {
  const size_t body = p->typed ? OLD_BARE : OLD_DATED;
  uint8_t mac[MAC];
  if (!p->old_key || n != body + mac_size(p)) return false;
  mac_of(app, p->old_key, raw, body, mac);
  if (sodium_memcmp(mac, raw + body, mac_size(p)) != 0) return false;
  memcpy(ret->subject.b, raw, 16);
  ret->serial = body == OLD_DATED ? get(raw + 16, 4) : 0;
  ret->last_day = body == OLD_DATED ? (int32_t)get(raw + 20, 4) : INT32_MAX;
  return true;
}

static bool read_new(struct app *app, const struct link_purpose *p, const uint8_t *raw, size_t n,
                     struct link *ret) {
  uint8_t mac[MAC];
  if (n != BODY + mac_size(p) || raw[0] != p->no) return false;
  mac_of(app, KEY_LINK, raw, BODY, mac);
  if (sodium_memcmp(mac, raw + BODY, mac_size(p)) != 0) return false;
  memcpy(ret->subject.b, raw + 1, 16);
  ret->serial = get(raw + 17, 2);
  ret->last_day = get(raw + 19, 2) ? (int32_t)get(raw + 19, 2) : INT32_MAX;
  return true;
}

int link_read(struct app *app, const struct link_purpose *p, struct str text, struct link *ret_link,
              struct err *e) {
  uint8_t raw[OLD_DATED + MAC];
  size_t n = 0;
  if (text.n < LINK_TEXT && p->typed)
    n = code32_read(text, raw, sizeof raw);
  else if (text.n >= LINK_TEXT || sodium_base642bin(raw, sizeof raw, text.p, text.n, NULL, &n, NULL,
                                                    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    n = 0;
  if (read_new(app, p, raw, n, ret_link) || read_old(app, p, raw, n, ret_link)) return 0;
  return err_set(e, E_NOT_FOUND, "no such link");
}

struct str link_public_url(struct app *app, struct arena *a) {
  struct str base = setting_text(app, 0, "public_url", a);
  while (base.n && base.p[base.n - 1] == '/') base.n--;
  return base;
}

/* ---- whoever holds one ---- */

int link_holder(struct app *app, struct tx *tx, struct arena *a, const struct link_purpose *p,
                const struct link *l, struct viewer **ret_viewer, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, subject_query(p), P(V_UUID(l->subject)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  if (r == 0) return err_set(e, E_NOT_FOUND, "no such link");
  const int64_t op = cur_i64(c, 0), serial = cur_null(c, 4) ? 0 : cur_i64(c, 4);
  const int32_t unit = (int32_t)cur_i64(c, 3);
  if (cur_i64(c, 1) || serial != l->serial || word_in(p->ends, cur_text(c, 2)))
    return err_set(e, E_GONE, "this link is not valid any more: ask for a new one");
  r = app_link_viewer(app, a, op, p, &l->subject, unit, ret_viewer, e);
  if (r < 0) return r;
  if ((*ret_viewer)->over) return err_set(e, E_GONE, "the operation is over");
  return (*ret_viewer)->today > l->last_day
             ? err_set(e, E_GONE, "this link has expired: ask for a new one")
             : 0;
}

int link_renew(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  (void)tx, (void)c, (void)old, (void)ps;
  for (size_t i = 0; i < all.n; i++) {
    const struct link_purpose *p = all.rows[i].p;
    if (p->kind != rec->kind || p->once) continue;
    const int f = field_named(rec->kind, p->serial);
    const int64_t now = rec_null(rec, f) ? 0 : rec_i64(rec, f);
    if (now >= SERIAL_MAX) return err_field(e, E_TOO_LARGE, "renewed too often", p->serial);
    rec_set(rec, f, V_I64(now + 1));
  }
  return 0;
}
