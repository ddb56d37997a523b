#include "auth/audit_impl.h"
#include <stdio.h>

/* Creations are the bulk of all rows and are not indexed by actor: a list by actor leaves them out
 * (and says so: "without"); asked for by action=create they are sifted like a branch's rows.
 *
 * Lists are read newest first through whichever index fits. Branches are not known to the
 * database, so rows outside the viewer's are left out here; a reader of a narrow branch may get a
 * short page with a cursor, never one that has cost more than SCAN_MAX rows. */
enum { SCAN_MAX = 20000 };

#define ROWS                                                                                       \
  "SELECT t.pos, t.at_ms, t.actor, t.op, t.action, t.kind, t.id, t.unit, t.detail, a.login "       \
  "FROM audit t LEFT JOIN account a ON a.id = t.actor WHERE "
#define REST                                                                                       \
  "t.at_ms >= $1 AND t.at_ms <= $2 AND (t.at_ms < $2 OR t.pos < $3) "                              \
  "AND (CAST($4 AS BIGINT) = 0 OR t.kind = $4) AND (CAST($5 AS TEXT) = '' OR t.action = $5) "      \
  "ORDER BY t.at_ms DESC, t.pos DESC LIMIT $6"
QUERY(q_audit_all, ROWS REST);
QUERY(q_audit_actor, ROWS "t.actor = $7 AND t.action <> 'create' AND " REST);
QUERY(q_audit_id, ROWS "t.id = $7 AND " REST);

static bool wanted(const struct viewer *v, const struct audit_query *q, right_t read, bool all,
                   const struct cur *c) {
  int32_t unit = (int32_t)cur_i64(c, 7);
  struct uuid actor = cur_uuid(c, 2);
  if (!uuid_is_nil(&q->actor) && !uuid_eq(&actor, &q->actor)) return false;
  if (q->unit && !unit_within(v->tree, unit, q->unit)) return false;
  return all || (unit != 0 && viewer_may(v, read, unit));
}

static void write_row(struct jw *w, const struct viewer *v, const struct cur *c) {
  char at[MOMENT_TEXT];
  const struct kind *k = kind_by_no((uint16_t)cur_i64(c, 5));
  const struct unit_row *u = unit_by_no(v->tree, (int32_t)cur_i64(c, 7));
  struct uuid actor = cur_uuid(c, 2), id = cur_uuid(c, 6);
  jw_object(w);
  jw_ki64(w, "no", cur_i64(c, 0));
  jw_k(w, "at");
  moment_format(cur_i64(c, 1), v->zone, at);
  jw_strz(w, at);
  jw_k(w, "actor");
  if (uuid_is_nil(&actor)) {
    jw_null(w);
  } else {
    jw_object(w);
    jw_kuuid(w, "id", &actor);
    jw_kstr(w, "login", cur_text(c, 9));
    jw_end(w);
  }
  jw_kstr(w, "action", cur_text(c, 4));
  jw_kstrz(w, "kind", k ? k->name : "");
  jw_kuuid(w, "id", uuid_is_nil(&id) ? NULL : &id);
  jw_k(w, "unit");
  emit_unit(w, u);
  jw_k(w, "detail");
  struct str detail = cur_text(c, 8);
  if (detail.n)
    jw_raw(w, detail);
  else
    jw_null(w);
  jw_end(w);
}

static bool read_cursor(struct str after, int64_t *ret_at, int64_t *ret_pos) {
  struct str at = str_split(&after, '-');
  return parse_i64(at, 0, INT64_MAX, ret_at) == 0 && parse_i64(after, 0, INT64_MAX, ret_pos) == 0;
}

int audit_list(struct tx *tx, struct arena *a, const struct viewer *v, const struct audit_query *q,
               struct jw *w, struct err *e) {
  int32_t roots[1];
  right_t read = right_by_name(S("audit.read"));
  bool all = viewer_scope(v, read, roots, 1) == SCOPE_ALL;
  int64_t before = q->to_ms ? q->to_ms : INT64_MAX, pos = 0;
  if (!viewer_may(v, read, 0)) return err_set(e, E_FORBIDDEN, "the audit is not yours to read");
  if (!str_empty(q->after) && !read_cursor(q->after, &before, &pos))
    return err_field(e, E_MALFORMED, "not a cursor of this list", "after");
  int limit = q->limit > 0 && q->limit <= LIMIT_PAGE ? q->limit : LIMIT_PAGE_DEFAULT;
  bool by_id = !uuid_is_nil(&q->id), creations = str_is(q->action, "create");
  bool by_actor = !by_id && !creations && !uuid_is_nil(&q->actor);
  bool sifted = !all || q->unit || (!by_actor && !uuid_is_nil(&q->actor));
  const struct query *query = by_id ? &q_audit_id : by_actor ? &q_audit_actor : &q_audit_all;
  struct val params[] = {V_I64(q->from_ms),
                         V_I64(before),
                         V_I64(pos),
                         V_I64(q->kind ? q->kind->no : 0),
                         V_TEXT(q->action.p ? q->action : S("")),
                         V_I64(sifted ? SCAN_MAX : limit),
                         V_UUID(by_id ? q->id : q->actor)};
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, query, params, by_id || by_actor ? 7 : 6, &c, e);
  if (r < 0) return r;
  int n = 0, scanned = 0;
  int64_t last_at = 0, last_pos = 0;
  jw_object(w);
  jw_karray(w, "items");
  while (n < limit && (r = cur_next(c, e)) == 1) {
    scanned++;
    last_at = cur_i64(c, 1);
    last_pos = cur_i64(c, 0);
    if (!wanted(v, q, read, all, c)) continue;
    write_row(w, v, c);
    n++;
  }
  if (r < 0) return r;
  jw_end(w);
  jw_kstr(w, "next",
          (n == limit || scanned == SCAN_MAX)
              ? arena_printf(a, "%lld-%lld", (long long)last_at, (long long)last_pos)
              : (struct str){NULL, 0});
  if (by_actor) {
    jw_kstrz(w, "without", "create");
  }
  jw_end(w);
  return 0;
}
