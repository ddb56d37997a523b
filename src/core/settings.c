#include "core/settings.h"
#include "auth/audit.h"
#include "base/log.h"
#include <stdlib.h>

enum { SETTINGS_MAX = 256 };

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

/* ---- the snapshot ---- */

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

static int load(struct app *app, struct tx *tx, struct arena *a, void **ret_data, struct err *e) {
  struct settings *s = arena_new(a, struct settings);
  int64_t count = 0;
  (void)app;
  int r = tx_i64(tx, &q_settings_count, P_NONE, &count, e);
  s->rows = arena_array(a, struct stored, (size_t)count + 1);
  if (r == 0) r = read_rows(tx, a, s->rows, (size_t)count, &s->n, e);
  *ret_data = s;
  return r;
}
const struct snapshot_type settings_snapshot = {.name = "settings", .load = load};

/* ---- reading ---- */

static const struct setting *wanted(const char *name) {
  const struct setting *s = setting_by_name(str_from(name));
  if (!s) {
    log_error("unknown_setting", "name=%s", name);
    abort();
  }
  return s;
}

static const struct stored *stored(const struct settings *all, const struct setting *s,
                                   int64_t op) {
  for (size_t i = 0; i < all->n; i++)
    if (all->rows[i].setting == s && all->rows[i].op == (s->per_operation ? op : 0))
      return &all->rows[i];
  return NULL;
}

int64_t setting_i64(struct app *app, int64_t op, const char *name) {
  const struct setting *s = wanted(name);
  int64_t v = s->initial;
  _cleanup_(snapshot_unrefp) struct snapshot *all = snapshot_ref(app, &settings_snapshot);
  const struct stored *row = stored(all->data, s, op);
  if (row) v = row->number;
  return v;
}

struct str setting_text(struct app *app, int64_t op, const char *name, struct arena *a) {
  const struct setting *s = wanted(name);
  struct str v = str_from(s->initial_text ? s->initial_text : "");
  _cleanup_(snapshot_unrefp) struct snapshot *all = snapshot_ref(app, &settings_snapshot);
  const struct stored *row = stored(all->data, s, op);
  if (row) v = arena_dup(a, row->text);
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
  jw_kstrz(&w, "setting", s->name);
  if (!c->reset && s->type != SETTING_TEXT) {
    jw_ki64(&w, "value", c->i);
  }
  jw_end(&w);
  if (r == 0)
    r = audit_by(tx, c->viewer, c->reset ? "setting_reset" : "setting", NULL, NULL, 0,
                 buf_str(&detail), e);
  buf_done(&detail);
  if (r == 0) snapshot_touch(tx, &settings_snapshot);
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
    jw_kstrz(w, "name", s->name);
    jw_kstrz(w, "type", types[s->type]);
    jw_kbool(w, "per_operation", s->per_operation);
    jw_kstrz(w, "zh", s->zh);
    jw_kstrz(w, "en", s->en);
    jw_k(w, "value");
    if (s->type == SETTING_TEXT)
      jw_str(w, setting_text(app, op, s->name, a));
    else if (s->type == SETTING_BOOL)
      jw_bool(w, setting_i64(app, op, s->name) != 0);
    else
      jw_i64(w, setting_i64(app, op, s->name));
    if (s->allowed) {
      struct str rest = str_from(s->allowed);
      jw_karray(w, "allowed");
      while (rest.p) jw_str(w, str_split(&rest, ' '));
      jw_end(w);
    }
    if (s->type == SETTING_INT) {
      jw_ki64(w, "min", s->min);
      jw_ki64(w, "max", s->max);
    }
    if (s->measure) {
      jw_kstrz(w, "measure", s->measure);
    }
    jw_end(w);
  }
  jw_end(w);
  return arena_failed(a) ? err_set(e, E_NOMEM, "no memory for settings") : 0;
}
