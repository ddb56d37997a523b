#include "notify/alarms.h"
#include "sync/batch.h"
#include "sync/quarantine.h"

static const struct choice reasons[] = {
    {"device_revoked", "设备已停用", "the device was revoked"},
    {"author_revoked", "留名已取消", "the author's proof was taken back"},
    {"author_expired", "留名已过期", "the author's proof had run out"},
    {"author_closed", "账号已停用", "the author's account is closed"},
    {"author_unknown", "不知何人所写", "nobody knows who wrote it"},
    {"unreadable", "无法打开", "it cannot be opened"},
    {"content_changed", "同一编号已有其他内容", "its number stands for something else already"},
    {"conflict", "与现有内容冲突", "it clashes with what stands there"},
    {0}};

static const struct field fields[HELD_FIELDS_] = {
    [HELD_UNIT] = {1, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "单位",
                   .en = "Unit"},
    [HELD_DEVICE] = {2, "device", FT_REF, FF_SYSTEM | FF_FILTER | FF_TITLE, .ref = "device",
                     .zh = "设备", .en = "Device"},
    [HELD_ACCOUNT] = {3, "account", FT_REF, FF_SYSTEM | FF_FILTER, .ref = "account", .zh = "书写人",
                      .en = "Written by"},
    [HELD_REASON] = {4, "reason", FT_ENUM, FF_SYSTEM | FF_FILTER | FF_TITLE, .choices = reasons,
                     .zh = "留置原因", .en = "Held because"},
    [HELD_WHAT] = {5, "what", FT_TEXT, FF_SYSTEM | FF_FILTER, .max = 220, .zh = "内容种类",
                   .en = "What it is"},
    [HELD_CONTENT] = {6, "content", FT_LONGTEXT, FF_SYSTEM | FF_SEALED, .max = 20000,
                      .mask = MASK_ALL, .zh = "内容", .en = "Content"},
    [HELD_SEQ] = {7, "device_seq", FT_INT, FF_SYSTEM | FF_SORT, .zh = "手机序号",
                  .en = "The phone's number"},
    [HELD_WRITTEN_AT] = {8, "written_at", FT_MOMENT, FF_SYSTEM | FF_SORT | FF_INDEX,
                         .zh = "手机上书写时间", .en = "Written at, by the phone"},
    [HELD_CLOCK_OFFSET] = {9, "clock_offset_ms", FT_INT, FF_SYSTEM, .min = -INT64_C(4000000000000),
                           .max = INT64_C(4000000000000), .zh = "时钟差（毫秒）",
                           .en = "Clock offset (ms)"},
    [HELD_NOTE] = {10, "note", FT_TEXT, .max = 200, .zh = "说明", .en = "Note"},
    [HELD_RESULT] = {11, "result", FT_TEXT, FF_SYSTEM, .max = 80, .zh = "办理结果",
                     .en = "What came of it", .zh_help = "放行后生成的记录",
                     .en_help = "The record that the release made"},
};

static const struct state states[] = {{"held", "待处理", "Held"},
                                      {"released", "已放行", "Released"},
                                      {"discarded", "已作废", "Discarded"},
                                      {0}};
static const struct transition transitions[] = {
    {"release", "放行", "Release", "held", "released", .right = "quarantine.release",
     .takes = "note", .flags = TR_ONLINE},
    {"discard", "作废", "Discard", "held", "discarded", .right = "quarantine.release",
     .needs = "note", .flags = TR_ONLINE},
    {0}};

/* ---- releasing ---- */

static void pass_on(struct problems *ps, struct arena *a, const struct problems *from) {
  for (const struct problem *p = from->first; p; p = p->next)
    if (!p->warning)
      problem_text(ps, p->code,
                   p->field.n ? arena_printf(a, "content." STR_FMT, STR_ARG(p->field))
                              : S("content"),
                   p->limit, p->value, p->other);
}

/* What the author had brought in before he was revoked is there already. */
static int there(struct tx *tx, const struct change *inner, const struct record *held,
                 bool *ret_there, struct err *e) {
  struct record *rec;
  *ret_there = false;
  if (inner->verb != CHANGE_CREATE) return 0;
  int r = record_load(tx, inner->a, inner->kind, inner->op, &inner->id, &rec, e);
  if (r == -E_NOROW) return 0;
  const struct uuid account = rec_uuid(held, HELD_ACCOUNT);
  if (r == 0) *ret_there = !uuid_is_nil(&account) && uuid_eq(&rec->created_by, &account);
  return r;
}

static int carry_out(struct tx *tx, struct change *c, struct record *rec, struct change *inner,
                     struct problems *ps, struct err *e) {
  bool done = false;
  struct err own = {0};
  char id[UUID_TEXT];
  inner->source = "quarantine";
  inner->at_ms = c->at_ms;
  inner->device = rec_uuid(rec, HELD_DEVICE);
  inner->device_seq = rec_i64(rec, HELD_SEQ);
  inner->clock_offset_ms = rec_i64(rec, HELD_CLOCK_OFFSET);
  inner->written_ms = rec_i64(rec, HELD_WRITTEN_AT);
  int r = there(tx, inner, rec, &done, e);
  if (r >= 0 && !done) {
    r = change_ready(inner, &own);
    if (r >= 0) r = change_run(tx, inner, &own);
    if (r < 0 && problems_any(&inner->problems)) {
      pass_on(ps, c->a, &inner->problems);
      return 0;
    }
    if (r < 0 && e) *e = own;
  }
  if (r < 0) return r;
  uuid_format(inner->result ? &inner->result->id : &inner->id, id);
  rec_set(rec, HELD_RESULT,
          V_TEXT(arena_printf(c->a, "%s/%s%s", inner->kind->plural, id, done ? " =" : "")));
  return 0;
}

static int release(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                   struct err *e) {
  struct record *open = record_copy(c->a, rec);
  struct batch_request rq;
  struct change *inner;
  struct problems found;
  struct err own = {0};
  if (rec_is(rec, HELD_REASON, "unreadable")) {
    problem_rule(ps, S("content"), S("无法打开的内容不能放行，只能作废"),
                 S("what cannot be opened cannot be released, only discarded"));
    return 0;
  }
  int r = record_plain(c->en->sealer, open, HELD_CONTENT, c->a, e);
  if (r < 0) return r;
  problems_init(&found, c->a);
  r = batch_request_read(c->a, rec_text(open, HELD_CONTENT), &rq, e);
  if (r < 0) return r;
  rq.id = rec->id;
  /* Whoever releases it has seen both sides: it is carried out over what stands there, and what has
   * another's number gets one of its own. */
  const bool same_id = rec_is(rec, HELD_REASON, "content_changed");
  if (same_id || rec_is(rec, HELD_REASON, "conflict")) json_object_del(rq.body, "rev");
  if (same_id) json_object_del(rq.body, "id");
  r = batch_change(change_app(c), c->a, c->viewer, &rq, &inner, &found, &own);
  if (inner) pass_on(ps, c->a, &inner->problems);
  pass_on(ps, c->a, &found);
  if (r < 0 && problems_any(ps)) return 0;
  if (r < 0) {
    if (e) *e = own;
    return r;
  }
  return carry_out(tx, c, rec, inner, ps, e);
}

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  if (!old || c->verb != CHANGE_ACTION || !str_is(rec->state, "released")) return 0;
  return release(tx, c, rec, ps, e);
}

QUERY(q_held_still, "SELECT count(*) FROM quarantine WHERE op = $1 AND state = 'held' "
                    "AND (device = $2 OR (device IS NULL AND $3 = 1))");

/* The last one of a phone has been seen to: its alarm ends. */
static int applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  const bool unknown = rec_null(rec, HELD_DEVICE);
  int64_t n = 0;
  if (!old || !str_is(old->state, "held") || str_is(rec->state, "held")) return 0;
  int r = tx_i64(tx, &q_held_still,
                 P(V_I64(c->op), V_UUID(rec_uuid(rec, HELD_DEVICE)), V_I64(unknown)), &n, e);
  if (r < 0 || n) return r;
  const struct alarm al = {.type = &alarm_quarantine,
                           .op = c->op,
                           .subject_kind = unknown ? NULL : &device_kind,
                           .subject_id = rec_uuid(rec, HELD_DEVICE),
                           .cause = unknown ? S("unknown") : S("")};
  return alarm_clear(tx, c, &al, e);
}

static const char *const indexes[] = {"device, state", "state, unit", NULL};
static const struct screen quarantine_screen = {.columns = "written_at device reason what unit",
                                                .sort = "-written_at",
                                                .good = "released",
                                                .wait = "held"};
static const struct owner owner = {.unit = "unit", .role = "lead", .states = "held"};
const struct kind quarantine_kind = {
    KIND(46, "quarantine", "quarantines", "留置内容", "Quarantined item", fields),
    .screen = &quarantine_screen,
    .flags = KF_NO_API | KF_NO_RETIRE,
    .states = states,
    .owner = &owner,
    .transitions = transitions,
    .indexes = indexes,
    .apply = apply,
    .applied = applied};

const struct alarm_type alarm_quarantine = {
    .no = 60,
    .code = "quarantine",
    .zh = "{subject} 发来的内容被留置（{value}），请查看并放行或作废",
    .en = "What {subject} sent is quarantined ({value}): release or discard it",
    .owner_role = "lead",
    .escalate_ms = 120 * MS_MINUTE,
    .severity = 2};
