#include "core/jobs.h"
#include "notify/deadlines.h"
#include "domain/daily_returns/returns.h"
#include "domain/gate/visitor.h"
#include "domain/rosters/roster_api.h"
#include "sheets/import_inner.h"
#include "product_fixture.h"

/* The areas' jobs where something is wrong with one record, or a second operation is open: the
 * others have their turn all the same. */

#define AT(hour, minute) (INT64_C(1588867200000) + ((hour)*60 + (minute)) * MS_MINUTE) /* 8 May */

static int responder(struct product *p, int i, struct uuid *ret_id) {
  struct change *c = product_make(p, &responder_kind, CHANGE_CREATE);
  *ret_id = c->id;
  change_set(c, RESPONDER_NAME, V_TEXT(arena_printf(p->a, "试甲%d", i)));
  change_set(c, RESPONDER_PHONE, V_TEXT(arena_printf(p->a, "138%08d", i)));
  change_set(c, RESPONDER_EMPLOYER, V_I64(product_unit(p, "110102013001")));
  change_set(c, RESPONDER_CATEGORY, V_TEXTZ("cadre"));
  return product_do(p, c);
}

static int retire(struct product *p, const struct kind *k, const struct uuid *id) {
  struct change *c = product_make(p, k, CHANGE_RETIRE);
  c->id = *id;
  c->reason = S("left");
  return product_do(p, c);
}

static int script_run(struct tx *tx, void *arg, struct err *e) {
  return tx_script(tx, str_from(arg), e);
}
static int script(struct product *p, char *sql) {
  static const struct cmd_class cls = {.name = "script", .run = script_run};
  return writer_run(p->app->writer, &cls, sql, CMD_NORMAL, &p->e);
}

static int second_operation(struct product *p) {
  struct change *c = product_make(p, &operation_kind, CHANGE_CREATE);
  change_set(c, OPERATION_CODE, V_TEXTZ("second"));
  change_set(c, OPERATION_NAME, V_TEXTZ("第二行动"));
  change_set(c, OPERATION_TIMEZONE, V_TEXTZ("Asia/Shanghai"));
  change_set(c, OPERATION_BEGINS, V_TEXTZ("2020-01-01"));
  return product_do(p, c);
}

/* ---- the roster ---- */

/* n people on one shift of today, none of whom has been heard from. */
static int shift(struct product *p, int n, struct uuid *ret_last) {
  struct uuid post, id;
  int r = product_gate(p, product_unit(p, "110102013001"), "东门", &post);
  if (r < 0) return r;
  struct change *c = product_make(p, &shift_kind, CHANGE_CREATE);
  const struct uuid of = c->id;
  change_set(c, SHIFT_POST, V_UUID(post));
  change_set(c, SHIFT_DATE, V_TEXTZ("2020-05-08"));
  change_set(c, SHIFT_START, V_I64(8 * 60));
  change_set(c, SHIFT_END, V_I64(16 * 60));
  change_set(c, SHIFT_REQUIRED, V_I64(1));
  r = product_do(p, c);
  for (int i = 0; i < n && r >= 0; i++) {
    if ((r = responder(p, i, &id)) < 0) return r;
    c = product_make(p, &assignment_kind, CHANGE_CREATE);
    change_set(c, ASSIGNMENT_SHIFT, V_UUID(of));
    change_set(c, ASSIGNMENT_RESPONDER, V_UUID(id));
    r = product_do(p, c);
  }
  *ret_last = id;
  return r;
}

static int heard(struct product *p, const struct uuid *person, const char *login) {
  struct change *c = product_make(p, &account_kind, CHANGE_CREATE);
  change_set(c, ACCOUNT_LOGIN, V_TEXTZ(login));
  change_set(c, ACCOUNT_NAME, V_TEXTZ("试甲"));
  change_set(c, ACCOUNT_UNIT, V_I64(product_unit(p, "110102013001")));
  change_set(c, ACCOUNT_RESPONDER, V_UUID(*person));
  int r = product_do(p, c);
  return r < 0 ? r : script(p, (char[]){"UPDATE account SET last_seen = 1588900000000"});
}

TEST_BOTH(two_hundred_unheard_people_starve_nobody) {
  PRODUCT(p, AT(7, 0));
  struct uuid last;
  CHECK_OK(product_units(&p), &p.e);
  CHECK_OK(shift(&p, 230, &last), &p.e);
  CHECK_OK(heard(&p, &last, "heard"), &p.e);
  CHECK_OK(product_at(&p, AT(10, 0)), &p.e);
  CHECK_OK(job_by_hand(p.app, p.a, p.v->op, presence_settle, &p.e), &p.e);
  CHECK_OK(job_by_hand(p.app, p.a, p.v->op, deadlines_run, &p.e), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM assignment WHERE state = 'absent'"), 1);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM alarm WHERE state = 'open'"), 230);
}

/* ---- visitors ---- */

#define STILL_INSIDE                                                                               \
  product_count(&p, "SELECT count(*) FROM alarm WHERE code = 'visitor.inside' AND state = 'open'")

/* An alarm names a visitor to whom the register does, and a person also through a roster entry. */
TEST_BOTH(an_alarm_names_whom_its_subject_names) {
  PRODUCT(p, AT(8, 0));
  CHECK(title_names(&visitor_kind, TITLE_DEPTH) == kind_right(&visitor_kind, VERB_NAMES));
  CHECK(title_names(&assignment_kind, TITLE_DEPTH) == kind_right(&responder_kind, VERB_NAMES));
  CHECK(title_names(&post_kind, TITLE_DEPTH) == RIGHT_NONE);
}

TEST_BOTH(a_visitor_still_inside_after_the_day_is_said_until_he_leaves) {
  PRODUCT(p, AT(10, 0));
  struct uuid post;
  CHECK_OK(product_units(&p), &p.e);
  CHECK_OK(product_gate(&p, product_unit(&p, "110102013001"), "东门", &post), &p.e);
  struct change *c = product_make(&p, &visitor_kind, CHANGE_CREATE);
  const struct uuid id = c->id;
  change_set(c, VISITOR_POST, V_UUID(post));
  change_set(c, VISITOR_NAME, V_TEXTZ("试访甲"));
  change_set(c, VISITOR_TEMPERATURE, V_I64(365));
  change_set(c, VISITOR_OUTCOME, V_TEXTZ("admitted"));
  change_set(c, VISITOR_BEEN_EPIDEMIC, V_I64(0));
  change_set(c, VISITOR_CLOSE_CONTACT, V_I64(0));
  change_set(c, VISITOR_SYMPTOMS, V_I64(0));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_OK(product_at(&p, AT(23, 0)), &p.e);
  CHECK_OK(job_by_hand(p.app, p.a, p.v->op, deadlines_run, &p.e), &p.e);
  CHECK_EQ_I64(STILL_INSIDE, 0);
  CHECK_OK(product_at(&p, AT(24, 1)), &p.e);
  CHECK_OK(job_by_hand(p.app, p.a, p.v->op, deadlines_run, &p.e), &p.e);
  CHECK_EQ_I64(STILL_INSIDE, 1);
  c = product_make(&p, &visitor_kind, CHANGE_ACTION);
  c->id = id;
  c->transition = kind_transition(&visitor_kind, S("leave"));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(STILL_INSIDE, 0);
}

/* ---- imports ---- */

TEST_BOTH(an_import_whose_process_is_gone_is_broken_off_with_what_it_did) {
  PRODUCT(p, AT(10, 0));
  struct uuid id, person;
  struct import_undone undone;
  CHECK_OK(product_units(&p), &p.e);
  CHECK_OK(import_begin(p.app, p.v, p.a, &responder_kind, S("一批.xlsx"), &id, &p.e), &p.e);
  CHECK_OK(responder(&p, 1, &person), &p.e);
  CHECK_OK(script(&p, arena_strz(p.a, arena_printf(p.a,
                                                   "INSERT INTO import_row (import, row, n, kind, "
                                                   "id, created, rev) SELECT i.id, 2, 0, %d, r.id, "
                                                   "1, r.rev FROM import_run i, responder r",
                                                   (int)responder_kind.no))),
           &p.e);
  CHECK_OK(product_at(&p, AT(10, 9)), &p.e);
  CHECK_OK(job_by_hand(p.app, p.a, 0, imports_lost, &p.e), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM import_run WHERE state = 'running'"), 1);
  CHECK_OK(product_at(&p, AT(10, 11)), &p.e);
  CHECK_OK(job_by_hand(p.app, p.a, 0, imports_lost, &p.e), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT rows * 100 + created * 10 + updated FROM import_run "
                                 "WHERE state = 'broken_off'"),
               110);
  CHECK_OK(import_undo(p.app, p.v, p.a, &id, &undone, &p.e), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM responder WHERE retired = 0"), 0);
}

/* ---- returns ---- */

static int template(struct product *p) {
  struct change *c = product_make(p, &return_template_kind, CHANGE_CREATE);
  const struct uuid id = c->id;
  change_set(c, TEMPLATE_RETURN_CODE, V_TEXTZ("trial"));
  change_set(c, TEMPLATE_RETURN_VERSION, V_I64(1));
  change_set(c, TEMPLATE_RETURN_NAME, V_TEXTZ("防疫日报"));
  change_set(c, TEMPLATE_RETURN_NAME_EN, V_TEXTZ("Daily return"));
  change_set(c, TEMPLATE_RETURN_UNIT, V_I64(product_unit(p, "110102000000")));
  change_set(c, TEMPLATE_RETURN_FROM, V_TEXTZ("2020-05-08"));
  change_set(c, TEMPLATE_RETURN_DEADLINE, V_I64(16 * 60));
  change_set(c, TEMPLATE_RETURN_CUTOFF, V_I64(15 * 60));
  change_set(c, TEMPLATE_RETURN_WEEKDAYS, V_TEXTZ("1234567"));
  int r = product_do(p, c);
  if (r < 0) return r;
  c = product_make(p, &template_field_kind, CHANGE_CREATE);
  change_set(c, TFIELD_TEMPLATE, V_UUID(id));
  change_set(c, TFIELD_CODE, V_TEXTZ("fever"));
  change_set(c, TFIELD_ORDER, V_I64(1));
  change_set(c, TFIELD_ZH, V_TEXTZ("新发热人数"));
  change_set(c, TFIELD_EN, V_TEXTZ("New fevers"));
  change_set(c, TFIELD_DEFINITION, V_TEXTZ("当日新增"));
  change_set(c, TFIELD_DEFINITION_EN, V_TEXTZ("of the day"));
  r = product_do(p, c);
  if (r < 0) return r;
  c = product_make(p, &return_template_kind, CHANGE_ACTION);
  c->id = id;
  c->transition = kind_transition(&return_template_kind, S("publish"));
  return product_do(p, c);
}

static int enterprise(struct product *p, const char *name, const struct uuid *caller) {
  struct change *c = product_make(p, &enterprise_kind, CHANGE_CREATE);
  change_set(c, ENTERPRISE_NAME, V_TEXTZ(name));
  change_set(c, ENTERPRISE_UNIT, V_I64(product_unit(p, "110102013001")));
  change_set(c, ENTERPRISE_REGISTERED_ON, V_TEXTZ("2020-05-01"));
  if (caller) change_set(c, ENTERPRISE_CALLER, V_UUID(*caller));
  return product_do(p, c);
}

/* Enterprises that were there before the template: the job alone makes their rows. */
static int returns_case(struct product *p, struct uuid *ret_caller) {
  int r = product_units(p);
  if (r >= 0) r = responder(p, 1, ret_caller);
  if (r >= 0) r = enterprise(p, "甲公司", NULL);
  if (r >= 0) r = enterprise(p, "乙公司", ret_caller);
  if (r >= 0) r = enterprise(p, "丙公司", NULL);
  return r < 0 ? r : template(p);
}

#define DUE(more)                                                                                  \
  product_count(&p, "SELECT count(*) FROM daily_return WHERE state = 'missing'" more)

TEST_BOTH(a_caller_who_left_empties_no_list) {
  PRODUCT(p, AT(9, 0));
  struct uuid caller;
  CHECK_OK(returns_case(&p, &caller), &p.e);
  CHECK_OK(retire(&p, &responder_kind, &caller), &p.e);
  CHECK_OK(jobs_create(p.app, modules, &p.app->jobs, &p.e), &p.e);
  CHECK_OK(jobs_run_due(p.app->jobs, true, &p.e), &p.e);
  CHECK_EQ_I64(DUE(""), 3);
  CHECK_EQ_I64(DUE(" AND caller IS NOT NULL"), 0);
}

TEST_BOTH(a_second_operation_stops_no_job) {
  PRODUCT(p, AT(9, 0));
  struct uuid caller, last;
  CHECK_OK(returns_case(&p, &caller), &p.e);
  CHECK_OK(shift(&p, 3, &last), &p.e);
  CHECK_OK(second_operation(&p), &p.e);
  CHECK_OK(jobs_create(p.app, modules, &p.app->jobs, &p.e), &p.e);
  CHECK_OK(jobs_run_due(p.app->jobs, true, &p.e), &p.e);
  CHECK_EQ_I64(DUE(""), 3);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM alarm WHERE code = 'no_show'"), 3);
}
