#include "store/store_impl.h"

/* Each query gives lines in their final order. What differs by spelling only (order of columns,
 * white space, names that the engine made up) does not appear. */
static const char sqlite_tables[] =
    "SELECT m.name, m.sql, CASE WHEN l.strict THEN ' strict' ELSE '' END ||"
    " CASE WHEN l.wr THEN ' without rowid' ELSE '' END"
    " FROM sqlite_schema m JOIN pragma_table_list l ON l.name = m.name AND l.schema = 'main'"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    " AND m.name <> 'schema_migrations' ORDER BY m.name";
static const char sqlite_table[] =
    "SELECT line FROM ("
    "SELECT 1 AS o, '  column ' || name || ' ' || type ||"
    " CASE \"notnull\" WHEN 0 THEN '' ELSE ' not null' END ||"
    " coalesce(' default ' || dflt_value, '') || CASE pk WHEN 0 THEN '' ELSE ' key ' || pk END ||"
    " CASE hidden WHEN 0 THEN '' ELSE ' hidden ' || hidden END AS line"
    " FROM pragma_table_xinfo($1)"
    " UNION ALL "
    "SELECT 2, '  unique (' || (SELECT group_concat(name, ', ') FROM"
    " (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) || ')'"
    " FROM pragma_index_list($1) l WHERE origin = 'u'"
    " UNION ALL "
    "SELECT 3, '  foreign key (' || group_concat(\"from\", ', ') || ') to ' || \"table\" || ' (' ||"
    " group_concat(coalesce(\"to\", 'key'), ', ') || ') update ' || on_update || ' delete ' ||"
    " on_delete FROM (SELECT * FROM pragma_foreign_key_list($1) ORDER BY id, seq) GROUP BY id"
    ") ORDER BY o, line";
static const char sqlite_others[] =
    "SELECT sql FROM sqlite_schema WHERE type IN ('index', 'trigger', 'view')"
    " AND sql IS NOT NULL ORDER BY type, name";

#define OURS "relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
static const char postgres_all[] =
    "WITH ours AS (SELECT oid, relname, relkind FROM pg_class WHERE " OURS
    " AND relname <> 'schema_migrations'),"
    " here AS (SELECT quote_ident(current_schema()) || '.' AS dot)"
    " SELECT line FROM ("
    "SELECT relname::text COLLATE \"C\" AS t, 0 AS o, 'table ' || relname AS line"
    " FROM ours WHERE relkind IN ('r', 'p')"
    " UNION ALL "
    "SELECT c.relname::text, 1, '  column ' || a.attname || ' ' ||"
    " format_type(a.atttypid, a.atttypmod) || coalesce(' collate ' || k.collname, '') ||"
    " CASE WHEN a.attnotnull THEN ' not null' ELSE '' END ||"
    " coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')"
    " FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " LEFT JOIN pg_collation k ON k.oid = a.attcollation WHERE c.relkind IN ('r', 'p')"
    " UNION ALL "
    "SELECT c.relname::text, 2, '  ' || CASE WHEN n.contype IN ('p', 'u') THEN n.conname || ' '"
    " ELSE '' END || replace(pg_get_constraintdef(n.oid), here.dot, '')"
    " FROM ours c JOIN pg_constraint n ON n.conrelid = c.oid AND n.contype <> 't', here"
    " UNION ALL "
    "SELECT c.relname::text, 3, '  ' || replace(pg_get_indexdef(x.indexrelid), here.dot, '')"
    " FROM ours c JOIN pg_index x ON x.indrelid = c.oid AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint n WHERE n.conindid = x.indexrelid AND n.contype IN ('p', 'u')),"
    " here WHERE c.relkind IN ('r', 'p')"
    " UNION ALL "
    "SELECT c.relname::text, 4, '  ' || replace(pg_get_triggerdef(g.oid), here.dot, '')"
    " FROM ours c JOIN pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal, here"
    " UNION ALL "
    "SELECT relname::text, 5, 'view ' || relname || ' ' || pg_get_viewdef(oid)"
    " FROM ours WHERE relkind = 'v'"
    " UNION ALL "
    "SELECT proname::text, 6, 'function ' || proname || ' ' || prosrc FROM pg_proc"
    " WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    ") AS lines ORDER BY t, o, line COLLATE \"C\"";

static int lines(struct tx *tx, struct str sql, const struct val *params, size_t n, struct buf *out,
                 struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(tx, sql, params, n, &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    struct str line = cur_text(c, 0);
    while (str_starts(line, S(" "))) {
      buf_char(out, ' ');
      line = str_sub(line, 1, line.n);
    }
    sql_words(out, line);
    buf_char(out, '\n');
    r = 0;
  }
  return r;
}

static bool letter(char c) {
  return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* The end of a bracket that opens at `at`, or 0. */
static size_t bracket_end(struct str s, size_t at) {
  int depth = 0;
  char quote = 0;
  for (size_t i = at; i < s.n; i++) {
    char c = s.p[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      depth++;
    } else if (c == ')' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

/* SQLite tells of CHECKs only in the text of the table. They are put in order as they come. */
static void checks(struct str sql, struct buf *out, struct arena *a) {
  struct str found[LIMIT_FIELDS_PER_KIND * 2];
  size_t n = 0;
  for (size_t i = 0; i + 5 < sql.n && n < ARRAY_LEN(found);) {
    struct str rest = str_trim(str_sub(sql, i + 5, sql.n));
    bool word = strncasecmp(sql.p + i, "check", 5) == 0 && (i == 0 || !letter(sql.p[i - 1])) &&
                str_starts(rest, S("("));
    size_t end = word ? bracket_end(sql, (size_t)(rest.p - sql.p)) : 0;
    if (!end) {
      i++;
      continue;
    }
    struct buf one = BUF_INIT(KIB(16));
    sql_words(&one, str_sub(sql, (size_t)(rest.p - sql.p), end - (size_t)(rest.p - sql.p)));
    struct str text = arena_dup(a, buf_str(&one));
    buf_done(&one);
    size_t at = n++;
    for (; at > 0 && str_cmp(text, found[at - 1]) < 0; at--) found[at] = found[at - 1];
    found[at] = text;
    i = end;
  }
  for (size_t i = 0; i < n; i++) buf_printf(out, "  check " STR_FMT "\n", STR_ARG(found[i]));
}

static int sqlite_dump(struct tx *tx, struct buf *out, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(tx, S(sqlite_tables), P_NONE, &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    buf_printf(out, "table " STR_FMT STR_FMT "\n", STR_ARG(cur_text(c, 0)),
               STR_ARG(cur_text(c, 2)));
    r = lines(tx, S(sqlite_table), P(V_TEXT(cur_text(c, 0))), out, e);
    if (r == 0) checks(cur_text(c, 1), out, tx_arena(tx));
  }
  return r < 0 ? r : lines(tx, S(sqlite_others), P_NONE, out, e);
}

int store_schema_dump(struct store *s, struct buf *out, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(s, &tx, e);
  if (r == 0)
    r = s->engine == ENGINE_SQLITE ? sqlite_dump(tx, out, e)
                                   : lines(tx, S(postgres_all), P_NONE, out, e);
  if (r < 0) return r;
  if (arena_failed(tx_arena(tx))) return err_set(e, E_NOMEM, "no memory for the schema");
  return buf_ok(out) ? 0 : err_set(e, E_TOO_LARGE, "the schema's text is too long");
}
