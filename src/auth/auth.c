#include "auth/auth_impl.h"
#include "base/log.h"
#include <assert.h>
#include <stdlib.h>

/* ---- life ---- */

int auth_start(const struct auth_options *o, struct auth **ret_auth, struct err *e) {
  struct auth *au = calloc(1, sizeof *au);
  if (!au) return err_set(e, E_NOMEM, "no memory for accounts");
  au->clock = o->clock;
  auth_set_times(au, o->idle_ms, o->absolute_ms);
  au->hash_threads = o->hash_threads ? o->hash_threads : 2;
  pthread_mutex_init(&au->epoch_lock, NULL);
  pthread_mutex_init(&au->peer_lock, NULL);
  au->peers = calloc(LIMIT_PEERS, sizeof *au->peers);
  int r = au->peers ? 0 : err_set(e, E_NOMEM, "no memory for accounts");
  if (r == 0) r = keys_open(o->keys_file, o->create_keys, clock_now_ms(o->clock), &au->keys, e);
  if (r == 0) r = roles_init(o->grants, &au->roles, e);
  if (r == 0) r = audit_create(au->clock, au->keys, &au->audit, e);
  if (r == 0) r = cache_start(au, e);
  if (r < 0) {
    auth_stop(au);
    return r;
  }
  *ret_auth = au;
  return 0;
}

int auth_attach(struct auth *au, struct registry *en, struct err *e) {
  au->en = en;
  au->store = en->store;
  au->writer = en->writer;
  return pool_start(au->hash_threads, &au->pool, e);
}

void auth_set_times(struct auth *au, int64_t idle_ms, int64_t absolute_ms) {
  atomic_store(&au->idle_ms, idle_ms ? idle_ms : AUTH_IDLE_MS);
  atomic_store(&au->absolute_ms, absolute_ms ? absolute_ms : AUTH_ABSOLUTE_MS);
}

void auth_detach(struct auth *au) {
  struct err e = {0};
  au->pool = pool_stop(au->pool);
  if (!au->writer) return;
  if (sessions_seen(au, &e) < 0 || audit_anchor(au->audit, au->store, &e) < 0)
    log_err(LOG_WARN, "auth_not_flushed", &e);
  au->writer = NULL;
}

struct auth *auth_stop(struct auth *au) {
  if (!au) return NULL;
  pool_stop(au->pool);
  cache_stop(au);
  audit_free(au->audit);
  roles_free(au->roles);
  keys_close(au->keys);
  free(au->peers);
  pthread_mutex_destroy(&au->epoch_lock);
  pthread_mutex_destroy(&au->peer_lock);
  free(au);
  return NULL;
}

struct keys *auth_keys(struct auth *au) {
  return au->keys;
}
struct sealer *auth_sealer(struct auth *au) {
  return keys_sealer(au->keys);
}
struct audit *auth_audit(struct auth *au) {
  return au->audit;
}
const struct roles *auth_roles(const struct auth *au) {
  return au->roles;
}

/* ---- changes of accounts, grants, devices ---- */

/* Whose cached sessions a change makes wrong; false where nobody's. */
static bool touches(const struct record *rec, struct uuid *ret_account) {
  if (rec->kind == &account_kind)
    *ret_account = rec->id;
  else if (rec->kind == &role_grant_kind)
    *ret_account = rec_uuid(rec, GRANT_ACCOUNT);
  else if (rec->kind == &device_kind)
    *ret_account = (struct uuid){{0}}; /* whoever uses it */
  else
    return false;
  return true;
}

static int changed(struct tx *tx, const struct change *c, const struct record *old,
                   const struct record *rec, void *arg, struct err *e) {
  struct auth *au = arg;
  struct uuid account;
  int r = audit_changed(tx, c, old, rec, au->audit, e);
  if (r < 0 || !touches(rec, &account)) return r;
  bool made = !old && rec->kind != &role_grant_kind; /* a new account or device has no session */
  if (r == 0 && !made) r = sessions_stale(au, tx, &account, e);
  bool ended = rec->kind == &account_kind && old && !str_is(rec->state, "active");
  if (r == 0 && ended) r = sessions_delete(au, tx, &account, NULL, NULL, e);
  return r;
}

static int revealed(struct tx *tx, const struct viewer *v, const struct record *rec,
                    struct str fields, struct str reason, void *arg, struct err *e) {
  struct auth *au = arg;
  return audit_revealed(tx, v, rec, fields, reason, au->audit, e);
}

struct change_observer auth_observer(struct auth *au) {
  return (struct change_observer){.changed = changed, .revealed = revealed, .arg = au};
}

/* ---- viewers ---- */

struct viewer *auth_viewer_here(struct arena *a, const struct auth_scope *sc, struct str login) {
  struct viewer *v = arena_new(a, struct viewer);
  *v = (struct viewer){.login = login,
                       .op = sc->op,
                       .over = sc->over,
                       .today = sc->today,
                       .now_ms = sc->now_ms,
                       .zone = sc->zone,
                       .tree = sc->tree,
                       .zh = true};
  return v;
}

struct viewer *auth_viewer(struct auth *au, struct arena *a, const struct auth_session *s,
                           const struct auth_scope *sc) {
  struct viewer *v = auth_viewer_here(a, sc, s->login);
  struct viewer_grant *g = arena_array(a, struct viewer_grant, s->n_grants);
  const int64_t at = sc->rights_ms ? sc->rights_ms : sc->now_ms;
  const int32_t day = sc->rights_ms ? zone_day(sc->zone, at, NULL) : sc->today;
  v->user = s->account;
  v->responder = s->responder;
  v->device = s->device;
  v->zh = s->zh;
  v->grants = g;
  for (size_t i = 0; !arena_failed(a) && i < s->n_grants && !s->must_change_password; i++) {
    const struct auth_grant *from = &s->grants[i];
    if (day < from->from || day > from->to) continue;
    if (from->ended_ms && from->ended_ms <= at) continue;
    if (!uuid_is_nil(&from->op) && !uuid_eq(&from->op, &sc->op_id)) continue;
    struct viewer_grant *to = &g[v->n_grants++];
    to->unit = from->unit;
    to->rights = *role_rights(au->roles, from->role);
    to->role = role_at((size_t)from->role)->name;
  }
  return v;
}

struct viewer *auth_system_viewer(struct arena *a, const struct auth_scope *sc) {
  struct viewer *v = auth_viewer_here(a, sc, S("system"));
  v->system = true;
  return v;
}

struct viewer *auth_link_viewer(struct arena *a, const struct link_purpose *p,
                                const struct uuid *subject, int32_t unit,
                                const struct auth_scope *sc) {
  struct viewer *v = auth_viewer_here(a, sc, S("link"));
  struct viewer_link *l = arena_new(a, struct viewer_link);
  struct viewer_grant *g = arena_new(a, struct viewer_grant);
  *l = (struct viewer_link){
      .purpose = p->code, .kind = p->kind, .subject = *subject, .by_code = p->by_code};
  *g = (struct viewer_grant){.unit = unit};
  for (struct str rest = str_from(p->rights); rest.n;) {
    const right_t right = right_by_name(str_split(&rest, ' '));
    assert(right >= 0);
    right_add(&g->rights, right);
  }
  v->user = *subject;
  v->link = l;
  v->grants = g;
  v->n_grants = unit ? 1 : 0; /* without a unit it would be good everywhere */
  return v;
}

void auth_user_json(struct jw *w, const struct auth_session *s, const struct unit_tree *tree) {
  const struct unit_row *u = tree && s->unit ? unit_by_no(tree, s->unit) : NULL;
  jw_object(w);
  jw_kuuid(w, "id", &s->account);
  jw_kstr(w, "login", s->login);
  jw_kstr(w, "name", s->name);
  jw_kstrz(w, "language", s->zh ? "zh" : "en");
  jw_kuuid(w, "responder", uuid_is_nil(&s->responder) ? NULL : &s->responder);
  jw_k(w, "unit");
  emit_unit(w, u);
  jw_karray(w, "roles");
  for (size_t i = 0; i < s->n_grants; i++) {
    bool said = false;
    for (size_t k = 0; k < i; k++) said |= s->grants[k].role == s->grants[i].role;
    if (!said) jw_strz(w, role_at((size_t)s->grants[i].role)->name);
  }
  jw_end(w);
  jw_kbool(w, "must_change_password", s->must_change_password);
  jw_end(w);
}

/* ---- jobs ---- */

QUERY(q_sessions_expired, "DELETE FROM login_session WHERE expires_ms < $1");
QUERY(q_failures_old, "DELETE FROM login_failure WHERE at_ms < $1 AND locked_until_ms < $2");
QUERY(q_authors_old, "DELETE FROM device_author WHERE expires_ms < $1");
QUERY(q_invitations_old, "DELETE FROM invitation WHERE expires_ms < $1");

static int clean_run(struct tx *tx, void *arg, struct err *e) {
  const struct auth *au = arg;
  int64_t now = clock_now_ms(au->clock);
  return tx_exec(tx, &q_sessions_expired, P(V_I64(now)), NULL, e)
             ?: tx_exec(tx, &q_failures_old, P(V_I64(now - FAILURE_WINDOW_MS), V_I64(now)), NULL,
                        e)
             ?: tx_exec(tx, &q_invitations_old, P(V_I64(now - 30 * MS_DAY)), NULL, e)
             ?: tx_exec(tx, &q_authors_old, P(V_I64(now - 90 * MS_DAY)), NULL, e);
}
static const struct cmd_class clean_cmd = {.name = "auth_clean", .run = clean_run};

int auth_housekeeping(struct auth *au, struct err *e) {
  int r = sessions_seen(au, e);
  if (r == 0) r = writer_run(au->writer, &clean_cmd, au, CMD_BULK, e);
  if (r == 0) r = keys_reload(au->keys, e);
  return r == 0 ? audit_anchor(au->audit, au->store, e) : r;
}

void auth_stats(struct auth *au, struct auth_stats *ret_stats) {
  *ret_stats = (struct auth_stats){.cached = atomic_load(&au->cached),
                                   .hits = atomic_load(&au->hits),
                                   .misses = atomic_load(&au->misses),
                                   .logins = atomic_load(&au->logins),
                                   .refused = atomic_load(&au->refused)};
}

/* ---- ending sessions, taking off locks ---- */

QUERY(q_session_owner, "SELECT s.account, a.unit FROM login_session s JOIN account a "
                       "ON a.id = s.account WHERE s.id = $1");
QUERY(q_session_end, "DELETE FROM login_session WHERE id = $1");
QUERY(q_account_unit, "SELECT unit, login FROM account WHERE id = $1");

static int account_place(struct tx *tx, struct arena *a, const struct uuid *account,
                         int32_t *ret_unit, struct str *ret_login, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_account_unit, P(V_UUID(*account)), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  if (r == 0) return err_set(e, E_NOT_FOUND, "no such account");
  *ret_unit = (int32_t)cur_i64(c, 0);
  if (ret_login) *ret_login = arena_dup(a, cur_text(c, 1));
  return 0;
}

static int session_owner(struct tx *tx, const struct uuid *session, struct uuid *ret_account,
                         int32_t *ret_unit, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_session_owner, P(V_UUID(*session)), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  if (r == 0) return err_set(e, E_NOT_FOUND, "no such session");
  *ret_account = cur_uuid(c, 0);
  *ret_unit = (int32_t)cur_i64(c, 1);
  return 0;
}

static bool may_at(const struct viewer *v, const char *right, int32_t unit) {
  return may_there(v, right_by_name(str_from(right)), unit);
}

static int end_run(struct tx *tx, void *arg, struct err *e) {
  struct auth_end *x = arg;
  struct uuid account = x->account;
  int32_t unit = 0;
  bool one = uuid_is_nil(&account);
  int r = one ? session_owner(tx, &x->session, &account, &unit, e)
              : account_place(tx, tx_arena(tx), &account, &unit, NULL, e);
  if (r < 0) return r;
  bool own = uuid_eq(&account, &x->viewer->user);
  if (!own && !may_at(x->viewer, "session.revoke", unit))
    return err_set(e, E_NOT_FOUND, "no such session in your branch");
  if (one) {
    r = tx_exec(tx, &q_session_end, P(V_UUID(x->session)), &x->ended, e)
            ?: sessions_stale(x->auth, tx, &account, e);
  } else {
    r = sessions_delete(x->auth, tx, &account, NULL, &x->ended, e)
            ?: authors_end(x->auth, tx, &account, NULL, e);
  }
  if (r < 0) return r;
  return audit_by(tx, x->viewer, own ? "logout" : "session_revoke", &account_kind, &account, unit,
                  S(""), e);
}
const struct cmd_class auth_end_cmd = {.name = "session_end", .run = end_run};

QUERY(q_failure_forget, "DELETE FROM login_failure WHERE login_hash = $1");

static int unlock_run(struct tx *tx, void *arg, struct err *e) {
  struct auth_unlock *x = arg;
  int32_t unit;
  struct str login;
  uint8_t hash[HASH_BYTES];
  int r = account_place(tx, tx_arena(tx), &x->account, &unit, &login, e);
  if (r < 0) return r;
  if (!may_at(x->viewer, "account.lock", unit))
    return err_set(e, E_NOT_FOUND, "no such account in your branch");
  keys_mac(x->auth->keys, KEY_LOGIN, login, hash, sizeof hash);
  r = tx_exec(tx, &q_failure_forget, P(V_BLOB(((struct str){(char *)hash, HASH_BYTES}))), NULL, e);
  if (r < 0) return r;
  return audit_by(tx, x->viewer, "login_unlock", &account_kind, &x->account, unit, S(""), e);
}
const struct cmd_class auth_unlock_cmd = {.name = "login_unlock", .run = unlock_run};

/* ---- the list of sessions ---- */

QUERY(q_sessions_list,
      "SELECT s.id, s.account, a.login, a.unit, s.device, s.created_ms, s.last_seen_ms, s.peer "
      "FROM login_session s JOIN account a ON a.id = s.account WHERE s.expires_ms > $1 "
      "ORDER BY s.last_seen_ms DESC");

static void write_session(struct jw *w, const struct viewer *v, const struct cur *c,
                          const struct auth_session *current) {
  char text[MOMENT_TEXT];
  struct uuid id = cur_uuid(c, 0), account = cur_uuid(c, 1), device = cur_uuid(c, 4);
  jw_object(w);
  jw_kuuid(w, "id", &id);
  jw_kobject(w, "user");
  jw_kuuid(w, "id", &account);
  jw_kstr(w, "login", cur_text(c, 2));
  jw_end(w);
  jw_kuuid(w, "device", uuid_is_nil(&device) ? NULL : &device);
  jw_k(w, "created_at");
  moment_format(cur_i64(c, 5), v->zone, text);
  jw_strz(w, text);
  jw_k(w, "last_seen_at");
  moment_format(cur_i64(c, 6), v->zone, text);
  jw_strz(w, text);
  jw_kstr(w, "peer", cur_text(c, 7));
  jw_kbool(w, "current", current && uuid_eq(&id, &current->id));
  jw_end(w);
}

int auth_sessions_json(struct auth *au, struct tx *tx, const struct viewer *v,
                       const struct auth_session *current, struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_sessions_list, P(V_I64(clock_now_ms(au->clock))), &c, e);
  if (r < 0) return r;
  int n = 0;
  jw_object(w);
  jw_karray(w, "items");
  while (n <= LIMIT_PAGE && (r = cur_next(c, e)) == 1) {
    struct uuid account = cur_uuid(c, 1);
    if (!uuid_eq(&account, &v->user) && !may_at(v, "session.read", (int32_t)cur_i64(c, 3)))
      continue;
    if (n++ < LIMIT_PAGE) write_session(w, v, c, current);
  }
  jw_end(w);
  jw_kbool(w, "more", n > LIMIT_PAGE);
  jw_end(w);
  return r < 0 ? r : 0;
}
