#include "core/operation.h"
#include "base/log.h"
#include <stdlib.h>

/* Sources: the rules of 2020 in force in Beijing (temperature line of the workplace rules,
 * fourteen days counted from arrival, household pass of three hours every two days). */
const struct policy_key policy_keys[] = {
    {"temp_threshold", "体温阈值", "temperature threshold", "temp", 373, 350, 420, 1,
     "达到或超过即不得上岗、入内", "at or above: kept off the post, not admitted"},
    {"temp_low", "复测下限", "re-measure below", "temp", 350, 340, 370, 1, "低于此值须复测",
     "below: measure again"},
    {"sign_in_early_minutes", "可提前签到（分钟）", "sign-in opens before (minutes)", "minutes", 60,
     0, 720, 0, "班次开始前", "before the shift begins"},
    {"late_grace_minutes", "迟到宽限（分钟）", "late grace (minutes)", "minutes", 15, 0, 240, 0,
     "过此时间仍未签到：有联系为缺勤，无联系为未联系上",
     "then absent if heard from, else not heard from"},
    {"shift_max_hours", "单日最长值守（小时）", "longest duty a day (hours)", "hours", 8, 1, 24, 0,
     "志愿者原则上每日不超过8小时", "at most 8 h a day in principle"},
    {"shift_max_days", "连续值守几天后休息", "rest after (days on duty)", "days", 6, 1, 31, 0,
     "连续值守超过此天数即提示", "said where somebody stands longer without a day of rest"},
    {"photo_keep_days", "在岗照保留（天）", "on-duty photos kept (days)", "days", 3, 0, 30, 0,
     "短期内删除", "deleted on a short schedule"},
    {"observation_days", "居家观察天数", "days of observation", "days", 14, 1, 60, 0,
     "自到达之日起计", "counted from the day of arrival"},
    {"observation_first_day", "到达日为第几天", "the arrival day is day", "days", 1, 0, 1, 0,
     "到达日算第1天", "day 1 is the day of arrival"},
    {"observation_release_after", "期满后第几天解除", "released after the last day by", "days", 1,
     0, 7, 0, "最后一天的次日解除", "the day after the last day"},
    {"pass_household_days", "每户几天可出门一次", "household exit every (days)", "days", 2, 0, 14,
     0, "每户每两天一人，0为不限", "one person every two days; 0: no limit"},
    {"pass_household_minutes", "每次外出时限（分钟）", "longest exit (minutes)", "minutes", 180, 0,
     1440, 0, "不超过三小时，0为不限", "at most three hours; 0: no limit"},
    {"gate_temperature", "卡口测温", "temperature at the gate", "", 1, 0, 1, 0, "1测温，0免测",
     "1: measured, 0: skipped"},
    {"gate_same_pass_minutes", "同证重复使用判定（分钟）", "double use within (minutes)", "minutes",
     240, 1, 1440, 0, "同一出入证在此时间内于不同卡口同方向使用即为冲突",
     "the same pass, the same way, at two gates within this time is a clash"},
    {"return_deadline_minute", "日报截止（时刻，分钟）", "daily return due (minute of day)",
     "minutes", 1020, 0, 1440, 0, "17:00", "17:00"},
    {0}};

static const struct policy_key *key_find(const char *key) {
  for (const struct policy_key *k = policy_keys; k->key; k++)
    if (strcmp(k->key, key) == 0) return k;
  return NULL;
}

QUERY(q_operations, "SELECT no, id, code, name, timezone, begins, ends, state FROM operation "
                    "WHERE retired = 0 ORDER BY no");
QUERY(q_policies, "SELECT o.no, p.key, p.effective_from, p.value FROM policy_rule p "
                  "JOIN operation o ON o.id = p.operation WHERE p.retired = 0 "
                  "ORDER BY o.no, p.key, p.effective_from");

static void copy_text(char *out, size_t max, struct str s) {
  if (s.n >= max) s.n = max - 1;
  memcpy(out, s.p ? s.p : "", s.n);
  out[s.n] = '\0';
}

static int read_operations(struct tx *tx, struct operation *list, size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  int r = cur_open(tx, &q_operations, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (n == OPERATIONS_MAX) return err_set(e, E_TOO_LARGE, "too many operations");
    struct operation *o = &list[n++];
    *o = (struct operation){.no = cur_i64(c, 0), .id = cur_uuid(c, 1), .ends = INT32_MAX};
    copy_text(o->code, sizeof o->code, cur_text(c, 2));
    copy_text(o->name, sizeof o->name, cur_text(c, 3));
    copy_text(o->zone_name, sizeof o->zone_name, cur_text(c, 4));
    o->zone = zone_get(o->zone_name);
    if (!o->zone) o->zone = zone_get("Asia/Shanghai");
    if (day_parse(cur_text(c, 5), &o->begins) < 0) o->begins = INT32_MIN;
    if (day_parse(cur_text(c, 6), &o->ends) < 0) o->ends = INT32_MAX;
    o->open = str_is(cur_text(c, 7), "open");
  }
  *ret_n = n;
  return r < 0 ? r : 0;
}

static int read_rules(struct tx *tx, struct arena *a, struct operation *list, size_t n,
                      struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t at = 0;
  int r = cur_open(tx, &q_policies, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    while (at < n && list[at].no < cur_i64(c, 0)) at++;
    if (at == n) break;
    struct operation *o = &list[at];
    if (o->no != cur_i64(c, 0)) continue;
    if (o->n_rules == POLICY_RULES_MAX) return err_field(e, E_TOO_LARGE, "too many rules", o->code);
    if (!o->rules) o->rules = arena_array(a, struct policy_value, POLICY_RULES_MAX);
    struct policy_value *v = &o->rules[o->n_rules];
    copy_text(v->key, sizeof v->key, cur_text(c, 1));
    if (day_parse(cur_text(c, 2), &v->from) < 0) v->from = o->begins;
    v->value = cur_i64(c, 3);
    o->n_rules++;
  }
  return r < 0 ? r : 0;
}

static int load(struct app *app, struct tx *tx, struct arena *a, void **ret_data, struct err *e) {
  struct operations *all = arena_new(a, struct operations);
  (void)app;
  all->list = arena_array(a, struct operation, OPERATIONS_MAX);
  int r = read_operations(tx, all->list, &all->n, e);
  if (r >= 0) r = read_rules(tx, a, all->list, all->n, e);
  *ret_data = all;
  return r;
}

const struct snapshot_type operations_snapshot = {
    .name = "operations", .kinds = "operation policy_rule", .load = load};

int64_t policy(struct app *app, int64_t op, const char *key, int32_t day) {
  const struct policy_key *k = key_find(key);
  if (!k) {
    log_error("unknown_policy_key", "key=%s", key);
    abort();
  }
  int64_t value = k->initial;
  OPERATIONS(app, all);
  for (size_t i = 0; i < all->n; i++) {
    const struct operation *o = &all->list[i];
    if (o->no != op) continue;
    for (size_t j = 0; j < o->n_rules; j++)
      if (strcmp(o->rules[j].key, key) == 0 && o->rules[j].from <= day) value = o->rules[j].value;
  }
  return value;
}

static void operation_copy(struct operation *to, const struct operation *from) {
  *to = *from;
  to->rules = NULL; /* rules are asked through policy() */
  to->n_rules = 0;
}

int operation_get(struct app *app, int64_t no, struct operation *ret_op, struct err *e) {
  size_t open = 0;
  const struct operation *found = NULL;
  OPERATIONS(app, all);
  for (size_t i = 0; i < all->n; i++) {
    const struct operation *o = &all->list[i];
    if (no ? o->no == no : o->open) {
      found = o;
      open++;
    }
  }
  if (open == 1) operation_copy(ret_op, found);
  if (open == 0) return err_set(e, E_NOT_FOUND, "there is no such operation");
  if (open > 1) return err_set(e, E_INVALID, "several operations are open: name one");
  return 0;
}

int operation_by_code(struct app *app, struct str code, struct operation *ret_op, struct err *e) {
  OPERATIONS(app, all);
  for (size_t i = 0; i < all->n; i++) {
    if (!str_is(code, all->list[i].code)) continue;
    operation_copy(ret_op, &all->list[i]);
    return 0;
  }
  return err_set(e, E_NOT_FOUND, "there is no such operation");
}

size_t operations_open(struct app *app, int64_t out[OPERATIONS_MAX]) {
  size_t n = 0;
  OPERATIONS(app, all);
  for (size_t i = 0; i < all->n; i++)
    if (all->list[i].open) out[n++] = all->list[i].no;
  return n;
}

int32_t operation_today(struct app *app, const struct operation *op) {
  return zone_day(op->zone, clock_now_ms(&app->clock), NULL);
}
