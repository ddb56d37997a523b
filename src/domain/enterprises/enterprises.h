/* Enterprises (企业): the file of each, its way back to work step by step, and the daily return.
 *
 * A return is due because a row says so: one daily_return per enterprise, template and day, made
 * in state `missing` when the day begins (returns_open) and moved on by what is submitted. So the
 * list of who is missing is a list of records, and due = submitted + missing holds by itself. What
 * was submitted each time stays as a return_version. Tables are static; hooks run inside the
 * transaction of their change. */
#ifndef DOMAIN_ENTERPRISES_ENTERPRISES_H
#define DOMAIN_ENTERPRISES_ENTERPRISES_H

#include "app/module.h"

enum {
  ENTERPRISE_NAME,
  ENTERPRISE_CREDIT_CODE,
  ENTERPRISE_UNIT,
  ENTERPRISE_BUILDING,
  ENTERPRISE_ROOM,
  ENTERPRISE_REGISTERED_ADDRESS,
  ENTERPRISE_ADDRESS,
  ENTERPRISE_AREA,
  ENTERPRISE_INDUSTRY,
  ENTERPRISE_HEADCOUNT,
  ENTERPRISE_CONTACT,
  ENTERPRISE_PHONE,
  ENTERPRISE_CALLER,
  ENTERPRISE_UNION,
  ENTERPRISE_REGISTERED_ON,
  ENTERPRISE_PLANNED_ON,
  ENTERPRISE_RESUMED_ON,
  ENTERPRISE_GUIDED_ON,
  ENTERPRISE_CLOSED_ON,
  ENTERPRISE_EFFECTIVE_ON,
  ENTERPRISE_LINK_SERIAL,
  ENTERPRISE_NOTE,
  ENTERPRISE_SHORT_NAMES,
  ENTERPRISE_FIELDS_
};
enum {
  CONTACT_ENTERPRISE,
  CONTACT_UNIT,
  CONTACT_ROLE,
  CONTACT_NAME,
  CONTACT_PHONE,
  CONTACT_FROM,
  CONTACT_TO,
  CONTACT_NOTE,
  CONTACT_EMAIL,
  CONTACT_REMIND,
  CONTACT_LANGUAGE,
  CONTACT_FIELDS_
};
enum {
  STEP_ENTERPRISE,
  STEP_UNIT,
  STEP_FROM_UNIT,
  STEP_STEP,
  STEP_DAY,
  STEP_FROM_STATE,
  STEP_TO_STATE,
  STEP_WAS_GUIDED,
  STEP_GUIDED,
  STEP_REASON,
  STEP_FIELDS_
};
enum {
  TEMPLATE_RETURN_CODE,
  TEMPLATE_RETURN_VERSION,
  TEMPLATE_RETURN_NAME,
  TEMPLATE_RETURN_NAME_EN,
  TEMPLATE_RETURN_UNIT,
  TEMPLATE_RETURN_FROM,
  TEMPLATE_RETURN_TO,
  TEMPLATE_RETURN_DEADLINE,
  TEMPLATE_RETURN_CUTOFF,
  TEMPLATE_RETURN_REMIND,
  TEMPLATE_RETURN_ESCALATE,
  TEMPLATE_RETURN_WEEKDAYS,
  TEMPLATE_RETURN_NOTE,
  TEMPLATE_RETURN_FIELDS_
};
enum {
  TFIELD_TEMPLATE,
  TFIELD_UNIT,
  TFIELD_CODE,
  TFIELD_ORDER,
  TFIELD_GROUP,
  TFIELD_GROUP_EN,
  TFIELD_ZH,
  TFIELD_EN,
  TFIELD_DEFINITION,
  TFIELD_DEFINITION_EN,
  TFIELD_TYPE,
  TFIELD_CHOICES,
  TFIELD_SOURCE,
  TFIELD_KEY,
  TFIELD_REQUIRED,
  TFIELD_CARRIES,
  TFIELD_MAX,
  TFIELD_TO,
  TFIELD_FIELDS_
};
enum {
  TCHECK_TEMPLATE,
  TCHECK_UNIT,
  TCHECK_LEVEL,
  TCHECK_LEFT,
  TCHECK_OP,
  TCHECK_RIGHT,
  TCHECK_ZH,
  TCHECK_EN,
  TCHECK_FIELDS_
};
enum { LEVEL_TEMPLATE, LEVEL_UNIT, LEVEL_LEVEL, LEVEL_DUE_AT, LEVEL_FIELDS_ };
enum {
  RETURN_ENTERPRISE,
  RETURN_UNIT,
  RETURN_TEMPLATE,
  RETURN_CODE,
  RETURN_DAY,
  RETURN_NAME,
  RETURN_VERSION,
  RETURN_CHANNEL,
  RETURN_TAKER,
  RETURN_VALUES,
  RETURN_NIL,
  RETURN_NO_CHANGE,
  RETURN_LATE,
  RETURN_RECEIPT,
  RETURN_SUBMITTED_AT,
  RETURN_REMINDER,
  RETURN_PREVENTION,
  RETURN_PREVENTION_NOTE,
  RETURN_TOTAL,
  RETURN_HUBEI,
  RETURN_AWAY,
  RETURN_RETURNED_TODAY,
  RETURN_PRESENT,
  RETURN_BUILDING,
  RETURN_CALLER,
  RETURN_REASON,
  RETURN_FIELDS_
};
enum {
  VERSION_RETURN,
  VERSION_UNIT,
  VERSION_NUMBER,
  VERSION_DAY,
  VERSION_CHANNEL,
  VERSION_TAKER,
  VERSION_VALUES,
  VERSION_NIL,
  VERSION_NO_CHANGE,
  VERSION_LATE,
  VERSION_BESIDE,
  VERSION_RECEIPT,
  VERSION_PREVENTION,
  VERSION_NOTE,
  VERSION_WITHDRAWN,
  VERSION_FIELDS_
};
enum {
  LINE_ENTERPRISE,
  LINE_UNIT,
  LINE_NAME,
  LINE_HUBEI,
  LINE_LEFT_ON,
  LINE_WHERE,
  LINE_PLAN_BACK_ON,
  LINE_BACK_ON,
  LINE_ISOLATING_UNTIL,
  LINE_AT_WORK_ON,
  LINE_ENDED_ON,
  LINE_NOTE,
  LINE_FIELDS_
};
enum {
  CHASE_ENTERPRISE,
  CHASE_UNIT,
  CHASE_DAY,
  CHASE_OUTCOME,
  CHASE_PROMISE_AT,
  CHASE_NOTE,
  CHASE_BY,
  CHASE_FIELDS_
};
enum {
  LOCK_UNIT,
  LOCK_CODE,
  LOCK_DAY,
  LOCK_TOTALS,
  LOCK_LOCKED_AT,
  LOCK_NOTE,
  LOCK_DUE_AT,
  LOCK_LATE,
  LOCK_FIELDS_
};
enum {
  CHECKLIST_CODE,
  CHECKLIST_NAME,
  CHECKLIST_NAME_EN,
  CHECKLIST_UNIT,
  CHECKLIST_FROM,
  CHECKLIST_TO,
  CHECKLIST_SOURCE,
  CHECKLIST_FIELDS_
};
enum {
  CITEM_CHECKLIST,
  CITEM_UNIT,
  CITEM_CODE,
  CITEM_PLACE,
  CITEM_ZH,
  CITEM_EN,
  CITEM_TYPE,
  CITEM_LEAST,
  CITEM_MOST,
  CITEM_REQUIRED,
  CITEM_DEFINITION,
  CITEM_DEFINITION_EN,
  CITEM_SOURCE,
  CITEM_FIELDS_
};
enum {
  FILING_ENTERPRISE,
  FILING_UNIT,
  FILING_CHECKLIST,
  FILING_PLANNED_ON,
  FILING_FIRST_BATCH,
  FILING_ANSWERS,
  FILING_FILED_ON,
  FILING_CHECKED_ON,
  FILING_FINDINGS,
  FILING_DECIDED_ON,
  FILING_NOTE,
  FILING_ATTENDANCE,
  FILING_AREA,
  FILING_SPACING,
  FILING_STOCK,
  FILING_MEALS,
  FILING_MODE,
  FILING_RETURNED_FOR,
  FILING_FOUND,
  FILING_FIRST,
  FILING_SECOND,
  FILING_SECOND_FINDINGS,
  FILING_FIELDS_
};
enum {
  GUIDANCE_ENTERPRISE,
  GUIDANCE_UNIT,
  GUIDANCE_DAY,
  GUIDANCE_DEPARTMENTS,
  GUIDANCE_DIRECTIVE,
  GUIDANCE_TEXT,
  GUIDANCE_BY,
  GUIDANCE_FIELDS_
};
enum {
  DUTY_ENTERPRISE,
  DUTY_UNIT,
  DUTY_PARTY,
  DUTY_BODY,
  DUTY_PERSON,
  DUTY_PHONE,
  DUTY_TEXT,
  DUTY_FROM,
  DUTY_TO,
  DUTY_FIELDS_
};
enum {
  GAP_UNIT,
  GAP_ENTERPRISE,
  GAP_BUILDING,
  GAP_NAME,
  GAP_KIND,
  GAP_TEXT,
  GAP_FOUND_ON,
  GAP_OWNER,
  GAP_DUE_ON,
  GAP_FIXED_ON,
  GAP_FIELDS_
};

extern const struct kind checklist_kind, checklist_item_kind, filing_kind, guidance_kind,
    responsibility_kind, prevention_gap_kind;
extern const struct kind enterprise_kind, enterprise_contact_kind, resumption_step_kind;
extern const struct kind return_template_kind, template_field_kind, template_check_kind,
    template_level_kind;
extern const struct kind daily_return_kind, return_version_kind, staff_line_kind, chase_note_kind,
    consolidation_kind;
extern const struct module enterprises_module;

extern const struct indicator ind_ent_total, ind_ent_planned, ind_ent_guided, ind_ent_resumed,
    ind_ent_permille;
extern const struct indicator ind_daily_due, ind_daily_submitted, ind_daily_missing, ind_daily_nil,
    ind_daily_late, ind_daily_phone, ind_daily_qq, ind_daily_wechat, ind_daily_mail, ind_daily_link;
extern const struct indicator ind_staff_total, ind_staff_hubei, ind_staff_away, ind_staff_returned,
    ind_staff_present;

/* ---- the enterprise's file: enterprise.c ---- */
void enterprise_check(const struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps);
int enterprise_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e);
int enterprise_applied(struct tx *tx, struct change *c, const struct record *old,
                       const struct record *rec, struct err *e);
void step_contribute(const struct record *r, struct contribs *out);
/* Records that hang on an enterprise stand where it stands. The enterprise is field 0, the unit
 * field 1 of their kinds. */
int of_enterprise_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e);
void contact_check(const struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps);

/* ---- checklists and filings: filings.c, filing_answers.c ---- */
void checklist_check(const struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps);
int checklist_item_apply(struct tx *tx, struct change *c, const struct record *old,
                         struct record *rec, struct problems *ps, struct err *e);
void filing_check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps);
int filing_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e);
int filing_applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e);

/* ---- guidance, responsibilities, gaps: resumption.c ---- */
int guidance_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e);
int guidance_applied(struct tx *tx, struct change *c, const struct record *old,
                     const struct record *rec, struct err *e);
void duty_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
int duty_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e);
void gap_check(const struct change *c, const struct record *old, struct record *rec,
               struct problems *ps);
int gap_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
              struct problems *ps, struct err *e);

/* ---- templates: templates.c, template_cache.c ---- */
void return_template_check(const struct change *c, const struct record *old, struct record *rec,
                           struct problems *ps);
int return_template_apply(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e);
int return_template_applied(struct tx *tx, struct change *c, const struct record *old,
                            const struct record *rec, struct err *e);
void template_field_check(const struct change *c, const struct record *old, struct record *rec,
                          struct problems *ps);
int template_part_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e);

/* ---- returns: returns.c, due.c ---- */
void daily_return_contribute(const struct record *r, struct contribs *out);
int daily_return_apply(struct tx *tx, struct change *c, const struct record *old,
                       struct record *rec, struct problems *ps, struct err *e);
int daily_return_applied(struct tx *tx, struct change *c, const struct record *old,
                         const struct record *rec, struct err *e);
void line_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
int chase_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                struct problems *ps, struct err *e);
void consolidation_check(const struct change *c, const struct record *old, struct record *rec,
                         struct problems *ps);
int consolidation_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e);

#endif
