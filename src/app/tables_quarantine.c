#include "app/alarms.h"
#include "app/batch.h"
#include "app/quarantine.h"

static const struct choice reasons[] = {
    {"device_revoked", "设备已停用", "the device was revoked"},
    {"author_revoked", "留名已取消", "the author's proof was taken back"},
    {"author_expired", "留名已过期", "the author's proof had run out"},
    {"author_closed", "账号已停用", "the author's account is closed"},
    {"author_unknown", "不知何人所写", "nobody knows who wrote it"},
    {"unreadable", "无法打开", "it cannot be opened"},
    {0}};

static const struct field fields[HELD_FIELDS_] = {
    [HELD_UNIT] = {.no = 1,
                   .name = "unit",
                   .type = FT_UNIT,
                   .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER,
                   .zh = "单位",
                   .en = "Unit"},
    [HELD_DEVICE] = {.no = 2,
                     .name = "device",
                     .type = FT_REF,
                     .ref = "device",
                     .flags = FF_SYSTEM | FF_FILTER | FF_TITLE,
                     .zh = "设备",
                     .en = "Device"},
    [HELD_ACCOUNT] = {.no = 3,
                      .name = "account",
                      .type = FT_REF,
                      .ref = "account",
                      .flags = FF_SYSTEM | FF_FILTER,
                      .zh = "书写人",
                      .en = "Written by"},
    [HELD_REASON] = {.no = 4,
                     .name = "reason",
                     .type = FT_ENUM,
                     .choices = reasons,
                     .flags = FF_SYSTEM | FF_FILTER | FF_TITLE,
                     .zh = "留置原因",
                     .en = "Held because"},
    [HELD_WHAT] = {.no = 5,
                   .name = "what",
                   .type = FT_TEXT,
                   .max = 220,
                   .flags = FF_SYSTEM | FF_FILTER,
                   .zh = "内容种类",
                   .en = "What it is"},
    [HELD_CONTENT] = {.no = 6,
                      .name = "content",
                      .type = FT_LONGTEXT,
                      .max = 20000,
                      .mask = MASK_ALL,
                      .flags = FF_SYSTEM | FF_SEALED,
                      .zh = "内容",
                      .en = "Content"},
    [HELD_SEQ] = {.no = 7,
                  .name = "device_seq",
                  .type = FT_INT,
                  .flags = FF_SYSTEM | FF_SORT,
                  .zh = "手机序号",
                  .en = "The phone's number"},
    [HELD_WRITTEN_AT] = {.no = 8,
                         .name = "written_at",
                         .type = FT_MOMENT,
                         .flags = FF_SYSTEM | FF_SORT,
                         .zh = "手机上书写时间",
                         .en = "Written at, by the phone"},
    [HELD_CLOCK_OFFSET] = {.no = 9,
                           .name = "clock_offset_ms",
                           .type = FT_INT,
                           .min = -INT64_C(4000000000000),
                           .max = INT64_C(4000000000000),
                           .flags = FF_SYSTEM,
                           .zh = "时钟差（毫秒）",
                           .en = "Clock offset (ms)"},
    [HELD_NOTE] =
        {.no = 10, .name = "note", .type = FT_TEXT, .max = 200, .zh = "说明", .en = "Note"},
    [HELD_RESULT] = {.no = 11,
                     .name = "result",
                     .type = FT_TEXT,
                     .max = 80,
                     .flags = FF_SYSTEM,
                     .zh = "办理结果",
                     .en = "What came of it",
                     .zh_help = "放行后生成的记录",
                     .en_help = "The record that the release made"},
};

static const struct state states[] = {{"held", "待处理", "Held"},
                                      {"released", "已放行", "Released"},
                                      {"discarded", "已作废", "Discarded"},
                                      {0}};
static const struct transition transitions[] = {{.name = "release",
                                                 .zh = "放行",
                                                 .en = "Release",
                                                 .from = "held",
                                                 .to = "released",
                                                 .right = "quarantine.release",
                                                 .takes = "note"},
                                                {.name = "discard",
                                                 .zh = "作废",
                                                 .en = "Discard",
                                                 .from = "held",
                                                 .to = "discarded",
                                                 .right = "quarantine.release",
                                                 .needs = "note"},
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
    problem_text(ps, PROBLEM_rule, S("content"), S(""),
                 c->viewer->zh ? S("无法打开的内容不能放行，只能作废")
                               : S("what cannot be opened cannot be released, only discarded"),
                 S(""));
    return 0;
  }
  int r = record_plain(c->en->sealer, open, HELD_CONTENT, c->a, e);
  if (r < 0) return r;
  problems_init(&found, c->a);
  r = batch_request_read(c->a, rec_text(open, HELD_CONTENT), &rq, e);
  if (r < 0) return r;
  rq.id = rec->id;
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

static const char *const indexes[] = {"device, state", "state, unit", NULL};
const struct kind quarantine_kind = {.no = 46,
                                     .name = "quarantine",
                                     .plural = "quarantines",
                                     .zh = "留置内容",
                                     .en = "Quarantined item",
                                     .flags = KF_NO_API | KF_NO_RETIRE,
                                     FIELDS(fields),
                                     .states = states,
                                     .transitions = transitions,
                                     .indexes = indexes,
                                     .apply = apply};

const struct alarm_type alarm_quarantine = {
    .no = 60,
    .code = "quarantine",
    .zh = "{subject} 发来的内容被留置（{value}），请查看并放行或作废",
    .en = "What {subject} sent is quarantined ({value}): release or discard it",
    .owner_role = "lead",
    .escalate_ms = 120 * MS_MINUTE,
    .severity = 2};
