#include "domain/enterprises/responsibilities.h"
#include "api/page.h"
#include "base/limits.h"

static const struct choice party_choices[] = {
    {"locality", "属地责任", "the locality"},
    {"department", "部门责任", "the competent department"},
    {"employer", "单位责任", "the employer"},
    {"individual", "个人责任", "the individual"},
    {0}};
static const struct field fields[RESPONSIBILITY_FIELDS_] = {
    [RESPONSIBILITY_ENTERPRISE] = OF_ENTERPRISE(1),
    [RESPONSIBILITY_UNIT] = ITS_UNIT(2),
    [RESPONSIBILITY_PARTY] = {3, "party", FT_ENUM, FF_REQUIRED | FF_FILTER | FF_TITLE,
                              .choices = party_choices, .zh = "责任方", .en = "Party"},
    [RESPONSIBILITY_BODY] = {4, "body", FT_TEXT, FF_REQUIRED | FF_TITLE, .max = 80, .zh = "单位",
                             .en = "Body"},
    [RESPONSIBILITY_PERSON] = {5, "person", FT_TEXT, FF_PERSONAL, .max = 40, .mask = MASK_NAME,
                               .zh = "责任人", .en = "Person"},
    [RESPONSIBILITY_PHONE] = {6, "phone", FT_PHONE, FF_SEALED, .mask = MASK_PHONE, .zh = "电话",
                              .en = "Phone"},
    [RESPONSIBILITY_TEXT] = {7, "duty", FT_TEXT, FF_REQUIRED, .max = 200, .zh = "职责",
                             .en = "Duty"},
    [RESPONSIBILITY_FROM] = {8, "from_on", FT_DATE, .zh = "起", .en = "From"},
    [RESPONSIBILITY_TO] = {9, "to_on", FT_DATE, .zh = "止", .en = "To"},
};

static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  (void)c, (void)old;
  dates_in_order(rec, RESPONSIBILITY_FROM, RESPONSIBILITY_TO, ps);
}

/* Whose part it is on a day is read from the dates: without a first one it begins today. */
static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  if (!old && rec_null(rec, RESPONSIBILITY_FROM) &&
      (rec_null(rec, RESPONSIBILITY_TO) || rec_day(rec, RESPONSIBILITY_TO) >= change_day(c)))
    rec_set(rec, RESPONSIBILITY_FROM, day_val(c->a, change_day(c)));
  return of_enterprise_apply(tx, c, old, rec, ps, e);
}

static const struct screen responsibility_screen = {
    .columns = "party body person phone duty from_on to_on unit", .quick = "party"};
const struct kind responsibility_kind = {.no = 65,
                                         .name = "responsibility",
                                         .plural = "responsibilities",
                                         .zh = "四方责任",
                                         .en = "Responsibility",
                                         .screen = &responsibility_screen,
                                         FIELDS(fields),
                                         .check = check,
                                         .apply = apply};

/* ---- whose part nobody holds ---- */

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
  jw_karray(w, "empty");
  for (size_t i = 0; i < PARTIES; i++)
    if (held[i] == 0) jw_strz(w, parties[i]);
  jw_end(w);
}

/* ---- where nobody answers ---- */

struct unanswered {
  struct branch b;
  struct uuid after;
  int64_t limit;
  struct str party, q, after_name;
};

static int write_counts(struct tx *tx, const struct branch *b, struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_counts, P(b->op, b->on, b->low, b->high), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  jw_kobject(w, "counts");
  jw_ki64(w, "enterprises", cur_i64(c, 0));
  jw_ki64(w, "unanswered", cur_i64(c, 5));
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
                          struct vacancy *out, size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_unanswered,
                   P(u->b.op, u->b.on, u->b.low, u->b.high, V_TEXT(name_like(a, u->q)),
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
  jw_karray(w, "items");
  for (size_t i = 0; i < shown && r >= 0; i++) {
    if (!recs[i] || !record_visible(rq->viewer, recs[i])) continue;
    jw_object(w);
    jw_k(w, "enterprise");
    r = emit_record(&em, w, recs[i], e);
    write_empty(w, found[i].held);
    jw_end(w);
  }
  jw_end(w);
  jw_kuuid(w, "next", more ? &found[shown - 1].id : NULL);
  return r;
}

int unanswered_get(struct rq *rq, struct jw *w, struct err *e) {
  struct unanswered u = {.party = rq_arg(rq, "party"), .q = str_trim(rq_arg(rq, "q"))};
  struct vacancy *found = arena_array(rq->a, struct vacancy, LIMIT_PAGE + 1);
  struct record *last;
  size_t n = 0;
  bool known = !u.party.n;
  if (!found) return err_set(e, E_NOMEM, "no memory for the enterprises");
  for (size_t i = 0; i < PARTIES; i++) known |= str_is(u.party, parties[i]);
  if (!known)
    problem_text(&rq->problems, PROBLEM_not_in_list, S("party"),
                 S("locality, department, employer, individual"), u.party,
                 S("属地、部门、单位、个人"));
  rq_page(rq, &u.after, &u.limit);
  int r = rq_branch(rq, "responsibility.read", &u.b, e);
  if (r >= 0 && !uuid_is_nil(&u.after)) {
    r = record_get(rq->tx, rq->a, rq->viewer, &enterprise_kind, &u.after, &last, e);
    if (r >= 0) u.after_name = rec_text(last, ENTERPRISE_NAME);
  }
  if (r < 0) return r;
  jw_object(w);
  jw_kstr(w, "day", u.b.day_text);
  r = write_counts(rq->tx, &u.b, w, e);
  if (r >= 0) r = read_vacancies(rq->a, rq->tx, &u, found, &n, e);
  if (r >= 0) r = write_vacancies(rq, rq->tx, &u, found, n, w, e);
  jw_end(w);
  if (r >= 0 && !jw_ok(w)) r = err_set(e, E_TOO_LARGE, "the page is too large");
  return r;
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
  jw_kstrz(w, "day", day);
  write_empty(w, held);
  return page_list(rq, tx, w, &responsibility_kind, "enterprise", &enterprise->id, NULL, NULL,
                   ENTRIES_MAX, e);
}
