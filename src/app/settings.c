#include "app/settings.h"
#include "auth/audit.h"
#include "base/log.h"
#include <stdlib.h>

enum { SETTINGS_MAX = 256, SETTING_TEXT_MAX = 200 };

static const struct table_def tables[] = {
    {.name = "setting",
     .columns = "op i64 NOT NULL, name text NOT NULL, number i64, words text, at_ms i64 NOT NULL, "
                "actor uuid, PRIMARY KEY (op, name)",
     .clustered = true},
};
__attribute__((constructor)) static void declare_tables(void) {
  schema_add_tables(tables, ARRAY_LEN(tables));
}

/* The rows of all modules: filled once at start, before threads. */
static struct {
  const struct setting *list[SETTINGS_MAX];
  size_t n;
} reg;

/* What differs from the defaults. */
struct stored {
  const struct setting *setting;
  int64_t op, number;
  struct str text;
};

struct settings {
  struct app *app;
  pthread_rwlock_t lock;
  struct arena *a; /* of the present snapshot */
  struct stored *rows;
  size_t n;
};

QUERY(q_settings, "SELECT op, name, number, words FROM setting ORDER BY op, name");
QUERY(q_settings_count, "SELECT count(*) FROM setting");
QUERY(q_setting_put,
      "INSERT INTO setting (op, name, number, words, at_ms, actor) VALUES ($1, $2, $3, $4, $5, $6) "
      "ON CONFLICT (op, name) DO UPDATE SET number = excluded.number, words = excluded.words, "
      "at_ms = excluded.at_ms, actor = excluded.actor");
QUERY(q_setting_drop, "DELETE FROM setting WHERE op = $1 AND name = $2");

static bool is_allowed(const struct setting *s, struct str value) {
  struct str rest = str_from(s->allowed);
  while (rest.p)
    if (str_eq(str_split(&rest, ' '), value)) return true;
  return false;
}

int settings_init(const struct module *const *list, struct err *e) {
  memset(&reg, 0, sizeof reg);
  for (; *list; list++) {
    for (const struct setting *s = (*list)->settings; s && s->name; s++) {
      if (!s->zh || !s->en) return err_field(e, E_BUG, "a setting needs its names", s->name);
      if (setting_by_name(str_from(s->name)))
        return err_field(e, E_BUG, "a setting's name is used twice", s->name);
      if (s->type == SETTING_INT && (s->min > s->initial || s->initial > s->max))
        return err_field(e, E_BUG, "a setting's default is out of its limits", s->name);
      if (s->allowed && !is_allowed(s, str_from(s->initial_text)))
        return err_field(e, E_BUG, "a setting's default is none of what is allowed", s->name);
      if (reg.n == SETTINGS_MAX) return err_field(e, E_BUG, "too many settings", s->name);
      reg.list[reg.n++] = s;
    }
  }
  return 0;
}

const struct setting *setting_by_name(struct str name) {
  for (size_t i = 0; i < reg.n; i++)
    if (str_is(name, reg.list[i]->name)) return reg.list[i];
  return NULL;
}

const struct setting *setting_at(size_t i) {
  return i < reg.n ? reg.list[i] : NULL;
}

/* ---- the snapshot ---- */

int settings_open(struct app *app, struct settings **ret_settings, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct settings *s = calloc(1, sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no memory for settings");
  s->app = app;
  pthread_rwlock_init(&s->lock, NULL);
  int r = store_read(app->store, &tx, e);
  if (r == 0) r = settings_load(s, tx, e);
  if (r < 0) {
    settings_close(s);
    return r;
  }
  *ret_settings = s;
  return 0;
}

struct settings *settings_close(struct settings *s) {
  if (!s) return NULL;
  arena_free(s->a);
  pthread_rwlock_destroy(&s->lock);
  free(s);
  return NULL;
}

static int read_rows(struct tx *tx, struct arena *a, struct stored *rows, size_t max, size_t *ret_n,
                     struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  int r = cur_open(tx, &q_settings, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && n < max) {
    const struct setting *s = setting_by_name(cur_text(c, 1));
    if (!s) continue; /* of another release */
    rows[n++] = (struct stored){.setting = s,
                                .op = cur_i64(c, 0),
                                .number = cur_i64(c, 2),
                                .text = arena_dup(a, cur_text(c, 3))};
  }
  *ret_n = n;
  return r < 0 ? r : 0;
}

int settings_load(struct settings *s, struct tx *tx, struct err *e) {
  int64_t count = 0;
  size_t n = 0;
  struct arena *a = arena_create(MIB(4));
  if (!a) return err_set(e, E_NOMEM, "no memory for settings");
  int r = tx_i64(tx, &q_settings_count, P_NONE, &count, e);
  struct stored *rows = arena_array(a, struct stored, (size_t)count + 1);
  if (r == 0) r = read_rows(tx, a, rows, (size_t)count, &n, e);
  if (r == 0 && arena_failed(a)) r = err_set(e, E_NOMEM, "no memory for settings");
  if (r < 0) {
    arena_free(a);
    return r;
  }
  pthread_rwlock_wrlock(&s->lock);
  struct arena *old = s->a;
  s->a = a;
  s->rows = rows;
  s->n = n;
  pthread_rwlock_unlock(&s->lock);
  arena_free(old);
  return 0;
}

static void reload(void *arg) {
  struct app *app = arg;
  struct err e = {0};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(app->store, &tx, &e);
  if (r == 0) r = settings_load(app->settings, tx, &e);
  if (r < 0) log_err(LOG_ERROR, "settings_not_reloaded", &e);
}

/* ---- reading ---- */

static const struct setting *wanted(const char *name) {
  const struct setting *s = setting_by_name(str_from(name));
  if (!s) {
    log_error("unknown_setting", "name=%s", name);
    abort();
  }
  return s;
}

/* Under the lock. */
static const struct stored *stored(const struct settings *all, const struct setting *s,
                                   int64_t op) {
  for (size_t i = 0; all && i < all->n; i++)
    if (all->rows[i].setting == s && all->rows[i].op == (s->per_operation ? op : 0))
      return &all->rows[i];
  return NULL;
}

int64_t setting_i64(struct app *app, int64_t op, const char *name) {
  const struct setting *s = wanted(name);
  int64_t v = s->initial;
  if (!app->settings) return v;
  pthread_rwlock_rdlock(&app->settings->lock);
  const struct stored *row = stored(app->settings, s, op);
  if (row) v = row->number;
  pthread_rwlock_unlock(&app->settings->lock);
  return v;
}

struct str setting_text(struct app *app, int64_t op, const char *name, struct arena *a) {
  const struct setting *s = wanted(name);
  struct str v = str_from(s->initial_text ? s->initial_text : "");
  if (!app->settings) return v;
  pthread_rwlock_rdlock(&app->settings->lock);
  const struct stored *row = stored(app->settings, s, op);
  if (row) v = arena_dup(a, row->text);
  pthread_rwlock_unlock(&app->settings->lock);
  return v.p ? v : S("");
}

/* ---- changing ---- */

bool setting_parse(struct setting_change *c, const json_t *value, struct problems *ps) {
  const struct setting *s = c->setting;
  const struct str field = str_from(s->name);
  c->reset = json_is_null(value);
  if (c->reset) return true;
  switch (s->type) {
  case SETTING_BOOL:
    if (!json_is_boolean(value)) break;
    c->i = json_is_true(value);
    return true;
  case SETTING_INT:
    if (!json_is_integer(value)) break;
    c->i = json_integer_value(value);
    if (c->i < s->min) problem_limit(ps, PROBLEM_too_small, field, s->min);
    if (c->i > s->max) problem_limit(ps, PROBLEM_too_large, field, s->max);
    return c->i >= s->min && c->i <= s->max;
  case SETTING_TEXT: {
    if (!json_is_string(value)) break;
    const int64_t max = s->max ? s->max : SETTING_TEXT_MAX;
    c->text = str_trim(json_str(value));
    if ((int64_t)str_utf8_len(c->text) > max) {
      problem_limit(ps, PROBLEM_too_long, field, max);
      return false;
    }
    if (!s->allowed || is_allowed(s, c->text)) return true;
    problem_text(ps, PROBLEM_not_in_list, field, str_from(s->allowed), c->text,
                 str_from(s->allowed));
    return false;
  }
  }
  static const char *const zh[] = {"整数", "是或否", "文字"}, *const en[] = {"integer", "boolean",
                                                                             "text"};
  problem_text(ps, PROBLEM_wrong_type, field, str_from(en[s->type]), (struct str){0},
               str_from(zh[s->type]));
  return false;
}

static int change_run_setting(struct tx *tx, void *arg, struct err *e) {
  struct setting_change *c = arg;
  const struct setting *s = c->setting;
  const int64_t op = s->per_operation ? c->op : 0;
  const struct val name = V_TEXTZ(s->name);
  struct buf detail = BUF_INIT(KIB(4));
  struct jw w;
  int r;
  if (c->reset)
    r = tx_exec(tx, &q_setting_drop, P(V_I64(op), name), NULL, e);
  else
    r = tx_exec(tx, &q_setting_put,
                P(V_I64(op), name, s->type == SETTING_TEXT ? V_NULL : V_I64(c->i),
                  s->type == SETTING_TEXT ? V_TEXT(c->text) : V_NULL, V_I64(c->viewer->now_ms),
                  V_UUID(c->viewer->user)),
                NULL, e);
  /* An address among the settings is nobody's business in the audit: names and numbers only. */
  jw_init(&w, &detail);
  jw_object(&w);
  jw_k(&w, "setting");
  jw_strz(&w, s->name);
  if (!c->reset && s->type != SETTING_TEXT) {
    jw_k(&w, "value");
    jw_i64(&w, c->i);
  }
  jw_end(&w);
  if (r == 0)
    r = audit_by(tx, c->viewer, c->reset ? "setting_reset" : "setting", NULL, NULL, 0,
                 buf_str(&detail), e);
  buf_done(&detail);
  if (r == 0) tx_on_commit(tx, reload, c->app);
  return r;
}
const struct cmd_class setting_change_cmd = {.name = "setting", .run = change_run_setting};

int settings_json(struct app *app, int64_t op, struct jw *w, struct err *e) {
  static const char *const types[] = {"int", "bool", "text"};
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  if (!a) return err_set(e, E_NOMEM, "no memory for settings");
  jw_array(w);
  for (size_t i = 0; i < reg.n; i++) {
    const struct setting *s = reg.list[i];
    jw_object(w);
    jw_k(w, "name");
    jw_strz(w, s->name);
    jw_k(w, "type");
    jw_strz(w, types[s->type]);
    jw_k(w, "per_operation");
    jw_bool(w, s->per_operation);
    jw_k(w, "zh");
    jw_strz(w, s->zh);
    jw_k(w, "en");
    jw_strz(w, s->en);
    jw_k(w, "value");
    if (s->type == SETTING_TEXT)
      jw_str(w, setting_text(app, op, s->name, a));
    else if (s->type == SETTING_BOOL)
      jw_bool(w, setting_i64(app, op, s->name) != 0);
    else
      jw_i64(w, setting_i64(app, op, s->name));
    if (s->allowed) {
      struct str rest = str_from(s->allowed);
      jw_k(w, "allowed");
      jw_array(w);
      while (rest.p) jw_str(w, str_split(&rest, ' '));
      jw_end(w);
    }
    if (s->type == SETTING_INT) {
      jw_k(w, "min");
      jw_i64(w, s->min);
      jw_k(w, "max");
      jw_i64(w, s->max);
    }
    if (s->measure) {
      jw_k(w, "measure");
      jw_strz(w, s->measure);
    }
    jw_end(w);
  }
  jw_end(w);
  return arena_failed(a) ? err_set(e, E_NOMEM, "no memory for settings") : 0;
}
