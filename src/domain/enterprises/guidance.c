#include "domain/enterprises/guidance.h"

static const struct field guidance_fields[GUIDANCE_FIELDS_] = {
    [GUIDANCE_ENTERPRISE] = OF_ENTERPRISE(1),
    [GUIDANCE_UNIT] = ITS_UNIT(2),
    [GUIDANCE_DAY] = {3, "day", FT_DATE, FF_REQUIRED | FF_FILTER | FF_SORT | FF_TITLE, .zh = "日期",
                      .en = "Day"},
    [GUIDANCE_DEPARTMENTS] = {4, "departments", FT_TAGS, FF_REQUIRED, .zh = "会同部门",
                              .en = "With which departments"},
    [GUIDANCE_DIRECTIVE] = {5, "directive", FT_TEXT, FF_REQUIRED, .max = 200,
                            .zh = "依据（上级部署）", .en = "Under which directive"},
    [GUIDANCE_TEXT] = {6, "advice", FT_LONGTEXT, FF_TITLE, .max = 500, .zh = "指导内容",
                       .en = "What was advised"},
    [GUIDANCE_BY] = {7, "given_by", FT_REF, FF_FILTER, .ref = "responder", .zh = "指导人",
                     .en = "Given by"},
};

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  not_in_future(c, rec, GUIDANCE_DAY, ps);
  if (!old && rec_null(rec, GUIDANCE_BY) && !uuid_is_nil(&c->viewer->responder))
    rec_set(rec, GUIDANCE_BY, V_UUID(c->viewer->responder));
  return of_enterprise_apply(tx, c, old, rec, ps, e);
}

static int applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  struct record *enterprise;
  const struct uuid id = rec_uuid(rec, GUIDANCE_ENTERPRISE);
  if (old) return 0;
  int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
  if (r < 0 || !rec_null(enterprise, ENTERPRISE_GUIDED_ON)) return r;
  struct change *in = change_make(c->a, c->en, c->viewer, &enterprise_kind, CHANGE_UPDATE);
  in->id = id;
  change_set(in, ENTERPRISE_GUIDED_ON, rec->v[GUIDANCE_DAY]);
  change_set(in, ENTERPRISE_EFFECTIVE_ON, rec->v[GUIDANCE_DAY]);
  return change_within(tx, c, in, e);
}

const struct kind guidance_kind = {
    KIND(64, "guidance", "guidances", "复工指导", "Guidance", guidance_fields), .apply = apply,
    .applied = applied};
