#include "domain/enterprises/filings.h"
#include "domain/enterprises/enterprises.h"
#include "domain/rosters/rosters.h"

/* Filing under the checklist of the day, then the check on the spot by two. What was filed stands
 * still until it is returned; what the two found comes by their actions alone. */

static struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, (struct str){text, 10}));
}

static void rule(struct problems *ps, const char *field, struct str zh, struct str en) {
  filing_refused(ps, str_from(field), zh, en);
}

/* ---- checklists ---- */

void checklist_check(const struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps) {
  (void)c, (void)old;
  if (!rec_null(rec, CHECKLIST_FROM) && !rec_null(rec, CHECKLIST_TO) &&
      rec_day(rec, CHECKLIST_TO) < rec_day(rec, CHECKLIST_FROM))
    problem_add(ps, PROBLEM_dates_reversed, S("valid_to"));
}

QUERY(q_checklist_unit, "SELECT unit FROM checklist WHERE id = $1");
QUERY(q_checklist_used,
      "SELECT count(*) FROM filing WHERE checklist = $1 AND state <> 'draft' AND retired = 0");

int checklist_item_apply(struct tx *tx, struct change *c, const struct record *old,
                         struct record *rec, struct problems *ps, struct err *e) {
  const struct val id = V_UUID(rec_uuid(rec, CITEM_CHECKLIST));
  int64_t unit = 0, used = 0;
  (void)c, (void)old;
  int r = tx_i64(tx, &q_checklist_unit, P(id), &unit, e);
  if (r == -E_NOROW) return 0;
  if (r >= 0) r = tx_i64(tx, &q_checklist_used, P(id), &used, e);
  if (r < 0) return r;
  rec_set(rec, CITEM_UNIT, V_I64(unit));
  /* a box of the filing that holds a number cannot answer by yes or in words */
  if (!rec_null(rec, CITEM_SOURCE) && !rec_is(rec, CITEM_TYPE, "number"))
    rule(ps, "filing_field", S("只有数值条目可取自备案表"),
         S("only a number is taken from the filing"));
  /* under what somebody has filed stays readable as it was */
  if (used)
    problem_text(ps, PROBLEM_in_use, S("checklist"), (struct str){0}, (struct str){0},
                 S("已有企业按此清单备案，请新建一版 / filed under already: make a new one"));
  return 0;
}

QUERY(q_in_force, "SELECT k.id, k.code FROM checklist k JOIN unit i ON i.no = k.unit "
                  "JOIN unit u ON u.no = $2 "
                  "WHERE k.op = $1 AND k.retired = 0 AND k.valid_from <= $3 "
                  "AND (k.valid_to IS NULL OR k.valid_to >= $3) "
                  "AND substr(u.path, 1, length(i.path)) = i.path "
                  "ORDER BY length(i.path) DESC, k.valid_from DESC, k.id DESC LIMIT 200");

int checklists_in_force(struct tx *tx, int64_t op, int32_t unit, struct val day, struct uuid *out,
                        size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  char codes[CHECKLISTS_IN_FORCE][164];
  int r = cur_open(tx, &q_in_force, P(V_I64(op), V_I64(unit), day), &cur, e);
  *ret_n = 0;
  while (r >= 0 && *ret_n < CHECKLISTS_IN_FORCE && (r = cur_next(cur, e)) == 1) {
    const struct str code = cur_text(cur, 1);
    bool known = false;
    for (size_t i = 0; i < *ret_n && !known; i++) known = str_is(code, codes[i]);
    if (known || code.n >= sizeof codes[0]) continue;
    memcpy(codes[*ret_n], code.p, code.n);
    codes[*ret_n][code.n] = '\0';
    out[(*ret_n)++] = cur_uuid(cur, 0);
  }
  return r < 0 ? r : 0;
}

/* ---- filing ---- */

void filing_check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  (void)rec;
  if (c->verb != CHANGE_UPDATE || c->internal || !old || str_is(old->state, "draft") ||
      str_is(old->state, "returned"))
    return;
  for (size_t f = 0; f < FILING_FIELDS_; f++)
    if (c->given[f] && f != FILING_NOTE)
      rule(ps, filing_kind.fields[f].name, S("备案已提交，退回后才能修改"),
           S("it has been filed: it can be changed once it is returned"));
}

static int pick_checklist(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                          struct err *e) {
  struct uuid in_force[CHECKLISTS_IN_FORCE], said = rec_uuid(rec, FILING_CHECKLIST);
  size_t n;
  int r = checklists_in_force(tx, c->op, rec_unit(rec, FILING_UNIT),
                              day_val(c->a, c->viewer->today), in_force, &n, e);
  if (r < 0) return r;
  if (!n) {
    rule(ps, "checklist", S("当日没有有效的复工条件清单"),
         S("no checklist is in force on this day"));
    return 0;
  }
  if (rec_null(rec, FILING_CHECKLIST)) {
    rec_set(rec, FILING_CHECKLIST, V_UUID(in_force[0]));
    return 0;
  }
  for (size_t i = 0; i < n; i++)
    if (uuid_eq(&in_force[i], &said)) return 0;
  rule(ps, "checklist", S("这一版清单今天在当地无效，请按有效的一版填写"),
       S("not in force there today: answer the one that is"));
  return 0;
}

QUERY(q_other_filings, "SELECT count(*) FROM filing WHERE enterprise = $1 AND id <> $2 AND "
                       "retired = 0 AND state IN ('filed','first_check','checked')");

static int one_at_a_time(struct tx *tx, const struct record *rec, struct problems *ps,
                         struct err *e) {
  int64_t others = 0;
  int r = tx_i64(tx, &q_other_filings, P(V_UUID(rec_uuid(rec, FILING_ENTERPRISE)), V_UUID(rec->id)),
                 &others, e);
  if (r >= 0 && others)
    rule(ps, "enterprise", S("该企业已有一份备案在核查或待批复"),
         S("another filing of it waits for its check or decision"));
  return r;
}

static int files(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                 struct err *e) {
  static const int anew[] = {FILING_RETURNED_FOR, FILING_FOUND,  FILING_FINDINGS,
                             FILING_FIRST,        FILING_SECOND, FILING_SECOND_FINDINGS,
                             FILING_CHECKED_ON};
  for (size_t i = 0; i < ARRAY_LEN(anew); i++) rec_set(rec, anew[i], V_NULL);
  rec_set(rec, FILING_FILED_ON, day_val(c->a, c->viewer->today));
  int r = one_at_a_time(tx, rec, ps, e);
  if (r >= 0) r = pick_checklist(tx, c, rec, ps, e);
  if (r < 0 || rec_null(rec, FILING_CHECKLIST)) return r;
  return filing_answers_ok(tx, c, rec, ps, e);
}

/* ---- the check on the spot ---- */

/* Null for the program itself, which is nobody's account. */
static struct val whoever(const struct change *c) {
  return uuid_is_nil(&c->viewer->user) ? V_NULL : V_UUID(c->viewer->user);
}

static int first(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                 struct err *e) {
  rec_set(rec, FILING_FIRST, whoever(c));
  rec_set(rec, FILING_SECOND, V_NULL);
  rec_set(rec, FILING_SECOND_FINDINGS, V_NULL);
  return filing_found_ok(tx, c, rec, ps, e);
}

static int second(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                  struct err *e) {
  const bool passes = str_is(rec->state, "checked");
  struct str text;
  size_t wrong;
  int r = filing_found_wrong(tx, c, rec, &wrong, &text, e);
  if (r < 0) return r;
  if (passes && wrong)
    rule(ps, "found",
         arena_printf(c->a, "第一核查人有%zu项不符，不能确认通过；请确认不通过，或提出意见不一",
                      wrong),
         arena_printf(c->a,
                      "holds %zu that do not agree: confirm that it has not passed, or disagree",
                      wrong));
  if (!passes && !wrong)
    rule(ps, "found", S("第一核查人各项都相符，不能确认不通过；请确认通过，或提出意见不一"),
         S("holds nothing that does not agree: confirm that it has passed, or disagree"));
  rec_set(rec, FILING_SECOND, whoever(c));
  rec_set(rec, FILING_CHECKED_ON, day_val(c->a, c->viewer->today));
  if (!passes) rec_set(rec, FILING_RETURNED_FOR, V_TEXT(text));
  return 0;
}

/* Begun anew by whoever goes there next; what the second said stays until then. */
static void undecided(const struct change *c, struct record *rec) {
  rec_set(rec, FILING_FOUND, V_NULL);
  rec_set(rec, FILING_FINDINGS, V_NULL);
  rec_set(rec, FILING_FIRST, V_NULL);
  rec_set(rec, FILING_SECOND, whoever(c));
  rec_set(rec, FILING_SECOND_FINDINGS, V_TEXT(c->reason));
}

int filing_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  int r = of_enterprise_apply(tx, c, old, rec, ps, e);
  if (r < 0 || !c->transition) return r;
  const struct str does = str_from(c->transition->name);
  if (str_is(does, "file")) return files(tx, c, rec, ps, e);
  if (str_is(does, "check_first")) return first(tx, c, rec, ps, e);
  if (str_is(does, "check_second") || str_is(does, "fail_check")) return second(tx, c, rec, ps, e);
  if (str_is(does, "disagree")) undecided(c, rec);
  if (str_is(does, "send_back") || str_is(does, "refuse"))
    rec_set(rec, FILING_RETURNED_FOR, V_TEXT(c->reason));
  if (str_is(does, "accept") || str_is(does, "refuse"))
    rec_set(rec, FILING_DECIDED_ON, day_val(c->a, c->viewer->today));
  return 0;
}

/* ---- the enterprise follows its filing, as far as it has not gone further already ---- */

struct follow {
  const char *state;   /* of the filing */
  const char *from[2]; /* of the enterprise */
  const char *action;
};
static const struct follow follows[] = {{"filed", {"open", "planned"}, "file"},
                                        {"checked", {"filed", "filed"}, "check"},
                                        {"returned", {"filed", "checked"}, "plan"},
                                        {"refused", {"filed", "checked"}, "plan"}};

int filing_applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  struct record *enterprise;
  const struct follow *f = NULL;
  const struct uuid id = rec_uuid(rec, FILING_ENTERPRISE);
  if (!old || str_eq(old->state, rec->state)) return 0;
  for (size_t i = 0; i < ARRAY_LEN(follows) && !f; i++)
    if (str_is(rec->state, follows[i].state)) f = &follows[i];
  if (!f) return 0;
  int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
  if (r < 0) return r;
  if (!str_is(enterprise->state, f->from[0]) && !str_is(enterprise->state, f->from[1])) return 0;
  struct change *in = change_make(c->a, c->en, c->viewer, &enterprise_kind, CHANGE_ACTION);
  in->id = id;
  in->transition = kind_transition(&enterprise_kind, str_from(f->action));
  if (!str_is(rec->state, "checked"))
    change_set(in, ENTERPRISE_PLANNED_ON, rec->v[FILING_PLANNED_ON]);
  if (strcmp(f->action, "plan") == 0) in->reason = c->reason.n ? c->reason : S("现场核查不通过");
  return change_within(tx, c, in, e);
}
