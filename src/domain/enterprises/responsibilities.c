#include "domain/enterprises/responsibilities.h"
#include "app/page.h"
#include "base/limits.h"

enum { PARTIES = 4, ENTRIES_MAX = 200 };
static const char *const parties[PARTIES] = {"locality", "department", "employer", "individual"};

/* One row for an enterprise on the register: how many entries each party has on the day. */
#define PARTS                                                                                      \
  "sum(CASE WHEN d.party = 'locality' THEN 1 ELSE 0 END) AS locality, "                            \
  "sum(CASE WHEN d.party = 'department' THEN 1 ELSE 0 END) AS department, "                        \
  "sum(CASE WHEN d.party = 'employer' THEN 1 ELSE 0 END) AS employer, "                            \
  "sum(CASE WHEN d.party = 'individual' THEN 1 ELSE 0 END) AS individual "
#define IN_FORCE                                                                                   \
  "LEFT JOIN responsibility d ON d.enterprise = e.id AND d.retired = 0 "                           \
  "AND (d.from_on IS NULL OR d.from_on <= $2) AND (d.to_on IS NULL OR d.to_on >= $2) "
#define OF_UNIT                                                                                    \
  "FROM enterprise e JOIN unit u ON u.no = e.unit " IN_FORCE                                       \
  "WHERE e.op = $1 AND e.retired = 0 AND e.state <> 'closed' AND u.path BETWEEN $3 AND $4 "

QUERY(q_counts,
      "SELECT count(*), sum(CASE WHEN locality = 0 THEN 1 ELSE 0 END), "
      "sum(CASE WHEN department = 0 THEN 1 ELSE 0 END), "
      "sum(CASE WHEN employer = 0 THEN 1 ELSE 0 END), "
      "sum(CASE WHEN individual = 0 THEN 1 ELSE 0 END), "
      "sum(CASE WHEN locality = 0 OR department = 0 OR employer = 0 OR individual = 0 THEN 1 ELSE "
      "0 END) FROM (SELECT e.id, " PARTS OF_UNIT "GROUP BY e.id) parts");

QUERY(q_unanswered,
      "SELECT id, locality, department, employer, individual FROM (SELECT e.id, e.name, " PARTS
          OF_UNIT "AND lower(e.name) LIKE $5 ESCAPE '\\' "
      "AND (e.name > $6 OR (e.name = $6 AND e.id > $7)) GROUP BY e.id, e.name) parts "
      "WHERE CASE $8 WHEN 'locality' THEN locality WHEN 'department' THEN department "
      "WHEN 'employer' THEN employer WHEN 'individual' THEN individual "
      "ELSE CASE WHEN locality > 0 AND department > 0 AND employer > 0 AND individual > 0 "
      "THEN 1 ELSE 0 END END = 0 ORDER BY name, id LIMIT $9");

QUERY(q_parts_of, "SELECT " PARTS "FROM enterprise e " IN_FORCE "WHERE e.id = $1");

static void write_empty(struct jw *w, const int64_t held[PARTIES]) {
  jw_k(w, "empty");
  jw_array(w);
  for (size_t i = 0; i < PARTIES; i++)
    if (held[i] == 0) jw_strz(w, parties[i]);
  jw_end(w);
}

/* ---- where nobody answers ---- */

struct unanswered {
  int32_t unit, day;
  struct uuid after;
  int64_t limit;
  struct str party, q, after_name;
};

static int unanswered_query(struct rq *rq, struct unanswered *u, struct err *e) {
  const struct str limit = rq_arg(rq, "limit"), after = rq_arg(rq, "after");
  bool known = false;
  *u = (struct unanswered){
      .limit = LIMIT_PAGE_DEFAULT, .party = rq_arg(rq, "party"), .q = str_trim(rq_arg(rq, "q"))};
  for (size_t i = 0; i < PARTIES; i++) known |= str_is(u->party, parties[i]);
  if (u->party.n && !known)
    problem_text(&rq->problems, PROBLEM_not_in_list, S("party"),
                 S("locality, department, employer, individual"), u->party,
                 S("属地、部门、单位、个人"));
  if (limit.n && parse_i64(limit, 1, LIMIT_PAGE, &u->limit) < 0)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), LIMIT_PAGE);
  if (after.n && uuid_parse(after, &u->after) < 0)
    problem_text(&rq->problems, PROBLEM_bad_format, S("after"), S("UUID"), (struct str){0},
                 (struct str){0});
  int r = rq_unit(rq, "unit", "responsibility.read", &u->unit, e);
  if (r >= 0) r = rq_day(rq, "date", &u->day, e);
  return r < 0 ? r : rq_check(rq, e);
}

static int write_counts(struct tx *tx, const struct val base[4], struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_counts, base, 4, &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  jw_k(w, "counts");
  jw_object(w);
  jw_k(w, "enterprises");
  jw_i64(w, cur_i64(c, 0));
  jw_k(w, "unanswered");
  jw_i64(w, cur_i64(c, 5));
  for (size_t i = 0; i < PARTIES; i++) {
    jw_key(w, str_from(parties[i]));
    jw_i64(w, cur_i64(c, i + 1));
  }
  jw_end(w);
  return 0;
}

struct vacancy {
  struct uuid id;
  int64_t held[PARTIES];
};

/* Part of a name, with the signs of a pattern taken as themselves. */
static struct str name_like(struct arena *a, struct str part) {
  struct buf b = BUF_INIT(KIB(1));
  buf_char(&b, '%');
  for (size_t i = 0; i < part.n && i < 200; i++) {
    char ch = part.p[i];
    if (ch == '%' || ch == '_' || ch == '\\') buf_char(&b, '\\');
    if (ch >= 'A' && ch <= 'Z') ch = (char)(ch + 'a' - 'A');
    buf_char(&b, ch);
  }
  buf_char(&b, '%');
  const struct str text = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return text;
}

static int read_vacancies(struct arena *a, struct tx *tx, const struct unanswered *u,
                          const struct val base[4], struct vacancy *out, size_t *ret_n,
                          struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_unanswered,
                   P(base[0], base[1], base[2], base[3], V_TEXT(name_like(a, u->q)),
                     V_TEXT(u->after_name.p ? u->after_name : S("")), V_UUID(u->after),
                     V_TEXT(u->party.p ? u->party : S("")), V_I64(u->limit + 1)),
                   &c, e);
  while (r >= 0 && *ret_n <= LIMIT_PAGE && (r = cur_next(c, e)) == 1) {
    struct vacancy *v = &out[(*ret_n)++];
    v->id = cur_uuid(c, 0);
    for (size_t i = 0; i < PARTIES; i++) v->held[i] = cur_i64(c, i + 1);
  }
  return r < 0 ? r : 0;
}

static int write_vacancies(struct rq *rq, struct tx *tx, const struct unanswered *u,
                           const struct vacancy *found, size_t n, struct jw *w, struct err *e) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  const bool more = n > (size_t)u->limit;
  const size_t shown = more ? (size_t)u->limit : n;
  struct uuid *ids = arena_array(rq->a, struct uuid, shown + 1);
  struct record **recs = arena_array(rq->a, struct record *, shown + 1);
  if (!ids || !recs) return err_set(e, E_NOMEM, "no memory for the enterprises");
  for (size_t i = 0; i < shown; i++) {
    ids[i] = found[i].id;
    recs[i] = NULL;
  }
  int r =
      shown ? records_by_ids(tx, rq->a, &enterprise_kind, rq->viewer->op, ids, shown, recs, e) : 0;
  jw_k(w, "items");
  jw_array(w);
  for (size_t i = 0; i < shown && r >= 0; i++) {
    if (!recs[i] || !record_visible(rq->viewer, recs[i])) continue;
    jw_object(w);
    jw_k(w, "enterprise");
    r = emit_record(&em, w, recs[i], e);
    write_empty(w, found[i].held);
    jw_end(w);
  }
  jw_end(w);
  jw_k(w, "next");
  if (more)
    jw_uuid(w, &found[shown - 1].id);
  else
    jw_null(w);
  return r;
}

int unanswered_get(struct rq *rq, struct err *e) {
  struct unanswered u;
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX], day[DAY_TEXT];
  struct vacancy *found = arena_array(rq->a, struct vacancy, LIMIT_PAGE + 1);
  struct record *last;
  size_t n = 0;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = unanswered_query(rq, &u, e);
  if (r >= 0) r = rq_read(rq, &tx, e);
  if (r >= 0 && !uuid_is_nil(&u.after)) {
    r = record_get(tx, rq->a, rq->viewer, &enterprise_kind, &u.after, &last, e);
    if (r >= 0) u.after_name = rec_text(last, ENTERPRISE_NAME);
  }
  if (r < 0) return r;
  const struct unit_row *unit = unit_by_no(rq->viewer->tree, u.unit);
  if (!unit) return err_set(e, E_NOT_FOUND, "no such unit");
  if (!found) return err_set(e, E_NOMEM, "no memory for the enterprises");
  unit_path_range(unit, low, high);
  day_format(u.day, day);
  const struct val base[4] = {V_I64(rq->viewer->op), V_TEXTZ(day), V_TEXTZ(low), V_TEXTZ(high)};
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "day");
  jw_strz(&w, day);
  r = write_counts(tx, base, &w, e);
  if (r >= 0) r = read_vacancies(rq->a, tx, &u, base, found, &n, e);
  if (r >= 0) r = write_vacancies(rq, tx, &u, found, n, &w, e);
  jw_end(&w);
  if (r >= 0 && !jw_ok(&w)) r = err_set(e, E_TOO_LARGE, "the page is too large");
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- on an enterprise's page ---- */

int parties_section(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                    struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  char day[DAY_TEXT];
  int64_t held[PARTIES] = {0};
  day_format(rq->viewer->today, day);
  int r = cur_open(tx, &q_parts_of, P(V_UUID(enterprise->id), V_TEXTZ(day)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  for (size_t i = 0; i < PARTIES && r == 1; i++) held[i] = cur_i64(c, i);
  c = cur_done(c);
  jw_k(w, "day");
  jw_strz(w, day);
  write_empty(w, held);
  return page_list(rq, tx, w, &responsibility_kind, "enterprise", &enterprise->id, NULL, NULL,
                   ENTRIES_MAX, e);
}
