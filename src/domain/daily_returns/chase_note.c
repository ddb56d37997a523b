#include "domain/daily_returns/chase_note.h"

static const struct choice outcomes[] = {{"reached", "已联系上", "reached"},
                                         {"promised", "答应报送", "promised"},
                                         {"reported", "当场报送", "reported at once"},
                                         {"no_answer", "无人接听", "no answer"},
                                         {"busy", "占线", "busy"},
                                         {"wrong_number", "号码不对", "wrong number"},
                                         {"refused", "拒绝", "refused"},
                                         {0}};
static const struct field chase_fields[CHASE_FIELDS_] = {
    [CHASE_ENTERPRISE] = OF_ENTERPRISE(1),
    [CHASE_UNIT] = ITS_UNIT(2),
    [CHASE_DAY] = {3, "day", FT_DATE, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SORT,
                   .zh = "日期", .en = "Day"},
    [CHASE_OUTCOME] = {4, "outcome", FT_ENUM, FF_REQUIRED | FF_FILTER | FF_TITLE,
                       .choices = outcomes, .zh = "结果", .en = "Outcome"},
    [CHASE_PROMISE_AT] = {5, "promise_at", FT_MOMENT, FF_SORT, .zh = "约定时间",
                          .en = "Promised for"},
    [CHASE_NOTE] = {6, "note", FT_TEXT, .max = 200, .zh = "说了什么", .en = "What was said"},
    [CHASE_BY] = {7, "called_by", FT_REF, FF_FILTER, .ref = "responder", .zh = "谁打的电话",
                  .en = "Who rang"},
};

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  if (!old && rec_null(rec, CHASE_BY) && !uuid_is_nil(&c->viewer->responder))
    rec_set(rec, CHASE_BY, V_UUID(c->viewer->responder));
  if (rec_is(rec, CHASE_OUTCOME, "promised") && rec_null(rec, CHASE_PROMISE_AT))
    problem_add(ps, PROBLEM_required, S("promise_at"));
  return of_enterprise_apply(tx, c, old, rec, ps, e);
}

static const struct screen chase_note_screen = {.columns = "day outcome promise_at note called_by",
                                                .sort = "-day"};
const struct kind chase_note_kind = {
    KIND(59, "chase_note", "chase-notes", "催报记录", "Chase note", chase_fields),
    .screen = &chase_note_screen, .flags = KF_NO_RETIRE, .apply = apply};
