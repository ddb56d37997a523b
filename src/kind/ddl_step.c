/* The next pair of migration files: what the kinds print less what the steps lead to. The steps are
 * run on SQLite, in a folder that is removed; what is new there is then taken, by name, from what
 * is printed for each engine. What a difference alone does not tell (a column dropped or changed,
 * one that no row has a value for) is named, and nothing is printed. */
#include "base/limits.h"
#include "kind/ddl.h"
#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TABLES = LIMIT_KINDS * 2, PARTS = LIMIT_COLUMNS * 2, MOST_TEXT = MIB(8) };

/* A column, a constraint, an index or a trigger, as it is written. */
struct part {
  struct str name, text;
};
struct table {
  struct str name, create, tail; /* tail: STRICT, WITHOUT ROWID */
  struct part parts[PARTS], more[PARTS];
  size_t n_parts, n_more;
};
struct schema {
  struct table *tables;
  size_t n;
};

/* ---- reading ---- */

static struct str word(struct str *rest) {
  *rest = str_trim(*rest);
  size_t n = 0;
  while (n < rest->n && !strchr(" \n\t(,", rest->p[n])) n++;
  struct str w = str_sub(*rest, 0, n);
  *rest = str_sub(*rest, n, rest->n);
  if (w.n > 1 && w.p[0] == '"') w = str_sub(w, 1, w.n - 2);
  return w;
}

static bool same_word(char a, char b) {
  return (a | 32) == (b | 32);
}

/* White space and capitals are no difference. */
static bool same_text(struct str a, struct str b) {
  a = str_trim(a);
  b = str_trim(b);
  while (a.n && b.n) {
    const bool blank = strchr(" \n\t", a.p[0]) != NULL;
    if (blank != (strchr(" \n\t", b.p[0]) != NULL)) return false;
    if (!blank && a.p[0] != b.p[0] && !(same_word(a.p[0], b.p[0]))) return false;
    a = blank ? str_trim(a) : str_sub(a, 1, a.n);
    b = blank ? str_trim(b) : str_sub(b, 1, b.n);
  }
  return a.n == 0 && b.n == 0;
}

static const struct part *part_named(const struct part *list, size_t n, struct str name) {
  for (size_t i = 0; i < n; i++)
    if (same_text(list[i].name, name)) return &list[i];
  return NULL;
}

static bool constraint(struct str name) {
  static const char *const words[] = {"primary", "unique", "check", "foreign", "constraint"};
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    if (same_text(name, str_from(words[i]))) return true;
  return false;
}

static void add(struct part *list, size_t *n, struct str name, struct str text) {
  assert(*n < PARTS);
  list[(*n)++] = (struct part){name, str_trim(text)};
}

/* "(a, b (c, d)) STRICT": the parts between the outermost brackets. */
static void read_body(struct table *t, struct str body) {
  int depth = 0;
  bool quoted = false;
  size_t from = 0;
  for (size_t i = 0; i < body.n; i++) {
    const char c = body.p[i];
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(' && depth++ == 0) from = i + 1;
    const bool end = c == ')' && --depth == 0;
    if (!end && !(c == ',' && depth == 1)) continue;
    struct str text = str_trim(str_sub(body, from, i - from)), rest = text;
    struct str name = word(&rest);
    add(t->parts, &t->n_parts, constraint(name) ? text : name, text);
    from = i + 1;
    if (end) t->tail = str_trim(str_sub(body, i + 1, body.n));
    if (end) return;
  }
}

/* Statements end with a semicolon and a new line; those after a table belong to it. */
static struct schema read_schema(struct arena *a, struct str text) {
  struct schema s = {.tables = arena_array(a, struct table, TABLES)};
  while (s.tables && text.n) {
    const size_t at = str_find(text, S(";\n"));
    struct str one = str_trim(str_sub(text, 0, at == (size_t)-1 ? text.n : at)), rest = one;
    text = at == (size_t)-1 ? S("") : str_sub(text, at + 2, text.n);
    if (!one.n) continue;
    word(&rest); /* CREATE */
    struct str what = word(&rest);
    if (same_text(what, S("unique"))) what = word(&rest);
    const struct str name = word(&rest);
    if (same_text(what, S("table"))) {
      assert(s.n < TABLES);
      s.tables[s.n] = (struct table){.name = name, .create = one};
      read_body(&s.tables[s.n++], rest);
    } else if (s.n) {
      add(s.tables[s.n - 1].more, &s.tables[s.n - 1].n_more, name, one);
    }
  }
  return s;
}

static const struct table *table_named(const struct schema *s, struct str name) {
  for (size_t i = 0; i < s->n; i++)
    if (same_text(s->tables[i].name, name)) return &s->tables[i];
  return NULL;
}

/* ---- where the steps lead ---- */

static void remove_folder(const char *folder) {
  char path[512];
  DIR *d = opendir(folder);
  for (struct dirent *f = d ? readdir(d) : NULL; f; f = readdir(d)) {
    const int n = snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
    if (f->d_name[0] != '.' && n > 0 && (size_t)n < sizeof path) unlink(path);
  }
  if (d) closedir(d);
  rmdir(folder);
}

static int migrated(const char *folder, const struct migration *list, size_t n, struct buf *out,
                    struct err *e) {
  static const char all[] =
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> 'schema_migrations'"
      " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY tbl_name, type <> 'table', name";
  const struct store_options so = {.where = folder, .create = true};
  _cleanup_(store_closep) struct store *store = NULL;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = store_open(&so, &store, e);
  if (r == 0) r = store_migrate(store, list, n, NULL, e);
  if (r == 0) r = store_read(store, &tx, e);
  if (r == 0) r = cur_open_sql(tx, S(all), P_NONE, &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    buf_str_add(out, cur_text(c, 0));
    buf_lit(out, ";\n");
    r = 0;
  }
  return r;
}

/* ---- the difference ---- */

struct step {
  struct schema have, want, printed[2]; /* want: what is printed for SQLite */
  struct buf out[2];
  struct buf cannot;
};

static void by_hand(struct step *s, const struct table *t, struct str what, const char *why) {
  buf_printf(&s->cannot, STR_FMT ": %s: " STR_FMT "\n", STR_ARG(t->name), why, STR_ARG(what));
}

static void columns(struct step *s, const struct table *was, const struct table *is) {
  for (size_t i = 0; i < was->n_parts; i++)
    if (!part_named(is->parts, is->n_parts, was->parts[i].name))
      by_hand(s, is, was->parts[i].text, "was dropped");
  for (size_t i = 0; i < is->n_parts; i++) {
    const struct part *p = &is->parts[i], *old = part_named(was->parts, was->n_parts, p->name);
    struct str rest = p->text;
    if (old && same_text(old->text, p->text)) continue;
    if (old)
      by_hand(s, is, p->text, "was changed");
    else if (constraint(word(&rest)) || str_find(p->text, S("PRIMARY KEY")) != (size_t)-1)
      by_hand(s, is, p->text, "a key or a condition was added");
    else if (str_find(p->text, S("NOT NULL")) != (size_t)-1 &&
             str_find(p->text, S("DEFAULT")) == (size_t)-1)
      by_hand(s, is, p->text, "rows that are there have no value for it");
    else
      for (size_t e = 0; e < 2; e++) {
        const struct table *there = table_named(&s->printed[e], is->name);
        const struct part *column = part_named(there->parts, there->n_parts, p->name);
        buf_printf(&s->out[e], "ALTER TABLE " STR_FMT " ADD COLUMN " STR_FMT ";\n",
                   STR_ARG(is->name), STR_ARG(column->text));
      }
  }
  if (!same_text(was->tail, is->tail)) by_hand(s, is, is->tail, "the table's form was changed");
}

static void indexes(struct step *s, const struct table *was, const struct table *is) {
  for (size_t i = 0; i < was->n_more; i++) {
    const struct part *p = part_named(is->more, is->n_more, was->more[i].name);
    if (p && same_text(p->text, was->more[i].text)) continue;
    if (str_find(was->more[i].text, S("INDEX")) == (size_t)-1)
      by_hand(s, is, was->more[i].name, "is no index and was changed or dropped");
    else
      for (size_t e = 0; e < 2; e++)
        buf_printf(&s->out[e], "DROP INDEX " STR_FMT ";\n", STR_ARG(was->more[i].name));
  }
  for (size_t i = 0; i < is->n_more; i++) {
    const struct part *p = &is->more[i], *old = part_named(was->more, was->n_more, p->name);
    if (old && same_text(old->text, p->text)) continue;
    for (size_t e = 0; e < 2; e++) {
      const struct table *there = table_named(&s->printed[e], is->name);
      const struct part *index = part_named(there->more, there->n_more, p->name);
      if (index)
        buf_printf(&s->out[e], STR_FMT ";\n", STR_ARG(index->text));
      else
        by_hand(s, is, p->name, "is written otherwise for the other engine");
    }
  }
}

static void new_table(struct step *s, struct str name) {
  for (size_t e = 0; e < 2; e++) {
    const struct table *t = table_named(&s->printed[e], name);
    buf_printf(&s->out[e], STR_FMT ";\n", STR_ARG(t->create));
    for (size_t i = 0; i < t->n_more; i++)
      buf_printf(&s->out[e], STR_FMT ";\n", STR_ARG(t->more[i].text));
  }
}

static void compare(struct step *s) {
  for (size_t i = 0; i < s->have.n; i++)
    if (!table_named(&s->want, s->have.tables[i].name))
      by_hand(s, &s->have.tables[i], S("the whole table"), "was dropped");
  for (size_t i = 0; i < s->want.n; i++) {
    const struct table *is = &s->want.tables[i], *was = table_named(&s->have, is->name);
    if (!was) {
      new_table(s, is->name);
      continue;
    }
    columns(s, was, is);
    indexes(s, was, is);
  }
}

static void write_pair(const struct step *s, size_t number, struct buf *out) {
  static const char *const engines[] = {"sqlite", "postgresql"};
  if (!s->out[0].n) buf_lit(out, "-- the steps lead to what the kinds print: nothing to do\n");
  for (size_t e = 0; e < 2 && s->out[0].n; e++) {
    buf_printf(out, "-- %04zu-NAME.%s.sql\n", number, engines[e]);
    buf_str_add(out, buf_str(&s->out[e]));
  }
}

int schema_next_step(const struct migration *list, size_t n_list, struct buf *out,
                     struct buf *ret_cannot, struct err *e) {
  const char *tmp = getenv("TMPDIR");
  char folder[400];
  struct buf text[3] = {BUF_INIT(MOST_TEXT), BUF_INIT(MOST_TEXT), BUF_INIT(MOST_TEXT)};
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(32));
  const int n = snprintf(folder, sizeof folder, "%s/shouwang-schema.XXXXXX", tmp ? tmp : "/tmp");
  if (!a) return err_set(e, E_NOMEM, "no memory for the schema");
  if (n < 0 || (size_t)n >= sizeof folder || !mkdtemp(folder))
    return err_set(e, E_UNAVAILABLE, "no temporary folder for the steps");
  int r = migrated(folder, list, n_list, &text[2], e);
  remove_folder(folder);
  schema_sql(&text[0], ENGINE_SQLITE);
  schema_sql(&text[1], ENGINE_POSTGRES);
  struct step s = {.out = {BUF_INIT(MOST_TEXT), BUF_INIT(MOST_TEXT)},
                   .cannot = BUF_INIT(MOST_TEXT)};
  if (r == 0) {
    for (size_t i = 0; i < 2; i++) s.printed[i] = read_schema(a, buf_str(&text[i]));
    s.want = s.printed[0];
    s.have = read_schema(a, buf_str(&text[2]));
    if (arena_failed(a)) r = err_set(e, E_NOMEM, "no memory for the schema");
  }
  if (r == 0) {
    compare(&s);
    write_pair(&s, n_list + 1, out);
    buf_str_add(ret_cannot, buf_str(&s.cannot));
  }
  for (size_t i = 0; i < 3; i++) buf_done(&text[i]);
  for (size_t i = 0; i < 2; i++) buf_done(&s.out[i]);
  buf_done(&s.cannot);
  return r;
}
